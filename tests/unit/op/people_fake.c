/*
 * people_fake.c - a ctx over a fresh database, and a keeper in this process
 */
#include <sys/random.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <oath.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/audit_export.h"
#include "base/clock.h"
#include "op/known.h"
#include "op/op_approval.h"
#include "people_fake.h"

struct keeper_state fake_keeper;
int fake_others_anchor;
enum refusal fake_unseal_refusal;
char fake_custodians[4][ID_SIZE];
size_t fake_ncustodians;
static EVP_PKEY *audit_key;
static struct ctx *clock_of;

/* ---- the clock shows the time of the request: no test hangs on the day it runs --- */

int64_t
clock_wall(void)
{
	return clock_of->now;
}

int64_t
clock_wall_ms(void)
{
	return clock_of->now * 1000;
}

int64_t
clock_monotonic_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

void
random_bytes(void *p, size_t n)
{
	assert_int_equal(getrandom(p, n, 0), n); /* up to 256 bytes come at once */
}

/* ---- the keeper -------------------------------------------------------------------- */

/* Nothing is delivered from a test of one process. */
int
keys_deliver(struct keeper *k, const void *blob, size_t len, const unsigned char ticket[32],
    const char *target, struct err *e)
{
	return err_set(e, R_DELIVER_GONE, NULL, "said by the test");
}

void (*fake_meanwhile)(void);

int
keys_hmac(struct keeper *k, const void *data, size_t len, unsigned char out[32], struct err *e)
{
	void (*meanwhile)(void) = fake_meanwhile;
	size_t n;

	fake_meanwhile = NULL;
	if (meanwhile != NULL)
		meanwhile();
	assert_non_null(
	    EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, "fake key", 8, data, len, out, 32, &n));
	return 0;
}

/* SHA-256 of the aad, then the secret, xored: enough to see both matter. */
int
keys_seal(struct keeper *k, const char *aad, const void *data, size_t len, struct arena *a,
    const unsigned char **out, size_t *out_len, struct err *e)
{
	unsigned char *p = arena_alloc(a, 32 + len);

	EVP_Digest(aad, strlen(aad), p, NULL, EVP_sha256(), NULL);
	for (size_t i = 0; i < len; i++)
		p[32 + i] = ((const unsigned char *)data)[i] ^ 0x5a;
	*out = p;
	*out_len = 32 + len;
	return 0;
}

int
keys_unseal(struct keeper *k, const char *aad, const void *data, size_t len, struct arena *a,
    const unsigned char **out, size_t *out_len, struct err *e)
{
	unsigned char hash[32], *p;

	if (fake_unseal_refusal != REFUSAL_NONE)
		return err_set(e, fake_unseal_refusal, NULL, "said by the test");
	EVP_Digest(aad, strlen(aad), hash, NULL, EVP_sha256(), NULL);
	if (len < 32 || memcmp(hash, data, 32) != 0)
		return err_set(e, R_INTERNAL, NULL, "sealed for another row");
	p = arena_dup(a, (const char *)data + 32, len - 32);
	for (size_t i = 0; i < len - 32; i++)
		p[i] ^= 0x5a;
	*out = p;
	*out_len = len - 32;
	return 0;
}

static const struct fake *fake_of; /* whose arena a seed is opened in */

int
keys_code(struct keeper *k, const struct key_person *p, uint32_t code, int64_t *step, struct err *e)
{
	char aad[100], digits[7];
	const unsigned char *seed;
	uint64_t counter = 0;
	size_t len;
	int pos;

	snprintf(aad, sizeof(aad), "account/%s/%s/totp", p->tenant, p->id);
	snprintf(digits, sizeof(digits), "%06u", code % 1000000);
	if (keys_unseal(k, aad, p->seed, p->seed_len, fake_of->cx.arena, &seed, &len, e) < 0)
		return -1;
	if (oath_totp_validate4(
		(const char *)seed, len, fake_of->cx.now, 30, 0, 1, &pos, &counter, 0, digits) < 0)
		return err_set(e, R_CODE_WRONG, "code", "the code is wrong");
	*step = (int64_t)counter;
	return 0;
}

/* A ticket says whose it is. */
int
keys_approve(struct keeper *k, const struct key_person *p, uint32_t code, const char *act,
    unsigned char ticket[KEYS_TICKET_SIZE], int64_t *step, struct err *e)
{
	for (size_t i = 0; i < fake_ncustodians; i++)
		if (strcmp(fake_custodians[i], p->id) == 0) {
			memset(ticket, 0, KEYS_TICKET_SIZE);
			memcpy(ticket, p->id, ID_SIZE);
			return keys_code(k, p, code, step, e);
		}
	return err_set(e, R_CUSTODIAN_NOT, NULL, "not a custodian");
}

int
keys_custodian_add(
    struct keeper *k, const struct key_person *p, const void *tickets, size_t len, struct err *e)
{
	snprintf(fake_custodians[fake_ncustodians++], ID_SIZE, "%s", p->id);
	return 0;
}

int
keys_custodian_remove(
    struct keeper *k, const char *id, const void *tickets, size_t len, struct err *e)
{
	for (size_t i = 0; i < fake_ncustodians; i++)
		if (strcmp(fake_custodians[i], id) == 0)
			memcpy(fake_custodians[i], fake_custodians[--fake_ncustodians], ID_SIZE);
	return 0;
}

int
keys_custodians(struct keeper *k, struct arena *a, char (**out)[ID_SIZE], size_t *n, struct err *e)
{
	*out = arena_dup(a, fake_custodians, sizeof(fake_custodians));
	*n = fake_ncustodians;
	return 0;
}

int
keys_state(struct keeper *k, struct keeper_state *out, struct err *e)
{
	*out = fake_keeper;
	return 0;
}

static void
others_anchor(struct ctx *cx)
{
	int64_t sequence;

	assert_done(cx, db_begin(cx));
	assert_done(cx, audit(cx, "test.other", "thing", NULL));
	assert_done(cx, db_commit(cx));
	assert_done(cx, store_audit_head(cx, &sequence, fake_keeper.anchored_hash));
	fake_keeper.anchored_sequence = (uint64_t)sequence;
}

int
keys_anchor(struct keeper *k, const void *blob, size_t len, uint64_t sequence,
    const unsigned char hash[32], struct arena *a, const unsigned char **signature,
    size_t *signature_len, struct err *e)
{
	unsigned char message[AUDIT_HEAD_SIZE], *sig = arena_alloc(a, 64);
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	size_t n = 64;

	if (fake_others_anchor > 0 && fake_others_anchor-- > 0)
		others_anchor(clock_of);
	if (sequence < fake_keeper.anchored_sequence) {
		EVP_MD_CTX_free(md);
		return err_set(e, R_ANCHOR_OLDER, NULL, "the head is older than the anchored one");
	}
	audit_head_message((int64_t)sequence, hash, message);
	assert_int_equal(EVP_DigestSignInit(md, NULL, NULL, NULL, audit_key), 1);
	assert_int_equal(EVP_DigestSign(md, sig, &n, message, sizeof(message)), 1);
	EVP_MD_CTX_free(md);
	fake_keeper.anchored_sequence = sequence;
	memcpy(fake_keeper.anchored_hash, hash, 32);
	*signature = sig;
	*signature_len = n;
	return 0;
}

/* Nothing is presented here; other fakes have one that does more. */
__attribute__((weak)) int
keys_open(const void *blob, size_t len, const void *spki, size_t spki_len, enum key_purpose purpose,
    EVP_PKEY **out, struct err *e)
{
	return err_set(e, R_KEY_DESTROYED, NULL, "said by the test");
}

static bool
leads_nowhere(struct sni *s, const char *name, char identity[ID_SIZE])
{
	return false;
}

static void
withdraw(struct sni *s, const char *identity)
{
}

int
fake_open(void **state)
{
	struct fake *f = calloc(1, sizeof(*f));
	unsigned char *spki = NULL;

	clock_of = &f->cx;
	memset(&fake_keeper, 0, sizeof(fake_keeper));
	fake_unseal_refusal = REFUSAL_NONE;
	fake_others_anchor = 0;
	fake_ncustodians = 0;
	fake_of = f;
	f->house.approvals = approvals_new();
	f->house.known = known_new();
	audit_key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	f->house.audit_spki_len = (size_t)i2d_PUBKEY(audit_key, &spki);
	f->house.audit_spki = spki;
	f->house.instance = "instance";
	f->house.sandbox = "test";
	f->house.leads = leads_nowhere;
	f->house.withdraw = withdraw;
	assert_non_null(getcwd(f->was, sizeof(f->was)));
	strcpy(f->dir, "/tmp/cw-people-XXXXXX");
	assert_non_null(mkdtemp(f->dir));
	assert_int_equal(chdir(f->dir), 0);
	f->cx.arena = arena_new();
	assert_int_equal(db_open(&f->db, "certwright.db", &f->cx.err), 0);
	f->cx.db = db_attach(f->db);
	f->cx.house = &f->house;
	strcpy(f->cx.tenant, TENANT_SYSTEM);
	fake_request(&f->cx, 1800000000, "192.0.2.1");
	*state = f;
	return 0;
}

int
fake_close(void **state)
{
	static const char *const files[] = { "certwright.db", "certwright.db-wal",
		"certwright.db-shm" };
	struct fake *f = *state;

	db_detach(f->cx.db);
	db_close(f->db);
	arena_free(f->cx.arena);
	for (size_t i = 0; i < nitems(files); i++)
		unlink(files[i]);
	assert_int_equal(chdir(f->was), 0);
	rmdir(f->dir);
	EVP_PKEY_free(audit_key);
	OPENSSL_free((void *)(uintptr_t)f->house.audit_spki);
	approvals_free(f->house.approvals);
	known_free(f->house.known);
	free(f);
	return 0;
}

void
fake_request(struct ctx *cx, int64_t now, const char *source)
{
	fake_end(cx);
	memset(&cx->actor, 0, sizeof(cx->actor));
	snprintf(cx->actor.source, sizeof(cx->actor.source), "%s", source);
	strcpy(cx->actor.tenant, TENANT_SYSTEM);
	cx->now = now;
	cx->read_only = false;
}

enum refusal
fake_end(struct ctx *cx)
{
	enum refusal r = cx->err.refusal;

	db_rollback(cx);
	err_clear(&cx->err);
	return r;
}

void
fake_account(struct ctx *cx, const char *name)
{
	struct account a;
	char email[100];

	snprintf(email, sizeof(email), "%s@example.com", name);
	assert_done(cx,
	    op_account_create(cx, arena_strdup(cx->arena, name), arena_strdup(cx->arena, email),
		NULL, GOOD_PASSWORD, &a));
}

void
fake_code(const char *secret, int64_t now, char out[7])
{
	char *seed;
	size_t n;

	assert_int_equal(oath_base32_decode(secret, strlen(secret), &seed, &n), OATH_OK);
	assert_int_equal(oath_totp_generate(seed, n, now, 30, 0, 6, out), OATH_OK);
	free(seed);
}

const char *
recorded(struct ctx *cx)
{
	struct audit_query q = { .limit = 1 };
	struct audit_row *rows;
	size_t n;
	bool more;

	assert_done(cx, store_audit_list(cx, &q, &rows, &n, &more));
	assert_int_equal(n, 1);
	return arena_printf(cx->arena, "%s %s %s", rows[0].action, rows[0].object, rows[0].detail);
}

int
keys_certificate_serial(struct keeper *k, unsigned char out[16], struct err *e)
{
	random_bytes(out, 16);
	return 0;
}
