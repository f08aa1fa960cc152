/*
 * test_start.c - the first start makes all of it or nothing; every other finds it
 *
 * op_start.c, op_reconcile.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "fault.h"
#include "install_fake.h"
#include "op/ca_sign.h"
#include "op/op_reconcile.h"
#include "op/op_start.h"
#include "op/op_weak.h"

/* What the sign journal has that no checkpoint covers. */
static struct record {
	const char *key;
	const char *tbs;
} unsettled[4];
static size_t nunsettled;
static uint64_t checkpoint;

int
keys_unreconciled(struct keeper *k, uint64_t after, uint64_t *at, char key[ID_SIZE],
    struct arena *a, const unsigned char **tbs, size_t *len, struct err *e)
{
	size_t i = after > nunsettled ? nunsettled : (size_t)after;

	*tbs = NULL;
	*at = nunsettled;
	if (i == nunsettled)
		return 0;
	snprintf(key, ID_SIZE, "%s", unsettled[i].key);
	*tbs = (const unsigned char *)unsettled[i].tbs;
	*len = strlen(unsettled[i].tbs);
	*at = i + 1;
	return 0;
}

int
keys_checkpoint(struct keeper *k, uint64_t at, struct err *e)
{
	checkpoint = at;
	return 0;
}

static void
forget(struct house *h)
{
	op_weak_stop(h);
	cards_free(h->cards);
	if (h->instance != NULL)
		free((char *)(uintptr_t)h->instance);
	free((unsigned char *)(uintptr_t)h->audit_blob);
	free((unsigned char *)(uintptr_t)h->audit_spki);
	h->cards = NULL;
	h->instance = NULL;
	h->audit_blob = h->audit_spki = NULL;
}

/* As the daemon does it, with nothing of an earlier start in memory. */
static int
start(struct ctx *cx)
{
	forget(cx->house);
	return op_start(cx);
}

static int
set_up(void **state)
{
	struct fake *f;

	fake_open(state);
	f = *state;
	procedure_fake_reset(&f->cx);
	OPENSSL_free((void *)(uintptr_t)f->house.audit_spki); /* op_start finds its own */
	f->house.audit_spki = NULL;
	f->house.instance = NULL;
	fake_listeners(&f->house);
	fake_request(fake_cx, MAKE_NOW, "local");
	fake_cx->actor.kind = ACTOR_SYSTEM;
	nunsettled = 0;
	checkpoint = 0;
	return 0;
}

/* In the daemon they live as long as it does. */
static struct owns *kept[16];
static size_t nkept;

static int
tear_down(void **state)
{
	kept[nkept++] = fake_cx->house->owns;
	forget(fake_cx->house);
	return fake_close(state);
}

static void
the_first_start_makes_a_portal_that_presents_its_own_certificate(void **state)
{
	struct identity i;
	struct cert_row c;
	struct key_row k;

	assert_done(fake_cx, start(fake_cx));
	i = fake_identity(fake_cx, "portal");
	assert_done(fake_cx, store_cert_load(fake_cx, i.active, &c));
	assert_done(fake_cx, store_key_load(fake_cx, c.key, &k));
	assert_string_equal(c.origin, "self-signed");
	assert_non_null(strstr(c.names, "localhost\n127.0.0.1\n::1"));
	assert_int_equal(k.generation, 0);
	assert_int_equal(k.state, KEY_ACTIVE);
	assert_int_equal(fake_wish.purposes, PURPOSE_SELF_SIGNED | PURPOSE_TLS_SERVER);
	assert_int_equal(fake_served, 1);
	assert_memory_equal(fake_served_sha256, c.sha256, 32);
	assert_true(text_starts(recorded(fake_cx), "system.first-start "));
	assert_int_equal(fake_keeper.anchored_sequence, 1); /* before anything is served */
	assert_int_equal(strlen(fake_cx->house->instance), ID_SIZE - 1);
}

static void
P7_an_interrupted_first_start_is_begun_anew(void **state)
{
	static const struct fault faults[] = { { "setting", "INSERT" }, { "identity", "INSERT" },
		{ "key", "INSERT" }, { "certificate", "INSERT" }, { "identity", "UPDATE" },
		{ "install", "INSERT" }, { "audit", "INSERT" }, { NULL, "COMMIT" } };

	each_fault(fake_cx, faults, nitems(faults), start);
	assert_int_equal(fake_served, 0);
	assert_int_equal(fake_keeper.anchored_sequence, 0);
	fake_open_refusal = R_KEEPER_GONE;
	assert_refused_clean(fake_cx, start(fake_cx), R_KEEPER_GONE);
	fake_open_refusal = REFUSAL_NONE;
	assert_done(fake_cx, start(fake_cx));
}

static void
P1_every_other_start_finds_what_is_there_and_serves_it(void **state)
{
	unsigned char before[32], after[32], served[32];
	char instance[ID_SIZE];

	assert_done(fake_cx, start(fake_cx));
	memcpy(served, fake_served_sha256, 32);
	strcpy(instance, fake_cx->house->instance);
	memset(fake_served_sha256, 0, 32);
	store_hash(before);
	assert_done(fake_cx, start(fake_cx));
	store_hash(after);
	assert_memory_equal(before, after, 32);
	assert_memory_equal(fake_served_sha256, served, 32);
	assert_string_equal(fake_cx->house->instance, instance);
}

static void
setting(const char *sql)
{
	assert_done(fake_cx, db_begin(fake_cx));
	assert_done(fake_cx, db_exec(fake_cx, sql, ""));
	assert_done(fake_cx, db_commit(fake_cx));
}

static void
a_database_of_another_KEK_is_not_served(void **state)
{
	assert_done(fake_cx, start(fake_cx));
	fake_served = 0;
	fake_unseal_refusal = R_KEEPER_GONE; /* says nothing of the KEK */
	assert_refused_clean(fake_cx, start(fake_cx), R_KEEPER_GONE);
	fake_unseal_refusal = R_UNSEAL;
	assert_refused_clean(fake_cx, start(fake_cx), R_KEK_WRONG);
	fake_unseal_refusal = REFUSAL_NONE;
	setting("UPDATE setting SET value = x'00' WHERE name = 'canary'");
	assert_refused_clean(fake_cx, start(fake_cx), R_KEK_WRONG);
	setting("DELETE FROM setting WHERE name = 'canary'");
	assert_refused_clean(fake_cx, start(fake_cx), R_KEK_WRONG);
	assert_int_equal(fake_served, 0);
}

static void
a_database_without_the_audit_s_key_is_not_served(void **state)
{
	assert_done(fake_cx, start(fake_cx));
	fake_served = 0;
	setting("DELETE FROM setting WHERE name = 'audit.spki'");
	assert_refused_clean(fake_cx, start(fake_cx), R_DB_DAMAGED);
	assert_int_equal(fake_served, 0);
}

static void
P29_a_journal_that_is_gone_is_on_record(void **state)
{
	assert_done(fake_cx, start(fake_cx));
	/* a crash in the first second: one event, no head yet. Nothing was lost */
	memset(&fake_keeper, 0, sizeof(fake_keeper));
	assert_done(fake_cx, start(fake_cx));
	assert_int_equal(fake_keeper.anchored_sequence, 1);
	assert_true(text_starts(recorded(fake_cx), "system.first-start "));
	fake_account(fake_cx, "root");
	memset(&fake_keeper, 0, sizeof(fake_keeper));
	assert_done(fake_cx, start(fake_cx));
	assert_true(text_starts(recorded(fake_cx), "system.journal-new "));
	assert_int_equal(fake_keeper.anchored_sequence, 3);
	assert_done(fake_cx, start(fake_cx)); /* said once */
	assert_int_equal(fake_keeper.anchored_sequence, 3);
}

static void
P29_a_head_that_an_export_overtook_is_no_fault(void **state)
{
	assert_done(fake_cx, start(fake_cx));
	fake_account(fake_cx, "root");
	fake_others_anchor = 1;
	assert_done(fake_cx, op_audit_anchor(fake_cx));
	assert_false(err_is_set(&fake_cx->err));
	assert_int_equal(fake_keeper.anchored_sequence, 3);
	fake_keeper.anchored_sequence = 9; /* what the database does not have is one */
	assert_refused(fake_cx, op_audit_anchor(fake_cx), R_ANCHOR_OTHER);
}

static int
reconcile(struct ctx *cx)
{
	ca_signing_failed(); /* so that the whole journal is read */
	return op_reconcile(cx);
}

static void
P4_what_was_signed_and_not_stored_is_on_record_before_the_checkpoint(void **state)
{
	static const struct fault faults[] = { { "audit", "INSERT" }, { NULL, "COMMIT" } };

	assert_done(fake_cx, start(fake_cx));
	unsettled[0] = (struct record){ "key-of-nobody", "one" };
	unsettled[1] = (struct record){ "key-of-nobody-either", "two" };
	nunsettled = 2;
	each_fault(fake_cx, faults, nitems(faults), reconcile);
	assert_int_equal(checkpoint, 0); /* the next start reads them again */
	assert_done(fake_cx, reconcile(fake_cx));
	assert_int_equal(checkpoint, 2);
	assert_true(text_starts(recorded(fake_cx), "ca.lost key-of-nobody-either "));
	nunsettled = 0;
	assert_done(fake_cx, reconcile(fake_cx));
	assert_true(text_starts(recorded(fake_cx), "ca.lost key-of-nobody-either "));
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(the_first_start_makes_a_portal_that_presents_its_own_certificate),
		T(P7_an_interrupted_first_start_is_begun_anew),
		T(P1_every_other_start_finds_what_is_there_and_serves_it),
		T(a_database_of_another_KEK_is_not_served),
		T(a_database_without_the_audit_s_key_is_not_served),
		T(P29_a_journal_that_is_gone_is_on_record),
		T(P29_a_head_that_an_export_overtook_is_no_fault),
		T(P4_what_was_signed_and_not_stored_is_on_record_before_the_checkpoint),
	};

	return cmocka_run_group_tests_name("start", tests, NULL, NULL);
}
