/*
 * op_session.c - who is asking: browser sessions, bearer tokens, CSRF
 */
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/clock.h"
#include "op/known.h"
#include "op/op_doors.h"
#include "op/op_pull.h"
#include "op/op_session.h"
#include "op/op_tenant.h"
#include "store/store.h"

#define TOUCH_EVERY_S 60
#define SECRET_SIZE   32
#define AGENT_MAX     200
#define CLOCK_SLACK_S (5 * 60)
#define TOKEN_PREFIX  "cw_"

int
secret_hash(struct ctx *cx, const char *secret, unsigned char out[32])
{
	if (!EVP_Digest(secret, strlen(secret), out, NULL, EVP_sha256(), NULL))
		return err_set(&cx->err, R_INTERNAL, NULL, "SHA-256 is not available");
	return 0;
}

void
secret_new(struct ctx *cx, char out[SECRET_TEXT_SIZE])
{
	unsigned char bytes[SECRET_SIZE];
	char *text;

	random_bytes(bytes, sizeof(bytes));
	text = base64url_encode(cx->arena, bytes, sizeof(bytes));
	memcpy(out, text, SECRET_TEXT_SIZE);
	OPENSSL_cleanse(bytes, sizeof(bytes));
}

/* SHA-256 over a label and the secret: tells nothing of the secret. */
static int
csrf_of(struct ctx *cx, const char *secret, char out[65])
{
	unsigned char hash[32];
	char *text = arena_printf(cx->arena, "certwright csrf %s", secret);

	if (secret_hash(cx, text, hash) < 0)
		return -1;
	hex_encode(out, hash, sizeof(hash));
	return 0;
}

static int
session_unknown(struct ctx *cx)
{
	err_set(&cx->err, R_SESSION_UNKNOWN, NULL, "not signed in");
	return err_hint(&cx->err, "sign in first");
}

static int
session_over(struct ctx *cx, const char *why)
{
	err_set(&cx->err, R_SESSION_EXPIRED, NULL, "the session is over: %s", why);
	return err_hint(&cx->err, "sign in again");
}

static void
actor_of(struct ctx *cx, const struct account *account)
{
	memcpy(cx->actor.id, account->id, sizeof(cx->actor.id));
	memcpy(
	    cx->actor.name, account->name, strnlen(account->name, sizeof(cx->actor.name) - 1) + 1);
	cx->actor.name[sizeof(cx->actor.name) - 1] = '\0';
	memcpy(cx->actor.tenant, account->tenant, sizeof(cx->actor.tenant));
	cx->actor.role = account->role;
}

void
actor_nobody(struct ctx *cx)
{
	struct actor *a = &cx->actor;

	a->kind = ACTOR_NOBODY;
	a->role = ROLE_NONE;
	a->tenant[0] = a->id[0] = a->name[0] = a->session[0] = a->csrf[0] = '\0';
	a->seen_at = 0;
}

/* The account behind a session or token as it is now (P27). */
static int
current_account(struct ctx *cx, const char *id, int64_t epoch, struct account *out)
{
	if (store_account_load(cx, id, out) < 0) {
		if (cx->err.kind == ERR_NOTFOUND)
			err_clear(&cx->err);
		return -1;
	}
	return out->enabled && out->epoch == epoch ? 0 : -1;
}

int
op_authenticate_cookie(struct ctx *cx, const char *secret)
{
	struct session s;
	struct account account;
	unsigned char hash[32];

	actor_nobody(cx);
	if (secret == NULL || strlen(secret) != SECRET_TEXT_SIZE - 1)
		return session_unknown(cx);
	if (secret_hash(cx, secret, hash) < 0)
		return -1;
	if (store_session_find(cx, hash, &s) < 0) {
		if (cx->err.kind == ERR_NOTFOUND)
			err_clear(&cx->err);
		return session_unknown(cx);
	}
	if (doors_shut(cx, s.tenant))
		return session_unknown(cx);
	memcpy(cx->tenant, s.tenant, sizeof(cx->tenant));
	if (cx->now >= s.expires_at)
		return session_over(cx, "it was not used for a while");
	if (s.seen_at - cx->now > CLOCK_SLACK_S)
		return session_over(cx, "the clock was set back"); /* P36 */
	if (op_tenant_open(cx, s.tenant) < 0)
		return -1;
	if (current_account(cx, s.account, s.epoch, &account) < 0)
		return session_over(cx, "the account was changed");
	if (csrf_of(cx, secret, cx->actor.csrf) < 0)
		return -1;
	actor_of(cx, &account);
	memcpy(cx->actor.session, s.id, sizeof(s.id));
	if (s.half) {
		cx->actor.role = ROLE_NONE;
		err_set(&cx->err, R_SESSION_HALF, NULL, "the sign-in is not complete");
		return err_hint(&cx->err, "finish it at /sign-in/code");
	}
	cx->actor.kind = ACTOR_ACCOUNT;
	cx->actor.seen_at = s.seen_at;
	return 0;
}

static int
token_refused(struct ctx *cx, enum refusal r, const char *why)
{
	err_set(&cx->err, r, NULL, "%s", why);
	return err_hint(&cx->err, "make a new token: certwright token create");
}

static int
token_unknown(struct ctx *cx)
{
	return token_refused(cx, R_TOKEN_UNKNOWN, "the token is not known here");
}

static int
look_up_token(struct ctx *cx, const unsigned char hash[32])
{
	uint64_t rights = db_rights(cx);
	struct token t;
	struct account account;

	if (store_token_find(cx, hash, &t) < 0) {
		if (cx->err.kind == ERR_NOTFOUND)
			err_clear(&cx->err);
		return token_unknown(cx);
	}
	if (doors_shut(cx, t.tenant))
		return token_unknown(cx);
	if (t.revoked)
		return token_refused(cx, R_TOKEN_REVOKED, "the token was revoked");
	if (cx->now >= t.expires_at)
		return token_refused(cx, R_TOKEN_EXPIRED, "the token has expired");
	memcpy(cx->tenant, t.tenant, sizeof(cx->tenant));
	if (op_tenant_open(cx, t.tenant) < 0)
		return -1;
	if (t.account[0] == '\0') {
		memcpy(cx->actor.name, "local administrator", sizeof("local administrator"));
		memcpy(cx->actor.tenant, TENANT_SYSTEM, sizeof(TENANT_SYSTEM));
		cx->actor.role = ROLE_SUPER;
	} else if (current_account(cx, t.account, t.epoch, &account) < 0) {
		return token_refused(
		    cx, R_TOKEN_REVOKED, "the token ended when its account was changed");
	} else {
		actor_of(cx, &account);
	}
	cx->actor.kind = ACTOR_TOKEN;
	memcpy(cx->actor.session, t.id, sizeof(t.id));
	cx->actor.seen_at = t.used_at;
	known_keep(cx, hash, rights, t.expires_at);
	return 0;
}

int
op_authenticate_token(struct ctx *cx, const char *secret)
{
	unsigned char hash[32];

	actor_nobody(cx);
	if (secret == NULL ||
	    !(text_starts(secret, TOKEN_PREFIX) || text_starts(secret, PULL_PREFIX)) ||
	    strlen(secret) > 128)
		return token_unknown(cx);
	if (secret_hash(cx, secret, hash) < 0)
		return -1;
	if (text_starts(secret, PULL_PREFIX))
		return op_pull_recognise(cx, hash);
	if (!known_take(cx, hash))
		return look_up_token(cx, hash);
	if (!doors_shut(cx, cx->actor.tenant))
		return 0;
	actor_nobody(cx);
	return token_unknown(cx);
}

bool
op_session_touch_due(const struct ctx *cx)
{
	const struct actor *a = &cx->actor;

	return (a->kind == ACTOR_ACCOUNT || a->kind == ACTOR_TOKEN) &&
	    cx->now - a->seen_at >= TOUCH_EVERY_S;
}

/* End of the session from its last use, never past its full life. */
static int64_t
session_end(int64_t created, int64_t now)
{
	int64_t idle = now + SESSION_IDLE_S, life = created + SESSION_LIFE_S;

	return idle < life ? idle : life;
}

static int
touch_session(struct ctx *cx)
{
	struct session *list;
	size_t n;

	if (store_session_list(cx, cx->actor.id, &list, &n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (strcmp(list[i].id, cx->actor.session) == 0)
			return store_session_touch(
			    cx, list[i].id, cx->now, session_end(list[i].created_at, cx->now));
	}
	return 0; /* ended meanwhile */
}

void
op_session_touch(struct ctx *cx)
{
	struct err kept = cx->err;
	bool read_only = cx->read_only;
	int rc;

	if (!op_session_touch_due(cx) || db_in_transaction(cx))
		return;
	memcpy(cx->tenant, cx->actor.tenant, sizeof(cx->tenant)); /* of the account */
	err_clear(&cx->err);
	cx->read_only = false; /* the answer to a GET is out by now */
	if (db_begin(cx) == 0) {
		rc = cx->actor.kind == ACTOR_TOKEN
		    ? store_token_touch(cx, cx->actor.session, cx->now)
		    : touch_session(cx);
		if (rc < 0 || db_commit(cx) < 0)
			db_rollback(cx);
		else
			cx->actor.seen_at = cx->now;
	}
	cx->read_only = read_only;
	cx->err = kept;
}

const char *
op_csrf_token(struct ctx *cx)
{
	return cx->actor.csrf;
}

int
op_csrf_check(struct ctx *cx, const char *token)
{
	const char *want = cx->actor.csrf;

	if (want[0] != '\0' && token != NULL && strlen(token) == strlen(want) &&
	    CRYPTO_memcmp(token, want, strlen(want)) == 0)
		return 0;
	err_set(&cx->err, R_CSRF, NULL, "the form does not belong to this session");
	return err_hint(&cx->err, "load the page again and repeat");
}

/* A stranger's words about the browser: printable, and no more than fits. */
static const char *
agent_shown(struct ctx *cx, const char *agent)
{
	char *out = arena_printf(cx->arena, "%.*s", AGENT_MAX, agent == NULL ? "" : agent);

	for (char *p = out; *p != '\0'; p++)
		if (*p < ' ' || *p > '~')
			*p = '?';
	return out;
}

int
session_open(struct ctx *cx, const struct account *account, const char *agent, bool half,
    char secret[SECRET_TEXT_SIZE])
{
	struct session s = { 0 };
	unsigned char hash[32];

	secret_new(cx, secret);
	if (secret_hash(cx, secret, hash) < 0)
		return -1;
	id_new(s.id);
	memcpy(s.account, account->id, sizeof(s.account));
	s.epoch = account->epoch;
	s.created_at = s.seen_at = cx->now;
	s.expires_at = half ? cx->now + SESSION_HALF_S : session_end(cx->now, cx->now);
	s.source = cx->actor.source;
	s.agent = agent_shown(cx, agent);
	s.half = half;
	if (store_session_expire(cx, cx->now) < 0 || store_session_insert(cx, &s, hash) < 0 ||
	    csrf_of(cx, secret, cx->actor.csrf) < 0)
		return -1;
	actor_of(cx, account);
	memcpy(cx->actor.session, s.id, sizeof(s.id));
	if (half)
		cx->actor.role = ROLE_NONE;
	else
		cx->actor.kind = ACTOR_ACCOUNT;
	cx->actor.seen_at = cx->now;
	return 0;
}

/* ---- own sessions --------------------------------------------------------- */
static int
account_only(struct ctx *cx)
{
	if (cx->actor.id[0] != '\0')
		return 0;
	err_set(&cx->err, R_ACCOUNT_NONE, NULL, "the local administrator has no account");
	return err_hint(&cx->err, "sign in at the portal, or use a token of an account");
}

int
op_session_list(struct ctx *cx, struct session **out, size_t *n)
{
	if (account_only(cx) < 0)
		return -1;
	return store_session_list(cx, cx->actor.id, out, n);
}

int
op_session_end(struct ctx *cx, const char *id)
{
	struct session *list;
	size_t n;
	bool own = false;

	if (account_only(cx) < 0 || db_begin(cx) < 0 ||
	    store_session_list(cx, cx->actor.id, &list, &n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		own = own || strcmp(list[i].id, id) == 0;
	if (!own)
		return err_set(&cx->err, R_SESSION_NONE, NULL, "there is no such session");
	if (store_session_delete(cx, cx->actor.id, id) < 0 ||
	    audit(cx, "session.end", id, NULL) < 0)
		return -1;
	return db_commit(cx);
}

int
op_sign_out(struct ctx *cx)
{
	if (cx->actor.session[0] == '\0' || cx->actor.id[0] == '\0')
		return 0; /* nothing to end */
	if (db_begin(cx) < 0 || store_session_delete(cx, cx->actor.id, cx->actor.session) < 0 ||
	    audit(cx, "session.sign-out", cx->actor.session, NULL) < 0)
		return -1;
	return db_commit(cx);
}

int
op_sign_out_everywhere(struct ctx *cx)
{
	if (account_only(cx) < 0 || db_begin(cx) < 0 ||
	    store_session_delete(cx, cx->actor.id, NULL) < 0 ||
	    audit(cx, "session.sign-out-everywhere", cx->actor.id, NULL) < 0)
		return -1;
	return db_commit(cx);
}
