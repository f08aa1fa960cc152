/*
 * custodian.c - nobody lets a key leave alone (P15)
 */
#include <pthread.h>
#include <stdio.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/clock.h"
#include "keeper/custodian.h"
#include "keeper/journal.h"
#include "keeper/totp.h"
#include "keeper/vault.h"

#define WRONG_MAX     5 /* codes of one custodian, in */
#define WRONG_MS      60000
#define STEPS_AN_HOUR 120 /* the clock went back further than that: start anew */
#define TICKETS_MAX   64

struct ticket {
	unsigned char secret[TICKET_SIZE];
	char id[ID_SIZE], act[256];
	int64_t until; /* monotonic, ms; 0: free */
};

/* Of a custodian while this process runs. */
struct seen {
	char id[ID_SIZE];
	int64_t step; /* the newest that was used */
	int64_t wrong_since;
	unsigned wrong;
};

struct custodians {
	struct vault *vault;
	struct journal *journal;
	pthread_mutex_t lock;
	struct seen seen[CUSTODIANS_MAX];
	struct ticket tickets[TICKETS_MAX];
};

struct custodians *
custodians_new(struct vault *v, struct journal *j)
{
	struct custodians *c = calloc(1, sizeof(*c));

	if (c == NULL)
		abort();
	c->vault = v;
	c->journal = j;
	pthread_mutex_init(&c->lock, NULL);
	return c;
}

void
custodians_free(struct custodians *c)
{
	if (c == NULL)
		return;
	explicit_bzero(c, sizeof(*c));
	free(c);
}

static void
digest(const struct bytes *b, unsigned char out[32])
{
	if (EVP_Digest(b->data, b->len, out, NULL, EVP_sha256(), NULL) != 1)
		abort();
}

/* ---- codes ------------------------------------------------------------------ */
static int
code_wrong(struct err *e)
{
	err_set(e, R_CODE_WRONG, "code", "the code is wrong or no longer valid");
	return err_hint(e, "use the code shown now; check the clock of the telephone");
}

/* The front keeps the seed under this name, as PROTOCOL.keeper says. */
static int
unseal(struct custodians *c, const struct codeholder *h, struct buf *seed, struct err *e)
{
	char place[256];

	snprintf(place, sizeof(place), "account/%s/%s/totp", h->tenant, h->id);
	return vault_unseal(c->vault, place, &h->seed, seed, e);
}

static int
judge(struct custodians *c, const struct codeholder *h, uint32_t code, int64_t *step, struct err *e)
{
	AUTO_BUF struct buf plain = { 0 };
	struct bytes seed;

	if (unseal(c, h, &plain, e) < 0)
		return -1;
	seed = (struct bytes){ plain.data, plain.len };
	return totp_fits(&seed, code, clock_wall(), step) ? 0 : code_wrong(e);
}

/* Of a custodian that is there now; those of one that left are used again. */
static struct seen *
seen_of(struct custodians *c, const struct roster *r, const char *id)
{
	struct seen *s = NULL;

	for (size_t i = 0; i < CUSTODIANS_MAX; i++) {
		if (strcmp(c->seen[i].id, id) == 0)
			return &c->seen[i];
		if (roster_find(r, c->seen[i].id) == NULL)
			s = &c->seen[i];
	}
	if (s == NULL)
		abort(); /* there are as many as custodians */
	memset(s, 0, sizeof(*s));
	snprintf(s->id, sizeof(s->id), "%s", id);
	return s;
}

/* A custodian's: few wrong ones a minute, each right one once. Lock held. */
static int
judge_once(struct custodians *c, const struct roster *r, const struct codeholder *h, uint32_t code,
    int64_t *step, struct err *e)
{
	struct seen *s = seen_of(c, r, h->id);
	int64_t now = clock_monotonic_ms();

	if (now - s->wrong_since > WRONG_MS) {
		s->wrong_since = now;
		s->wrong = 0;
	}
	if (s->wrong >= WRONG_MAX) {
		err_set(e, R_CODE_LIMIT, "code", "there were too many wrong codes");
		return err_hint(e, "wait a minute");
	}
	if (judge(c, h, code, step, e) < 0) {
		s->wrong += e->refusal == R_CODE_WRONG;
		return -1;
	}
	if (*step <= s->step && s->step <= *step + STEPS_AN_HOUR) {
		err_set(e, R_TOTP_USED, "code", "this code was used already");
		return err_hint(e, "wait for the next code of your authenticator");
	}
	s->step = *step;
	return 0;
}

int
custodians_code(
    struct custodians *c, const struct codeholder *h, uint32_t code, int64_t *step, struct err *e)
{
	const struct custodian *one;
	unsigned char seed[32];
	struct roster r;
	int rc;

	digest(&h->seed, seed);
	pthread_mutex_lock(&c->lock);
	journal_roster(c->journal, &r);
	one = roster_find_seed(&r, seed);
	rc = one != NULL && strcmp(one->id, h->id) == 0 ? judge_once(c, &r, h, code, step, e)
							: judge(c, h, code, step, e);
	pthread_mutex_unlock(&c->lock);
	return rc;
}

/* ---- tickets ------------------------------------------------------------------ */
/* A free place, else that of the one that ends first. */
static struct ticket *
place(struct custodians *c)
{
	struct ticket *t = &c->tickets[0];

	for (size_t i = 1; i < TICKETS_MAX; i++)
		if (c->tickets[i].until < t->until)
			t = &c->tickets[i];
	return t;
}

static int
check_custodian(const struct roster *r, const struct codeholder *h, struct err *e)
{
	const struct custodian *one = roster_find(r, h->id);
	unsigned char seed[32];

	if (one == NULL) {
		err_set(e, R_CUSTODIAN_NOT, NULL, "this account is not a custodian");
		return err_hint(e, "two custodians let a key leave; `certwright custodian list`");
	}
	digest(&h->seed, seed);
	if (memcmp(seed, one->seed, sizeof(seed)) == 0)
		return 0;
	err_set(e, R_CUSTODIAN_SEED, NULL,
	    "the one-time codes of this account are not those it became a custodian with");
	return err_hint(e, "two other custodians can remove it and add it again");
}

int
custodians_approve(struct custodians *c, const struct codeholder *h, uint32_t code, const char *act,
    unsigned char ticket[TICKET_SIZE], int64_t *step, struct err *e)
{
	struct ticket *t;
	struct roster r;
	int rc;

	pthread_mutex_lock(&c->lock);
	journal_roster(c->journal, &r);
	if ((rc = check_custodian(&r, h, e)) == 0 &&
	    (rc = judge_once(c, &r, h, code, step, e)) == 0) {
		t = place(c);
		random_bytes(t->secret, sizeof(t->secret));
		memcpy(ticket, t->secret, sizeof(t->secret));
		snprintf(t->id, sizeof(t->id), "%s", h->id);
		snprintf(t->act, sizeof(t->act), "%s", act);
		t->until = clock_monotonic_ms() + TICKET_LIFE_S * INT64_C(1000);
	}
	pthread_mutex_unlock(&c->lock);
	return rc;
}

static struct ticket *
find(struct custodians *c, const struct roster *r, const unsigned char *secret, const char *act)
{
	int64_t now = clock_monotonic_ms();

	for (size_t i = 0; i < TICKETS_MAX; i++) {
		struct ticket *t = &c->tickets[i];

		if (t->until > now && CRYPTO_memcmp(t->secret, secret, TICKET_SIZE) == 0)
			return strcmp(t->act, act) == 0 && roster_find(r, t->id) != NULL ? t : NULL;
	}
	return NULL;
}

/* Lock held. */
static int
spend(struct custodians *c, const struct roster *r, const struct bytes *tickets, const char *act,
    struct err *e)
{
	struct ticket *a, *b;

	if (r->n < CUSTODIANS_TWO)
		return 0;
	if (tickets->len != (size_t)CUSTODIANS_TWO * TICKET_SIZE) {
		err_set(e, R_SECOND_PERSON, NULL, "this takes two custodians");
		return err_hint(e, "each approves with a one-time code");
	}
	a = find(c, r, tickets->data, act);
	b = find(c, r, tickets->data + TICKET_SIZE, act);
	if (a == NULL || b == NULL) {
		err_set(e, R_TICKET, NULL, "an approval is for something else, spent or too old");
		return err_hint(e, "approve again; an approval is good for %d minutes and one use",
		    TICKET_LIFE_S / 60);
	}
	if (strcmp(a->id, b->id) == 0)
		return err_set(
		    e, R_SECOND_PERSON, NULL, "both approvals are of the same custodian");
	explicit_bzero(a, sizeof(*a));
	explicit_bzero(b, sizeof(*b));
	return 0;
}

int
custodians_spend(struct custodians *c, const struct bytes *tickets, const char *act, struct err *e)
{
	struct roster r;
	int rc;

	pthread_mutex_lock(&c->lock);
	journal_roster(c->journal, &r);
	rc = spend(c, &r, tickets, act, e);
	pthread_mutex_unlock(&c->lock);
	return rc;
}

/* ---- who they are ---------------------------------------------------------------- */
static int
check_new(struct custodians *c, const struct roster *r, const struct codeholder *h, struct err *e)
{
	AUTO_BUF struct buf plain = { 0 };

	if (roster_find(r, h->id) != NULL)
		return err_set(e, R_CUSTODIAN_IS, NULL, "this account is a custodian already");
	if (r->n == CUSTODIANS_MAX)
		return err_set(
		    e, R_CUSTODIAN_FULL, NULL, "there are %d custodians, no more", CUSTODIANS_MAX);
	return unseal(c, h, &plain, e);
}

int
custodians_add(
    struct custodians *c, const struct codeholder *h, const struct bytes *tickets, struct err *e)
{
	unsigned char seed[32];
	char act[256], hex[65];
	struct roster r;
	int rc;

	digest(&h->seed, seed);
	hex_encode(hex, seed, sizeof(seed));
	snprintf(act, sizeof(act), "custodian add %s %s", h->id, hex);
	pthread_mutex_lock(&c->lock);
	journal_roster(c->journal, &r);
	if ((rc = check_new(c, &r, h, e)) == 0 && (rc = spend(c, &r, tickets, act, e)) == 0)
		rc = journal_append_custodian(c->journal, h->id, seed, e);
	pthread_mutex_unlock(&c->lock);
	return rc;
}

int
custodians_remove(struct custodians *c, const char *id, const struct bytes *tickets, struct err *e)
{
	struct roster r;
	char act[256];
	int rc;

	snprintf(act, sizeof(act), "custodian remove %s", id);
	pthread_mutex_lock(&c->lock);
	journal_roster(c->journal, &r);
	if (roster_find(&r, id) == NULL)
		rc = err_set(e, R_CUSTODIAN_NOT, NULL, "this account is not a custodian");
	else if ((rc = spend(c, &r, tickets, act, e)) == 0)
		rc = journal_append_custodian(c->journal, id, NULL, e);
	pthread_mutex_unlock(&c->lock);
	return rc;
}

void
custodians_list(struct custodians *c, struct buf *out)
{
	struct roster r;

	buf_reset(out);
	journal_roster(c->journal, &r);
	for (size_t i = 0; i < r.n; i++)
		buf_put_cstring(out, r.v[i].id);
}

bool
custodians_own(struct custodians *c, const struct bytes *sealed)
{
	unsigned char seed[32];
	struct roster r;

	digest(sealed, seed);
	journal_roster(c->journal, &r);
	return roster_find_seed(&r, seed) != NULL;
}
