/*
 * op_notify.c - whom a tenant has told of what happens
 */
#include <pthread.h>
#include <time.h>

#include "base/buf.h"
#include "keys/keys.h"
#include "op/house.h"
#include "op/notify_impl.h"
#include "op/op_account.h"
#include "op/op_tenant.h"

/* ---- who waits ------------------------------------------------------------------ */

static struct {
	pthread_mutex_t lock;
	pthread_cond_t cond;
	bool due;
} wake = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false };

void
notify_wake(void)
{
	pthread_mutex_lock(&wake.lock);
	wake.due = true;
	pthread_cond_signal(&wake.cond);
	pthread_mutex_unlock(&wake.lock);
}

bool
op_notify_wait(int64_t ms)
{
	struct timespec until;
	int rc = 0;
	bool due;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += (time_t)(ms / 1000);
	pthread_mutex_lock(&wake.lock);
	while (!wake.due && rc == 0)
		rc = pthread_cond_clockwait(&wake.cond, &wake.lock, CLOCK_MONOTONIC, &until);
	due = wake.due;
	wake.due = false;
	pthread_mutex_unlock(&wake.lock);
	return due;
}

/* ---- what is set -------------------------------------------------------------------- */

int
op_notify_load(struct ctx *cx, struct notify_row *r)
{
	int found = store_notify_load(cx, r);

	if (found == 0)
		*r = (struct notify_row){ .addresses = "",
			.parts = NOTICE_PARTS,
			.days = "",
			.minutes = NOTIFY_MINUTES };
	return found < 0 ? -1 : 0;
}

const char *
notify_tenant(struct ctx *cx)
{
	return in_system(cx) ? NULL : op_tenant_name(cx);
}

static const char *
secret_aad(struct ctx *cx)
{
	return arena_printf(cx->arena, "notify/%s/secret", cx->tenant);
}

int
notify_secret(struct ctx *cx, const struct notify_row *r, const unsigned char **secret, size_t *len)
{
	return keys_unseal(
	    cx->keeper, secret_aad(cx), r->secret, r->secret_len, cx->arena, secret, len, &cx->err);
}

/* The next line or word of a list; NULL: the end. */
static char *
next_of(char **rest)
{
	char *one;

	while ((one = strsep(rest, "\r\n, ")) != NULL)
		if (*one != '\0')
			return one;
	return NULL;
}

int
notify_channels(struct ctx *cx, const struct notify_row *r, const struct notify_server *s,
    const char ***out, size_t *n)
{
	char *rest = arena_strdup(cx->arena, r->addresses), *one;

	*out = arena_new_array(cx->arena, NOTIFY_ADDRESSES + 1, const char *);
	*n = 0;
	while (s->host != NULL && *n < NOTIFY_ADDRESSES && (one = next_of(&rest)) != NULL)
		(*out)[(*n)++] = arena_printf(cx->arena, CHANNEL_MAIL "%s", one);
	if (r->webhook != NULL && r->secret != NULL)
		(*out)[(*n)++] = CHANNEL_WEBHOOK;
	return 0;
}

/* ---- setting it ---------------------------------------------------------------------- */

/* One a line, none twice. */
static int
take_addresses(struct ctx *cx, const char *typed, const char **out)
{
	char *rest = arena_strdup(cx->arena, typed), *one;
	AUTO_BUF struct buf list = { 0 };
	size_t n = 0;

	while ((one = next_of(&rest)) != NULL) {
		char *line = arena_printf(cx->arena, "%s\n", one);

		if (account_check_email(cx, "addresses", one) < 0)
			return -1;
		if (text_starts(buf_text(&list), line) ||
		    strstr(buf_text(&list), arena_printf(cx->arena, "\n%s", line)) != NULL)
			continue;
		if (n++ == NOTIFY_ADDRESSES) {
			err_set(&cx->err, R_NOTIFY_MANY, "addresses",
			    "at most %d addresses are told", NOTIFY_ADDRESSES);
			return err_hint(&cx->err, "for more people give the address of a list");
		}
		buf_put_text(&list, line);
	}
	*out = arena_strdup(cx->arena, buf_text(&list));
	return 0;
}

/* libcurl judges it again, and certwright-fetch where it leads. */
static int
check_url(struct ctx *cx, const char *url)
{
	size_t n = strlen(url), host = strcspn(url + (n < 8 ? n : 8), "/?#");

	if (n <= NOTIFY_URL_MAX && text_starts(url, "https://") && host > 0 &&
	    memchr(url + 8, '@', host) == NULL) {
		while (*url > ' ' && *url <= '~')
			url++;
		if (*url == '\0')
			return 0;
	}
	err_set(&cx->err, R_NOTIFY_URL, "webhook",
	    "a webhook is an https address without a user name, of at most %d characters",
	    NOTIFY_URL_MAX);
	return err_hint(&cx->err, "for example: https://hooks.example.com/certwright");
}

int
notify_check_ca(struct ctx *cx, const char *field, const char *pem)
{
	if (strlen(pem) <= NOTIFY_CA_MAX && strstr(pem, "-----BEGIN CERTIFICATE-----") != NULL &&
	    strstr(pem, "PRIVATE KEY") == NULL)
		return 0;
	err_set(&cx->err, R_NOTIFY_CA, field, "there is no certificate of a CA in PEM");
	return err_hint(&cx->err,
	    "it begins with -----BEGIN CERTIFICATE-----; empty: the CAs that the system trusts");
}

static int
take_secret(struct ctx *cx, const char *secret, struct notify_row *r)
{
	size_t n = strlen(secret);

	if (text_check(&cx->err, "secret", secret) < 0)
		return -1;
	if (n < NOTIFY_SECRET_MIN || n > NOTIFY_SECRET_MAX) {
		err_set(&cx->err, R_NOTIFY_SECRET, "secret",
		    "the secret of a webhook has %d to %d characters", NOTIFY_SECRET_MIN,
		    NOTIFY_SECRET_MAX);
		return err_hint(&cx->err, "make one: openssl rand -hex 32");
	}
	return keys_seal(
	    cx->keeper, secret_aad(cx), secret, n, cx->arena, &r->secret, &r->secret_len, &cx->err);
}

static int
take_webhook(struct ctx *cx, const struct notify_words *w, struct notify_row *r)
{
	if (w->webhook != NULL)
		r->webhook = w->webhook[0] == '\0' ? NULL : w->webhook;
	if (w->webhook_ca != NULL)
		r->webhook_ca = w->webhook_ca[0] == '\0' ? NULL : w->webhook_ca;
	if (r->webhook == NULL) {
		r->webhook_ca = NULL;
		r->secret = NULL;
		return 0;
	}
	if (check_url(cx, r->webhook) < 0 ||
	    (r->webhook_ca != NULL && notify_check_ca(cx, "webhook_ca", r->webhook_ca) < 0))
		return -1;
	if (w->secret != NULL && w->secret[0] != '\0')
		return take_secret(cx, w->secret, r);
	if (r->secret != NULL)
		return 0;
	err_set(&cx->err, R_FIELD_REQUIRED, "secret", "Secret is required");
	return err_hint(&cx->err, "the receiver tells by it that a message is ours");
}

static int
take(struct ctx *cx, const struct notify_words *w, struct notify_row *r)
{
	if ((w->addresses != NULL && take_addresses(cx, w->addresses, &r->addresses) < 0) ||
	    take_webhook(cx, w, r) < 0 ||
	    (w->parts != NULL && notice_parts(cx, w->parts, &r->parts) < 0) ||
	    (w->days != NULL && notice_days(cx, w->days, &r->days) < 0))
		return -1;
	if (w->minutes < 0)
		return 0;
	r->minutes = w->minutes;
	if (w->minutes <= NOTIFY_MINUTES_MAX)
		return 0;
	return err_set(&cx->err, R_NOTIFY_MINUTES, "minutes",
	    "between two digests there are 0 to %d minutes", NOTIFY_MINUTES_MAX);
}

/* What is on its way to who is not told any more, or at another address, is dropped. */
static int
drop_old(struct ctx *cx, const struct notify_row *was, const struct notify_row *now)
{
	char *rest = arena_strdup(cx->arena, was->addresses), *one;

	while ((one = next_of(&rest)) != NULL) {
		const char *line = arena_printf(cx->arena, "\n%s\n", one);

		if (strstr(arena_printf(cx->arena, "\n%s", now->addresses), line) == NULL &&
		    store_digest_drop(cx, arena_printf(cx->arena, CHANNEL_MAIL "%s", one)) < 0)
			return -1;
	}
	if (was->webhook == NULL ||
	    (now->webhook != NULL && strcmp(was->webhook, now->webhook) == 0))
		return 0;
	return store_digest_drop(cx, CHANNEL_WEBHOOK);
}

int
op_notify_set(struct ctx *cx, const struct notify_words *w)
{
	struct notify_row r, was;

	if (op_notify_load(cx, &r) < 0)
		return -1;
	was = r;
	if (take(cx, w, &r) < 0)
		return -1;
	if (r.since == 0)
		r.since = cx->now;
	if (db_begin(cx) < 0 || drop_old(cx, &was, &r) < 0 || store_notify_save(cx, &r) < 0 ||
	    audit(cx, "notify.set", "", NULL) < 0 || db_commit(cx) < 0)
		return -1;
	notify_wake();
	return 0;
}
