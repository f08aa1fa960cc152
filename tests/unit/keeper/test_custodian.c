/*
 * test_custodian.c - nobody lets a key leave alone: codes (totp.c), tickets
 * (custodian.c), who they are (roster.c), and the operations (ops_custodian.c)
 */
#include <sys/mman.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>
#include <oath.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/x509.h>

#include "base/clock.h"
#include "keeper/custodian.h"
#include "keeper/journal.h"
#include "keeper/opened.h"
#include "keeper/ops.h"
#include "keeper/ops_custodian.h"
#include "keeper/totp.h"
#include "keeper/vault.h"
#include "wire/format.h"
#include "wire/purpose.h"

#define ACT	  "export 01jz0000000000000000000009"
#define OTHER_ACT "export 01jz0000000000000000000008"
#define PEOPLE	  (CUSTODIANS_MAX + 1)

/* The clock of these tests, in place of base/clock.c. */
static int64_t now_ms = INT64_C(1800000000000), since_start_ms = 1000000;

int64_t
clock_wall(void)
{
	return now_ms / 1000;
}

int64_t
clock_wall_ms(void)
{
	return now_ms;
}

int64_t
clock_monotonic_ms(void)
{
	return since_start_ms;
}

void
random_bytes(void *out, size_t n)
{
	assert_int_equal(RAND_bytes(out, (int)n), 1);
}

static void
pass(int seconds)
{
	now_ms += seconds * 1000;
	since_start_ms += seconds * 1000;
}

struct house {
	struct vault *vault;
	struct journal *journal;
	struct custodians *custodians;
	int fd;
	struct buf sealed[PEOPLE];
	char id[PEOPLE][ID_SIZE];
	unsigned char seed[PEOPLE][20];
	struct codeholder who[PEOPLE];
	struct err e;
};

#define OK(expr)                                                 \
	do {                                                     \
		if ((expr) < 0)                                  \
			fail_msg("%s: %s", #expr, h->e.message); \
	} while (0)
#define REFUSED(expr, why)                                                      \
	do {                                                                    \
		assert_int_equal((expr), -1);                                   \
		assert_string_equal(refusal_id(h->e.refusal), refusal_id(why)); \
		err_clear(&h->e);                                               \
	} while (0)

static const struct bytes none;

static void
seal(struct house *h, int i, const void *seed)
{
	struct bytes b = { seed, 20 };
	char place[100];

	snprintf(place, sizeof(place), "account/system/%s/totp", h->id[i]);
	OK(vault_seal(h->vault, place, &b, &h->sealed[i], &h->e));
	h->who[i].seed = (struct bytes){ h->sealed[i].data, h->sealed[i].len };
}

static void
journal_read(struct house *h)
{
	static const unsigned char mac_key[32] = { 9 };

	custodians_free(h->custodians);
	journal_free(h->journal);
	OK(journal_open(&h->journal, h->fd, mac_key, &h->e));
	vault_set_journal(h->vault, h->journal);
	h->custodians = custodians_new(h->vault, h->journal);
}

static int
house_open(void **state)
{
	static const unsigned char kek[KEK_SIZE] = { 1 };
	struct house *h = calloc(1, sizeof(*h));
	int fd = memfd_create("kek", MFD_CLOEXEC);

	assert_int_equal(write(fd, kek, sizeof(kek)), sizeof(kek));
	lseek(fd, 0, SEEK_SET);
	OK(vault_open(&h->vault, fd, &h->e));
	close(fd);
	h->fd = memfd_create("journal", MFD_CLOEXEC);
	journal_read(h);
	for (int i = 0; i < PEOPLE; i++) {
		snprintf(h->id[i], ID_SIZE, "01jz00000000000000000001%02d", i);
		random_bytes(h->seed[i], sizeof(h->seed[i]));
		h->who[i] = (struct codeholder){ .tenant = "system", .id = h->id[i] };
		seal(h, i, h->seed[i]);
	}
	*state = h;
	return 0;
}

static int
house_close(void **state)
{
	struct house *h = *state;

	for (int i = 0; i < PEOPLE; i++)
		buf_free(&h->sealed[i]);
	custodians_free(h->custodians);
	vault_free(h->vault);
	journal_free(h->journal);
	close(h->fd);
	free(h);
	return 0;
}

/* What the authenticator of person i shows; liboath says it. */
static uint32_t
shown(struct house *h, int i, int later_steps)
{
	char text[7];

	assert_int_equal(oath_totp_generate((const char *)h->seed[i], 20,
			     now_ms / 1000 + later_steps * 30, 30, 0, 6, text),
	    OATH_OK);
	return (uint32_t)atoi(text);
}

static int
approve(struct house *h, int i, const char *act, unsigned char *ticket)
{
	int64_t step;

	pass(30); /* each code is used once */
	return custodians_approve(
	    h->custodians, &h->who[i], shown(h, i, 0), act, ticket, &step, &h->e);
}

/* Tickets of two for one act. */
static struct bytes
both(struct house *h, int i, int j, const char *act)
{
	static unsigned char tickets[2 * TICKET_SIZE];

	OK(approve(h, i, act, tickets));
	OK(approve(h, j, act, tickets + TICKET_SIZE));
	return (struct bytes){ tickets, sizeof(tickets) };
}

static void
two(struct house *h)
{
	OK(custodians_add(h->custodians, &h->who[0], &none, &h->e));
	OK(custodians_add(h->custodians, &h->who[1], &none, &h->e));
}

static const char *
add_act(struct house *h, int i)
{
	static char act[256];
	unsigned char hash[32];
	char hex[65];

	EVP_Digest(h->sealed[i].data, h->sealed[i].len, hash, NULL, EVP_sha256(), NULL);
	hex_encode(hex, hash, 32);
	snprintf(act, sizeof(act), "custodian add %s %s", h->id[i], hex);
	return act;
}

static const char *
remove_act(struct house *h, int i)
{
	static char act[256];

	snprintf(act, sizeof(act), "custodian remove %s", h->id[i]);
	return act;
}

/* RFC 6238 appendix B, SHA-1, the last six digits. */
static void
P15_codes_are_those_of_RFC_6238(void **state)
{
	static const struct {
		int64_t at;
		uint32_t code;
	} v[] = { { 59, 287082 }, { 1111111109, 81804 }, { 1111111111, 50471 },
		{ 1234567890, 5924 }, { 2000000000, 279037 }, { 20000000000, 353130 } };
	struct bytes seed = { (const unsigned char *)"12345678901234567890", 20 };
	int64_t step;

	for (size_t i = 0; i < nitems(v); i++) {
		assert_true(totp_fits(&seed, v[i].code, v[i].at, &step));
		assert_true(step == v[i].at / 30);
		assert_true(totp_fits(&seed, v[i].code, v[i].at + 30, &step));
		assert_true(totp_fits(&seed, v[i].code, v[i].at - 30, &step));
		assert_true(step == v[i].at / 30);
		assert_false(totp_fits(&seed, v[i].code, v[i].at + 60, &step));
		assert_false(totp_fits(&seed, v[i].code + 1000000, v[i].at, &step));
	}
}

static void
P15_one_custodian_binds_nobody_and_two_do(void **state)
{
	struct house *h = *state;

	OK(custodians_spend(h->custodians, &none, ACT, &h->e));
	OK(custodians_add(h->custodians, &h->who[0], &none, &h->e));
	OK(custodians_spend(h->custodians, &none, ACT, &h->e));
	OK(custodians_add(h->custodians, &h->who[1], &none, &h->e));
	REFUSED(custodians_spend(h->custodians, &none, ACT, &h->e), R_SECOND_PERSON);
	journal_read(h); /* the journal knows it after a restart */
	REFUSED(custodians_spend(h->custodians, &none, ACT, &h->e), R_SECOND_PERSON);
}

static void
P15_tickets_of_two_different_custodians_and_nothing_less(void **state)
{
	struct house *h = *state;
	unsigned char tickets[2 * TICKET_SIZE] = { 0 }, again[TICKET_SIZE];
	struct bytes t = { tickets, TICKET_SIZE };

	two(h);
	OK(approve(h, 0, ACT, tickets));
	REFUSED(custodians_spend(h->custodians, &t, ACT, &h->e), R_SECOND_PERSON);
	t.len = sizeof(tickets);
	REFUSED(custodians_spend(h->custodians, &t, ACT, &h->e), R_TICKET);
	memcpy(tickets + TICKET_SIZE, tickets, TICKET_SIZE); /* the same one twice */
	REFUSED(custodians_spend(h->custodians, &t, ACT, &h->e), R_SECOND_PERSON);
	OK(approve(h, 0, ACT, tickets + TICKET_SIZE)); /* the same person twice */
	REFUSED(custodians_spend(h->custodians, &t, ACT, &h->e), R_SECOND_PERSON);
	OK(approve(h, 1, OTHER_ACT, tickets + TICKET_SIZE)); /* for another key */
	REFUSED(custodians_spend(h->custodians, &t, ACT, &h->e), R_TICKET);
	OK(approve(h, 1, ACT, again));
	memcpy(tickets + TICKET_SIZE, again, TICKET_SIZE);
	tickets[0] ^= 1;
	REFUSED(custodians_spend(h->custodians, &t, ACT, &h->e), R_TICKET);
	tickets[0] ^= 1;
	OK(custodians_spend(h->custodians, &t, ACT, &h->e));
	REFUSED(custodians_spend(h->custodians, &t, ACT, &h->e), R_TICKET); /* once */
}

static void
P15_a_ticket_lives_a_quarter_of_an_hour_and_not_over_a_restart(void **state)
{
	struct house *h = *state;
	struct bytes t;

	two(h);
	t = both(h, 0, 1, ACT); /* the first one is 30 seconds older */
	pass(TICKET_LIFE_S - 31);
	OK(custodians_spend(h->custodians, &t, ACT, &h->e));
	t = both(h, 0, 1, ACT);
	pass(TICKET_LIFE_S - 30);
	REFUSED(custodians_spend(h->custodians, &t, ACT, &h->e), R_TICKET);
	t = both(h, 0, 1, ACT);
	now_ms -= 3600 * 1000; /* the clock on the wall makes it no younger (P36) */
	since_start_ms += TICKET_LIFE_S * 1000;
	REFUSED(custodians_spend(h->custodians, &t, ACT, &h->e), R_TICKET);
	now_ms += 2 * 3600 * 1000;
	t = both(h, 0, 1, ACT);
	journal_read(h);
	REFUSED(custodians_spend(h->custodians, &t, ACT, &h->e), R_TICKET);
}

static void
P15_a_code_is_taken_once_and_few_wrong_ones(void **state)
{
	struct house *h = *state;
	unsigned char ticket[TICKET_SIZE];
	uint32_t code;
	int64_t step;

#define APPROVE(i, code) \
	custodians_approve(h->custodians, &h->who[i], code, ACT, ticket, &step, &h->e)
	two(h);
	code = shown(h, 0, 0);
	OK(APPROVE(0, code));
	assert_true(step == now_ms / 30000);
	REFUSED(APPROVE(0, code), R_TOTP_USED);
	REFUSED(custodians_code(h->custodians, &h->who[0], code, &step, &h->e), R_TOTP_USED);
	REFUSED(APPROVE(0, shown(h, 0, -1)), R_TOTP_USED); /* an older one neither */
	OK(custodians_code(h->custodians, &h->who[0], shown(h, 0, 1), &step, &h->e));
	REFUSED(APPROVE(0, shown(h, 0, 1)), R_TOTP_USED); /* used to sign in */
	for (int i = 0; i < 5; i++)
		REFUSED(APPROVE(1, (shown(h, 1, 0) + 1) % 1000000 + 1000000), R_CODE_WRONG);
	REFUSED(APPROVE(1, shown(h, 1, 0)), R_CODE_LIMIT);
	pass(59);
	REFUSED(APPROVE(1, shown(h, 1, 0)), R_CODE_LIMIT);
	OK(APPROVE(0, shown(h, 0, 0))); /* the other one is not meant */
	pass(2);
	OK(APPROVE(1, shown(h, 1, 0)));
	pass(-2 * 3600); /* a clock that is set back locks nobody out (P36) */
	since_start_ms += 3 * 3600 * 1000;
	OK(APPROVE(1, shown(h, 1, 0)));
#undef APPROVE
}

static void
P15_only_the_seed_that_was_enrolled_counts(void **state)
{
	struct house *h = *state;
	unsigned char ticket[TICKET_SIZE];

	two(h);
	REFUSED(approve(h, 2, ACT, ticket), R_CUSTODIAN_NOT);
	seal(h, 0, h->seed[2]); /* of a front that swaps the seed in its database */
	REFUSED(approve(h, 0, ACT, ticket), R_CUSTODIAN_SEED);
	h->who[0].seed = h->who[1].seed; /* or gives another one's */
	REFUSED(approve(h, 0, ACT, ticket), R_CUSTODIAN_SEED);
}

static void
P15_from_two_on_each_change_takes_two(void **state)
{
	struct house *h = *state;
	AUTO_BUF struct buf list = { 0 };
	struct bytes t;
	char *act;

	two(h);
	REFUSED(custodians_add(h->custodians, &h->who[2], &none, &h->e), R_SECOND_PERSON);
	REFUSED(custodians_remove(h->custodians, h->id[0], &none, &h->e), R_SECOND_PERSON);
	t = both(h, 0, 1, remove_act(h, 1));
	REFUSED(custodians_add(h->custodians, &h->who[2], &t, &h->e), R_TICKET);
	act = strdup(add_act(h, 2));
	t = both(h, 0, 1, act);
	seal(h, 2, h->seed[3]); /* approved was another seed */
	REFUSED(custodians_add(h->custodians, &h->who[2], &t, &h->e), R_TICKET);
	free(act);
	t = both(h, 0, 1, add_act(h, 2));
	OK(custodians_add(h->custodians, &h->who[2], &t, &h->e));
	REFUSED(custodians_add(h->custodians, &h->who[2], &t, &h->e), R_CUSTODIAN_IS);
	custodians_list(h->custodians, &list);
	assert_int_equal(list.len, 3 * (4 + ID_SIZE - 1));
	t = both(h, 0, 1, remove_act(h, 0)); /* one of them may be who goes */
	OK(custodians_remove(h->custodians, h->id[0], &t, &h->e));
	REFUSED(custodians_remove(h->custodians, h->id[0], &t, &h->e), R_CUSTODIAN_NOT);
	journal_read(h);
	custodians_list(h->custodians, &list);
	assert_int_equal(list.len, 2 * (4 + ID_SIZE - 1));
}

static void
P15_who_left_approves_nothing(void **state)
{
	struct house *h = *state;
	unsigned char old[TICKET_SIZE], tickets[2 * TICKET_SIZE];
	struct bytes t;

	two(h);
	t = both(h, 0, 1, add_act(h, 2));
	OK(custodians_add(h->custodians, &h->who[2], &t, &h->e));
	OK(approve(h, 0, ACT, old));
	t = both(h, 1, 2, remove_act(h, 0));
	OK(custodians_remove(h->custodians, h->id[0], &t, &h->e));
	memcpy(tickets, old, TICKET_SIZE);
	OK(approve(h, 1, ACT, tickets + TICKET_SIZE));
	t = (struct bytes){ tickets, sizeof(tickets) };
	REFUSED(custodians_spend(h->custodians, &t, ACT, &h->e), R_TICKET);
	REFUSED(approve(h, 0, ACT, old), R_CUSTODIAN_NOT);
}

static void
P15_the_seed_of_a_custodian_is_known(void **state)
{
	struct house *h = *state;
	struct codeholder moved = h->who[0];

	assert_false(custodians_own(h->custodians, &h->who[0].seed));
	moved.seed = h->who[1].seed;
	REFUSED(custodians_add(h->custodians, &moved, &none, &h->e), R_UNSEAL);
	two(h);
	assert_true(custodians_own(h->custodians, &h->who[0].seed));
	assert_false(custodians_own(h->custodians, &h->who[2].seed));
	for (int i = 2; i < CUSTODIANS_MAX; i++) {
		struct bytes t = both(h, 0, 1, add_act(h, i));

		OK(custodians_add(h->custodians, &h->who[i], &t, &h->e));
	}
	REFUSED(
	    custodians_add(h->custodians, &h->who[CUSTODIANS_MAX], &none, &h->e), R_CUSTODIAN_FULL);
}

/* One question to the keeper; why it is refused, or REFUSAL_NONE. */
static enum refusal
asked(struct house *h, const struct message *q, struct answer *a)
{
	AUTO_BUF struct buf question = { 0 }, out = { 0 };
	struct keeper_house all = {
		.vault = h->vault, .journal = h->journal, .custodians = h->custodians
	};

	message_pack(&question, q, false);
	assert_int_equal(ops_answer(&all, question.data, question.len, a, &out), 0);
	return a->m.refused ? a->m.why.refusal : REFUSAL_NONE;
}

static void
P15_M34_the_keeper_itself_wants_two(void **state)
{
	struct house *h = *state;
	struct key_head head = { .id = "01jz0000000000000000000009",
		.tenant = "system",
		.type = WIRE_ED25519,
		.purposes = PURPOSE_CSR,
		.exportable = true };
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	struct message q = { .op = OP_EXPORT,
		.format = FORMAT_PKCS12,
		.has_passphrase = true,
		.passphrase = { (const unsigned char *)"secret", 6 } };
	AUTO_BUF struct buf blob = { 0 };
	struct answer a = { 0 };

	OK(vault_wrap(h->vault, &head, key, &blob, &h->e));
	EVP_PKEY_free(key);
	q.blob = (struct bytes){ blob.data, blob.len };
	assert_int_equal(asked(h, &q, &a), REFUSAL_NONE);
	two(h);
	assert_int_equal(asked(h, &q, &a), R_SECOND_PERSON);
	q.tickets = both(h, 0, 1, OTHER_ACT);
	assert_int_equal(asked(h, &q, &a), R_TICKET);
	q.tickets = both(h, 0, 1, ACT);
	q.passphrase.len = 0; /* what is wrong anyway spends nothing */
	assert_int_equal(asked(h, &q, &a), R_EXPORT_PASSPHRASE);
	q.passphrase.len = 6;
	assert_int_equal(asked(h, &q, &a), REFUSAL_NONE);
	assert_true(a.m.data.len > 100);
	assert_int_equal(asked(h, &q, &a), R_TICKET);
	buf_free(&a.data);
}

/* The key of a CA comes in by two, who know which; any other key as ever. */
static void
P15_the_key_of_a_CA_comes_in_by_two(void **state)
{
	struct house *h = *state;
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"),
		 *other = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	struct message q = { .op = OP_IMPORT, .purposes = PURPOSE_ISSUER };
	unsigned char *spki = NULL, hash[32];
	char act[80], hex[65];
	struct keeper_house all = { .custodians = h->custodians };
	struct err e = { 0 };
	int n = i2d_PUBKEY(key, &spki);

	assert_int_equal(EVP_Digest(spki, (size_t)n, hash, NULL, EVP_sha256(), NULL), 1);
	hex_encode(hex, hash, sizeof(hash));
	snprintf(act, sizeof(act), "import %s", hex);
	assert_int_equal(ops_admit_import(&all, &q, key, &e), 0);
	two(h);
	assert_int_equal(ops_admit_import(&all, &q, key, &e), -1);
	assert_int_equal(e.refusal, R_SECOND_PERSON);
	err_clear(&e);
	q.tickets = both(h, 0, 1, act);
	assert_int_equal(ops_admit_import(&all, &q, other, &e), -1);
	assert_int_equal(e.refusal, R_TICKET);
	err_clear(&e);
	assert_int_equal(ops_admit_import(&all, &q, key, &e), 0);
	assert_int_equal(ops_admit_import(&all, &q, key, &e), -1); /* spent */
	assert_int_equal(e.refusal, R_TICKET);
	err_clear(&e);
	q.purposes = PURPOSE_CSR;
	q.tickets = (struct bytes){ 0 };
	assert_int_equal(ops_admit_import(&all, &q, key, &e), 0);
	OPENSSL_free(spki);
	EVP_PKEY_free(key);
	EVP_PKEY_free(other);
}

static void
P15_P14_the_seed_of_a_custodian_is_unsealed_for_nobody(void **state)
{
	struct house *h = *state;
	struct message q = { .op = OP_UNSEAL, .data = h->who[0].seed };
	struct answer a = { 0 };

	snprintf(q.text, sizeof(q.text), "account/system/%s/totp", h->id[0]);
	assert_int_equal(asked(h, &q, &a), REFUSAL_NONE);
	two(h);
	assert_int_equal(asked(h, &q, &a), R_CUSTODIAN_SEED);
	assert_int_equal(a.m.data.len, 0);
	buf_free(&a.data);
}

#define T(name) cmocka_unit_test_setup_teardown(name, house_open, house_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(P15_codes_are_those_of_RFC_6238),
		T(P15_one_custodian_binds_nobody_and_two_do),
		T(P15_tickets_of_two_different_custodians_and_nothing_less),
		T(P15_a_ticket_lives_a_quarter_of_an_hour_and_not_over_a_restart),
		T(P15_a_code_is_taken_once_and_few_wrong_ones),
		T(P15_only_the_seed_that_was_enrolled_counts),
		T(P15_from_two_on_each_change_takes_two),
		T(P15_who_left_approves_nothing),
		T(P15_the_seed_of_a_custodian_is_known),
		T(P15_M34_the_keeper_itself_wants_two),
		T(P15_the_key_of_a_CA_comes_in_by_two),
		T(P15_P14_the_seed_of_a_custodian_is_unsealed_for_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
