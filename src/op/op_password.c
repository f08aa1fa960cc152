/*
 * op_password.c - what a password must be, and how it is kept
 */
#include <argon2.h>
#include <jansson.h>
#include <openssl/crypto.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <zxcvbn.h>

#include "base/clock.h"
#include "base/limits.h"
#include "keys/keys.h"
#include "op/op_attempt.h"
#include "op/op_password.h"
#include "store/store.h"

/*
 * Argon2id with the least that OWASP asks for: 36 ms and 19 MiB. At most two
 * at once, so that a flood of sign-ins costs bounded memory (P31).
 */
#define ARGON2_T  2
#define ARGON2_M  19456
#define ARGON2_P  1
#define SALT_SIZE 16
#define AT_ONCE	  2

const struct password_policy password_policy_default = {
	.expiry_days = 365,
	.inactivity_days = 180,
	.max_failures = 5,
	.complexity = false,
};

static sem_t turn;
static pthread_once_t turn_once = PTHREAD_ONCE_INIT;

static void
turn_make(void)
{
	sem_init(&turn, 0, AT_ONCE);
}

/*
 * Who waits for his turn holds a worker. Few of one address may, and fewer in
 * all than there are workers: a flood of sign-ins leaves the others theirs.
 */
#define WAIT_OF_ONE 8
#define WAIT_IN_ALL 32

static struct {
	pthread_mutex_t lock;
	struct {
		char source[64];
		unsigned n;
	} v[WAIT_IN_ALL];
	unsigned n;
} waiting = { .lock = PTHREAD_MUTEX_INITIALIZER };

/* A place, or -1: R_SIGNIN_BUSY. The local administrator finds one always. */
static int
wait_enter(struct ctx *cx)
{
	const char *source = attempt_source(cx);
	int free = -1, place = -1;

	pthread_mutex_lock(&waiting.lock);
	for (int i = 0; i < WAIT_IN_ALL; i++) {
		if (waiting.v[i].n == 0)
			free = i;
		else if (strcmp(waiting.v[i].source, source) == 0)
			place = i;
	}
	if (place < 0)
		place = free;
	if (place >= 0 && waiting.v[place].n < WAIT_OF_ONE && waiting.n < WAIT_IN_ALL) {
		snprintf(waiting.v[place].source, sizeof(waiting.v[place].source), "%s", source);
		waiting.v[place].n++;
		waiting.n++;
	} else {
		place = -1;
	}
	pthread_mutex_unlock(&waiting.lock);
	if (place >= 0)
		return place;
	err_set(&cx->err, R_SIGNIN_BUSY, NULL, "too many passwords are being checked just now");
	return err_hint(&cx->err, "try again in a moment");
}

static void
wait_leave(int place)
{
	pthread_mutex_lock(&waiting.lock);
	waiting.v[place].n--;
	waiting.n--;
	pthread_mutex_unlock(&waiting.lock);
}

static int
argon2_hmac(struct ctx *cx, const char *password, const unsigned char salt[SALT_SIZE],
    unsigned char out[32])
{
	unsigned char raw[8 + 32] = "password";
	bool local = cx->actor.kind == ACTOR_LOCAL || cx->actor.kind == ACTOR_SYSTEM;
	int place = local ? -1 : wait_enter(cx), rc;

	if (!local && place < 0)
		return -1;
	pthread_once(&turn_once, turn_make);
	while (sem_wait(&turn) < 0)
		; /* a signal: wait on */
	rc = argon2id_hash_raw(
	    ARGON2_T, ARGON2_M, ARGON2_P, password, strlen(password), salt, SALT_SIZE, raw + 8, 32);
	sem_post(&turn);
	if (place >= 0)
		wait_leave(place);
	if (rc == ARGON2_MEMORY_ALLOCATION_ERROR)
		return err_nomem(&cx->err);
	if (rc != ARGON2_OK)
		return err_set(&cx->err, R_INTERNAL, NULL, "Argon2: %s", argon2_error_message(rc));
	rc = keys_hmac(cx->keeper, raw, sizeof(raw), out, &cx->err);
	OPENSSL_cleanse(raw, sizeof(raw));
	return rc;
}

int
password_hash(struct ctx *cx, const char *password, const char **stored)
{
	unsigned char salt[SALT_SIZE], mac[32];

	random_bytes(salt, sizeof(salt));
	if (argon2_hmac(cx, password, salt, mac) < 0)
		return -1;
	*stored = arena_printf(cx->arena, "argon2id$v=19$m=%d,t=%d,p=%d$%s$%s", ARGON2_M, ARGON2_T,
	    ARGON2_P, hex_of(cx->arena, salt, sizeof(salt)), hex_of(cx->arena, mac, sizeof(mac)));
	OPENSSL_cleanse(mac, sizeof(mac));
	return 0;
}

/* Takes "...$salt$mac" apart; false for NULL or what we did not write. */
static bool
stored_parse(const char *stored, unsigned char salt[SALT_SIZE], unsigned char mac[32])
{
	char head[64], salt_hex[2 * SALT_SIZE + 1], mac_hex[65];
	size_t n, m;

	if (stored == NULL ||
	    sscanf(stored, "%63[^$]$v=19$m=19456,t=2,p=1$%32[0-9a-f]$%64[0-9a-f]", head, salt_hex,
		mac_hex) != 3 ||
	    strcmp(head, "argon2id") != 0)
		return false;
	return hex_decode(salt, SALT_SIZE, salt_hex, &n) == 0 && n == SALT_SIZE &&
	    hex_decode(mac, 32, mac_hex, &m) == 0 && m == 32;
}

int
password_verify(struct ctx *cx, const char *password, const char *stored)
{
	unsigned char salt[SALT_SIZE] = { 0 }, want[32] = { 0 }, mac[32];
	bool known = stored_parse(stored, salt, want);
	int same;

	/* Nobody of that name: the same work, so that time does not tell. */
	if (argon2_hmac(cx, password, salt, mac) < 0)
		return -1;
	same = CRYPTO_memcmp(mac, want, sizeof(mac)) == 0;
	OPENSSL_cleanse(mac, sizeof(mac));
	return known && same;
}

/* ---- rules -------------------------------------------------------------- */
struct counts {
	size_t characters, upper, lower, digits, special;
	size_t run; /* longest run of one character */
};

static struct counts
count(const char *s)
{
	struct counts n = { 0 };
	uint32_t c, before = 0;
	size_t run = 0;

	while ((c = utf8_next(&s)) != 0) {
		n.characters++;
		if (c >= 'A' && c <= 'Z')
			n.upper++;
		else if (c >= 'a' && c <= 'z')
			n.lower++;
		else if (c >= '0' && c <= '9')
			n.digits++;
		else
			n.special++;
		run = c == before ? run + 1 : 1;
		before = c;
		if (run > n.run)
			n.run = run;
	}
	return n;
}

static int
check_complex(struct ctx *cx, const char *field, const struct counts *n)
{
	struct err *e = &cx->err;

	if (n->upper < 2)
		return err_set(e, R_PASSWORD_UPPER, field,
		    "the password needs at least 2 upper-case letters (it has %zu)", n->upper);
	if (n->lower < 2)
		return err_set(e, R_PASSWORD_LOWER, field,
		    "the password needs at least 2 lower-case letters (it has %zu)", n->lower);
	if (n->digits < 2)
		return err_set(e, R_PASSWORD_DIGITS, field,
		    "the password needs at least 2 digits (it has %zu)", n->digits);
	if (n->special < 2)
		return err_set(e, R_PASSWORD_SPECIAL, field,
		    "the password needs at least 2 special characters (it has %zu)", n->special);
	if (n->run > 2)
		return err_set(e, R_PASSWORD_REPEAT, field,
		    "the password has %zu equal characters in a row; at most 2 are allowed",
		    n->run);
	return 0;
}

static double
strength(struct ctx *cx, const char *name, const char *email, const char *password)
{
	const char *words[6] = { "certwright", "portal", name, email, NULL, NULL };
	const char *at = strchr(email, '@');

	if (at != NULL)
		words[4] = arena_printf(cx->arena, "%.*s", (int)(at - email), email);
	return ZxcvbnMatch(password, words, NULL);
}

int
password_check(struct ctx *cx, const struct password_policy *policy, const char *field,
    const char *name, const char *email, const char *password)
{
	struct counts n;
	size_t least = policy->complexity ? PASSWORD_MIN_COMPLEX : PASSWORD_MIN;

	if (text_check(&cx->err, field, password) < 0)
		return -1;
	if (strlen(password) > LIMIT_PASSWORD)
		return err_set(&cx->err, R_PASSWORD_LONG, field,
		    "the password is longer than %d bytes", LIMIT_PASSWORD);
	n = count(password);
	if (n.characters < least) {
		err_set(&cx->err, R_PASSWORD_SHORT, field,
		    "the password needs at least %zu characters (it has %zu)", least, n.characters);
		return err_hint(&cx->err,
		    "a few words that do not belong together are easy "
		    "to keep in mind");
	}
	if (policy->complexity && check_complex(cx, field, &n) < 0)
		return -1;
	if (strength(cx, name, email, password) < PASSWORD_MIN_BITS) {
		err_set(&cx->err, R_PASSWORD_GUESSABLE, field, "the password is too easy to guess");
		return err_hint(&cx->err,
		    "leave out names, dates and common words, or add "
		    "words that do not belong together");
	}
	return 0;
}

/* ---- the Passwords page ----------------------------------------------------- */
#define SETTING "password-policy"

int
op_password_policy_load(struct ctx *cx, struct password_policy *p)
{
	const char *text;
	json_t *j;

	*p = password_policy_default;
	if (store_setting_load(cx, SETTING, &text) < 0)
		return -1;
	if (text == NULL || (j = json_loads(text, 0, NULL)) == NULL)
		return 0;
	p->expiry_days = json_integer_value(json_object_get(j, "expiry_days"));
	p->inactivity_days = json_integer_value(json_object_get(j, "inactivity_days"));
	p->max_failures = json_integer_value(json_object_get(j, "max_failures"));
	p->complexity = json_is_true(json_object_get(j, "complexity"));
	json_decref(j);
	return 0;
}

static int
within(struct ctx *cx, const char *field, const char *label, int64_t value, int64_t max)
{
	if (value >= 0 && value <= max)
		return 0;
	return err_set(&cx->err, R_POLICY_RANGE, field, "%s must be from 0 (never) to %lld", label,
	    (long long)max);
}

static int
policy_write(struct ctx *cx, const struct password_policy *p, const char *action)
{
	const char *text = arena_printf(cx->arena,
	    "{\"complexity\":%s,\"expiry_days\":%lld,"
	    "\"inactivity_days\":%lld,\"max_failures\":%lld}",
	    p->complexity ? "true" : "false", (long long)p->expiry_days,
	    (long long)p->inactivity_days, (long long)p->max_failures);

	if (db_begin(cx) < 0 || store_setting_save(cx, SETTING, text) < 0 ||
	    audit(cx, action, "", text) < 0)
		return -1;
	return db_commit(cx);
}

int
op_password_policy_save(struct ctx *cx, const struct password_policy *p)
{
	if (within(cx, "expiry_days", "days until expiry", p->expiry_days, 3650) < 0 ||
	    within(cx, "inactivity_days", "days of inactivity", p->inactivity_days, 3650) < 0 ||
	    within(cx, "max_failures", "failed attempts before lock", p->max_failures, 100) < 0)
		return -1;
	return policy_write(cx, p, "password-policy.save");
}

int
op_password_policy_reset(struct ctx *cx)
{
	return policy_write(cx, &password_policy_default, "password-policy.default");
}
