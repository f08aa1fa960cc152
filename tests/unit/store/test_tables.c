/*
 * test_tables.c - every table through its tenant, and the audit's chain
 *
 * rows.c, store_account.c, store_audit.c, store_cert.c, store_identity.c,
 * store_component.c, store_key.c, store_modulus.c, store_notify.c, store_request.c,
 * store_session.c, store_setting.c, store_submission.c, store_trust.c
 */
#include "house.h"
#include "store/component_row.h"
#include "store/notify.h"

static struct identity
an_identity(struct house *h, const char *name)
{
	struct identity i = { .name = name, .created_at = h->cx.now };

	id_new(i.id);
	OK(store_identity_insert(&h->cx, &i));
	return i;
}

static struct key_row
a_key(struct house *h, const struct identity *i, int64_t generation, unsigned char mark)
{
	struct key_row k = { .generation = generation,
		.type = "ec:P-256",
		.origin = "generated",
		.bits = 256,
		.blob = (const unsigned char *)"blob",
		.blob_len = 4,
		.spki = (const unsigned char *)"spki",
		.spki_len = 4,
		.created_at = h->cx.now };

	id_new(k.id);
	memcpy(k.identity, i->id, ID_SIZE);
	memset(k.spki_sha256, mark, 32);
	OK(store_key_insert(&h->cx, &k));
	return k;
}

static struct request_row
a_request(struct house *h, const struct identity *i, const struct key_row *k)
{
	struct request_row r = { .state = "pending",
		.der = (const unsigned char *)"der",
		.der_len = 3,
		.subject = "CN=x",
		.names = "x",
		.digest = "sha256",
		.created_by = "tester",
		.created_at = h->cx.now };

	id_new(r.id);
	memcpy(r.identity, i->id, ID_SIZE);
	memcpy(r.key, k->id, ID_SIZE);
	memcpy(r.spki_sha256, k->spki_sha256, 32);
	OK(store_request_insert(&h->cx, &r));
	return r;
}

static struct cert_row
a_cert(struct house *h, const struct identity *i, const struct key_row *k, unsigned char mark)
{
	struct cert_row c = { .der = (const unsigned char *)"cert",
		.der_len = 4,
		.serial = "01",
		.subject = "CN=x",
		.issuer = arena_printf(h->cx.arena, "CN=ca %d", mark),
		.names = "x",
		.origin = "answer",
		.created_at = h->cx.now };

	id_new(c.id);
	memcpy(c.identity, i->id, ID_SIZE);
	memcpy(c.key, k->id, ID_SIZE);
	memset(c.sha256, mark, 32);
	OK(store_cert_insert(&h->cx, &c));
	return c;
}

static void
P22_what_another_tenant_has_does_not_exist(void **state)
{
	struct house *h = *state;
	struct identity i;
	struct key_row k;
	struct request_row r;
	struct cert_row c;
	struct trust_row t = { .der = (const unsigned char *)"t",
		.der_len = 1,
		.subject = "s",
		.issuer = "i",
		.serial = "1",
		.kind = "root",
		.origin = "added" };
	struct account a = { .name = "alice",
		.email = "a@example.com",
		.role = ROLE_SUPER,
		.enabled = true,
		.password = "x" };
	char foreign[512], none[512];

	OK(db_begin(&h->cx));
	i = an_identity(h, "mine");
	k = a_key(h, &i, 1, 1);
	r = a_request(h, &i, &k);
	c = a_cert(h, &i, &k, 1);
	id_new(t.id);
	OK(store_trust_insert(&h->cx, &t));
	id_new(a.id);
	OK(store_account_insert(&h->cx, &a));
	OK(db_commit(&h->cx));

	OK(store_request_load(&h->cx, r.id, &r));
	snprintf(h->cx.tenant, sizeof(h->cx.tenant), "other");
	REFUSED(store_identity_load(&h->cx, i.id, &i), R_NOT_FOUND);
	REFUSED(store_key_load(&h->cx, k.id, &k), R_NOT_FOUND);
	REFUSED(store_key_by_spki(&h->cx, k.spki_sha256, &k), R_NOT_FOUND);
	assert_int_equal(store_request_load(&h->cx, r.id, &r), -1);
	snprintf(foreign, sizeof(foreign), "%s", h->cx.err.message);
	err_clear(&h->cx.err);
	assert_int_equal(store_request_load(&h->cx, "00000000000000000000000000", &r), -1);
	snprintf(none, sizeof(none), "%s", h->cx.err.message);
	err_clear(&h->cx.err);
	assert_string_equal(foreign, none);
	REFUSED(store_cert_load(&h->cx, c.id, &c), R_NOT_FOUND);
	REFUSED(store_trust_load(&h->cx, t.id, &t), R_NOT_FOUND);
	REFUSED(store_account_load(&h->cx, a.id, &a), R_NOT_FOUND);
	snprintf(h->cx.tenant, sizeof(h->cx.tenant), "%s", TENANT_SYSTEM);
}

static void
M8_the_key_of_a_CSR_is_the_newest_never_installed_else_the_active_one(void **state)
{
	struct house *h = *state;
	struct identity i;
	struct key_row first, own, got;
	struct cert_row c;

	OK(db_begin(&h->cx));
	i = an_identity(h, "generations");
	own = a_key(h, &i, 0, 10);
	REFUSED(store_key_for_csr(&h->cx, &i, &got), R_NO_KEY);
	first = a_key(h, &i, 1, 11);
	OK(store_key_for_csr(&h->cx, &i, &got));
	assert_string_equal(got.id, first.id);
	c = a_cert(h, &i, &first, 11);
	memcpy(i.active, c.id, ID_SIZE);
	OK(store_identity_update(&h->cx, &i));
	first.state = KEY_ACTIVE;
	OK(store_key_update(&h->cx, &first));
	OK(store_key_for_csr(&h->cx, &i, &got));
	assert_string_equal(got.id, first.id);
	struct key_row second = a_key(h, &i, 2, 12);
	OK(store_key_for_csr(&h->cx, &i, &got));
	assert_string_equal(got.id, second.id);
	second.state = KEY_DESTROYED;
	second.blob = NULL;
	OK(store_key_update(&h->cx, &second));
	OK(store_key_for_csr(&h->cx, &i, &got));
	assert_string_equal(got.id, first.id);
	OK(store_key_load(&h->cx, second.id, &got));
	assert_null(got.blob);
	db_rollback(&h->cx);
	(void)own;
}

static void
what_is_there_already_is_said(void **state)
{
	struct house *h = *state;
	struct identity i, same = { .name = "twice" };
	struct key_row k;
	struct cert_row c;
	struct account a = { .name = "Bob", .email = "b@example.com", .password = "x" };

	OK(db_begin(&h->cx));
	i = an_identity(h, "twice");
	id_new(same.id);
	REFUSED(store_identity_insert(&h->cx, &same), R_IDENTITY_EXISTS);
	k = a_key(h, &i, 1, 20);
	REFUSED(store_identity_delete(&h->cx, i.id), R_IDENTITY_IN_USE);
	id_new(k.id);
	REFUSED(store_key_insert(&h->cx, &k), R_KEY_EXISTS);
	OK(store_key_by_spki(&h->cx, k.spki_sha256, &k));
	c = a_cert(h, &i, &k, 20);
	id_new(c.id);
	REFUSED(store_cert_insert(&h->cx, &c), R_CERT_EXISTS);
	id_new(a.id);
	OK(store_account_insert(&h->cx, &a));
	id_new(a.id);
	a.name = "bOB";
	REFUSED(store_account_insert(&h->cx, &a), R_ACCOUNT_EXISTS);
	db_rollback(&h->cx);
}

static void
requests_are_numbered_for_people(void **state)
{
	struct house *h = *state;
	struct request_row *list, first;
	struct identity i;
	struct key_row k;
	size_t n;

	OK(db_begin(&h->cx));
	i = an_identity(h, "numbers");
	k = a_key(h, &i, 1, 30);
	first = a_request(h, &i, &k);
	usleep(2000);
	for (int j = 0; j < 20; j++)
		a_request(h, &i, &k);
	OK(store_request_list(&h->cx, i.id, &list, &n));
	assert_int_equal(n, 21);
	assert_string_equal(list[20].id, first.id);
	assert_int_equal(first.number + 20, a_request(h, &i, &k).number - 1);
	OK(store_request_list_by_spki(&h->cx, k.spki_sha256, &list, &n));
	assert_int_equal(n, 22);
	OK(store_request_set_state(&h->cx, first.id, "issued"));
	OK(store_request_load(&h->cx, first.id, &first));
	assert_string_equal(first.state, "issued");
	db_rollback(&h->cx);
}

static void
P24_sessions_end_with_their_account(void **state)
{
	static const unsigned char hash[32] = "h";
	struct house *h = *state;
	struct account a = { .name = "carol", .email = "c@example.com", .password = "x" };
	struct session s = { .source = "127.0.0.1",
		.agent = "test",
		.created_at = 1,
		.seen_at = 1,
		.expires_at = 100 },
		       *list, got;
	struct token t = { .created_at = 1, .expires_at = 100 }, *tokens;
	size_t n;

	OK(db_begin(&h->cx));
	id_new(a.id);
	OK(store_account_insert(&h->cx, &a));
	id_new(s.id);
	memcpy(s.account, a.id, ID_SIZE);
	OK(store_session_insert(&h->cx, &s, hash));
	OK(store_session_find(&h->cx, hash, &got));
	OK(store_session_touch(&h->cx, s.id, 50, 150));
	OK(store_session_list(&h->cx, a.id, &list, &n));
	assert_int_equal(n, 1);
	assert_int_equal(list[0].expires_at, 150);
	id_new(t.id);
	memcpy(t.account, a.id, ID_SIZE);
	OK(store_token_insert(&h->cx, &t, hash));
	OK(store_token_touch(&h->cx, t.id, 60));
	OK(store_token_find(&h->cx, hash, &t));
	assert_string_equal(t.account_name, "carol");
	assert_int_equal(t.used_at, 60);
	OK(store_token_revoke(&h->cx, t.id));
	OK(store_token_list(&h->cx, &tokens, &n));
	assert_true(n == 1 && tokens[0].revoked);
	OK(store_session_expire(&h->cx, 149));
	OK(store_session_find(&h->cx, hash, &got));
	OK(store_account_delete(&h->cx, a.id));
	REFUSED(store_session_find(&h->cx, hash, &got), R_NOT_FOUND);
	REFUSED(store_token_find(&h->cx, hash, &t), R_NOT_FOUND);
	db_rollback(&h->cx);
}

static void
a_TOTP_step_is_accepted_once(void **state)
{
	struct house *h = *state;
	struct account a = { .name = "dave", .email = "d@example.com", .password = "x" };

	OK(db_begin(&h->cx));
	id_new(a.id);
	OK(store_account_insert(&h->cx, &a));
	OK(store_account_use_step(&h->cx, a.id, 7));
	REFUSED(store_account_use_step(&h->cx, a.id, 7), R_TOTP_USED);
	REFUSED(store_account_use_step(&h->cx, a.id, 6), R_TOTP_USED);
	OK(store_account_use_step(&h->cx, a.id, 8));
	/* P36: a step of a clock that was ahead locks nobody out */
	OK(store_account_use_step(&h->cx, a.id, 9000));
	REFUSED(store_account_use_step(&h->cx, a.id, 8900), R_TOTP_USED);
	OK(store_account_use_step(&h->cx, a.id, 9));
	REFUSED(store_account_use_step(&h->cx, a.id, 9), R_TOTP_USED);
	db_rollback(&h->cx);
}

static void
an_idempotency_key_answers_the_same_request_only(void **state)
{
	struct house *h = *state;
	struct claim *c = &h->cx.claim;
	const char *body;
	int status;

	*c = (struct claim){ .actor = "a", .key = "k", .hash = "1" };
	OK(db_begin(&h->cx));
	assert_int_equal(store_idempotency_find(&h->cx, &status, &body), 0);
	OK(store_idempotency_save(&h->cx, 201, "{}"));
	assert_int_equal(store_idempotency_find(&h->cx, &status, &body), 1);
	assert_int_equal(status, 201);
	assert_string_equal(body, "{}");
	c->hash[0] = '2';
	REFUSED(store_idempotency_find(&h->cx, &status, &body), R_IDEMPOTENCY_OTHER);
	c->actor = "b";
	assert_int_equal(store_idempotency_find(&h->cx, &status, &body), 0);
	db_rollback(&h->cx);
	memset(c, 0, sizeof(*c));
}

static void
M25_an_idempotency_key_is_claimed_with_the_first_effect(void **state)
{
	struct house *h = *state;
	struct claim *c = &h->cx.claim;
	const char *body;
	int status;

	*c = (struct claim){ .actor = "a", .key = "claimed", .hash = "1" };
	OK(db_begin(&h->cx));
	OK(audit(&h->cx, "test", "x", NULL));
	OK(audit(&h->cx, "test", "y", NULL)); /* a second effect of the same request */
	OK(db_commit(&h->cx));
	assert_int_equal(store_idempotency_find(&h->cx, &status, &body), 1);
	assert_int_equal(status, 0);
	/* the same request again, at the same time or after a crash: no effect */
	c->taken = false;
	OK(db_begin(&h->cx));
	REFUSED(audit(&h->cx, "test", "x", NULL), R_IDEMPOTENCY_CLAIMED);
	db_rollback(&h->cx);
	/* the answer comes later and stays */
	OK(db_begin(&h->cx));
	OK(store_idempotency_save(&h->cx, 201, "first"));
	OK(store_idempotency_save(&h->cx, 200, "second"));
	assert_int_equal(store_idempotency_find(&h->cx, &status, &body), 1);
	assert_int_equal(status, 201);
	assert_string_equal(body, "first");
	/* a day later the key is free */
	h->cx.now += 24 * 3600 + 1;
	c->taken = false;
	OK(store_idempotency_claim(&h->cx));
	h->cx.now -= 24 * 3600 + 1;
	db_rollback(&h->cx);
	memset(c, 0, sizeof(*c));
}

static void
P29_each_event_is_chained_to_the_one_before(void **state)
{
	struct house *h = *state;
	struct err why = { 0 };
	struct audit_row *v;
	unsigned char previous[32] = { 0 }, hash[32];
	bool more;
	size_t n;

	REFUSED(audit(&h->cx, "outside", "", NULL), R_INTERNAL);
	OK(db_begin(&h->cx));
	OK(audit(&h->cx, "test.one", "x", "{\"a\":1}"));
	OK(audit(&h->cx, "test.two", "y", NULL));
	OK(db_commit(&h->cx));
	err_set(&why, R_NOT_FOUND, NULL, "no");
	audit_refusal(&h->cx, "test.refused", "z", &why);
	assert_false(err_is_set(&h->cx.err));
	OK(store_audit_walk(&h->cx, 0, 100000, &v, &n));
	for (size_t i = 0; i < n; i++) {
		assert_int_equal(v[i].sequence, i + 1);
		audit_hash(previous, &v[i], hash);
		assert_memory_equal(hash, v[i].hash, 32);
		memcpy(previous, hash, 32);
	}
	assert_string_equal(v[n - 1].outcome, "not-found");
	OK(store_audit_list(
	    &h->cx, &(struct audit_query){ .text = "TEST.", .limit = 2 }, &v, &n, &more));
	assert_int_equal(n, 2);
	assert_true(more);
	assert_string_equal(v[0].action, "test.refused");
	assert_string_equal(v[1].action, "test.two");
	v[1].detail = "{\"edited\":true}";
	audit_hash(previous, &v[1], hash);
	assert_memory_not_equal(hash, v[1].hash, 32);
}

static void
add_modulus(struct house *h, unsigned char mark, bool own, bool falls)
{
	struct modulus_row m = { .n = &mark, .len = 1, .own = own, .falls = falls };

	memset(m.sha256, mark, 32);
	OK(store_modulus_insert(&h->cx, &m));
}

static void
moduli_are_forgotten_from_the_oldest_and_our_own_never(void **state)
{
	struct house *h = *state;
	struct modulus_row *rows;
	unsigned char sha256[32];
	bool falls;
	size_t n;

	OK(db_begin(&h->cx));
	for (unsigned char mark = 1; mark <= 5; mark++)
		add_modulus(h, mark, mark == 2, false);
	OK(store_modulus_forget(&h->cx, 2));
	OK(store_modulus_newest(&h->cx, 10, &rows, &n));
	assert_int_equal(n, 3);
	assert_true(rows[0].n[0] == 2 && rows[1].n[0] == 4 && rows[2].n[0] == 5);
	assert_true(rows[0].own && !rows[1].own);
	OK(store_modulus_newest(&h->cx, 1, &rows, &n));
	assert_true(n == 1 && rows[0].n[0] == 5);
	OK(store_modulus_walk(&h->cx, rows[0].sequence - 1, 10, &rows, &n));
	assert_true(n == 1 && rows[0].n[0] == 5);
	/* what is known of one is added up */
	memset(sha256, 4, 32);
	add_modulus(h, 4, false, true);
	OK(store_modulus_falls(&h->cx, sha256, &falls));
	assert_true(falls);
	add_modulus(h, 4, false, false);
	OK(store_modulus_falls(&h->cx, sha256, &falls));
	assert_true(falls);
	OK(db_commit(&h->cx));
}

static void
moduli_wait_until_they_are_compared(void **state)
{
	struct house *h = *state;
	struct modulus_row *rows;
	size_t n;

	OK(db_begin(&h->cx));
	add_modulus(h, 11, true, false);
	add_modulus(h, 12, false, false);
	OK(store_modulus_waiting(&h->cx, 10, &rows, &n));
	assert_in_range(n, 2, 9);
	assert_true(rows[n - 2].n[0] == 11 && rows[n - 1].n[0] == 12);
	for (size_t i = 0; i < n; i++)
		OK(store_modulus_compared(&h->cx, rows[i].sequence));
	add_modulus(h, 11, true, false);
	add_modulus(h, 12, false, false);
	OK(store_modulus_waiting(&h->cx, 10, &rows, &n));
	assert_int_equal(n, 0);
	add_modulus(h, 12, true, false); /* it becomes our own */
	OK(store_modulus_waiting(&h->cx, 10, &rows, &n));
	assert_true(n == 1 && rows[0].n[0] == 12);
	OK(db_commit(&h->cx));
}

/* sql/0014_states.sql: what comes with each certificate is compared, not looked up
 * in a table that SQLite makes for it. */
static void
what_is_inserted_often_makes_no_table_of_its_states(void **state)
{
	static const char *const inserts[] = { "EXPLAIN INSERT INTO request DEFAULT VALUES",
		"EXPLAIN INSERT INTO submission DEFAULT VALUES",
		"EXPLAIN INSERT INTO issued DEFAULT VALUES" };
	struct house *h = *state;
	struct identity i = { 0 };
	struct key_row k;
	struct request_row r;

	OK(db_begin(&h->cx));
	for (size_t n = 0; n < nitems(inserts); n++) {
		AUTO(db_stmt) struct db_stmt *st = NULL;
		bool compared = false;

		OK(db_prepare(&h->cx, &st, inserts[n]));
		while (db_step(&h->cx, st) == 1) {
			const char *opcode = db_text(st, 1, h->cx.arena);

			assert_string_not_equal(opcode, "OpenEphemeral");
			compared = compared || strcmp(opcode, "Eq") == 0;
		}
		assert_true(compared);
	}
	i = an_identity(h, "of states");
	k = a_key(h, &i, 1, 77);
	r = a_request(h, &i, &k);
	OK(store_request_set_state(&h->cx, r.id, "withdrawn"));
	REFUSED(store_request_set_state(&h->cx, r.id, "odd"), R_DB_CONSTRAINT);
	db_rollback(&h->cx);
}

static void
P36_what_was_put_off_by_a_clock_that_went_back_is_due(void **state)
{
	struct house *h = *state;
	struct digest_row d = { .channel = "mail:a@example.com",
		.subject = "s",
		.body = "b",
		.created_at = h->cx.now };
	struct component_row c = { .name = "a",
		.kind = "files",
		.target = "t",
		.delivery = "none",
		.created_by = "x",
		.created_at = h->cx.now },
			     b;
	struct identity i;
	int64_t now = h->cx.now;

	OK(db_begin(&h->cx));
	i = an_identity(h, "of clocks");
	id_new(d.id);
	d.next_at = now + DIGEST_DELAY_MAX_S;
	OK(store_digest_insert(&h->cx, &d));
	assert_int_equal(store_digest_due(&h->cx, &d), 0);
	d.next_at++;
	OK(store_digest_update(&h->cx, &d));
	assert_int_equal(store_digest_due(&h->cx, &d), 1);

	memcpy(c.identity, i.id, ID_SIZE);
	id_new(c.id);
	c.address = "127.0.0.1:1";
	OK(store_component_insert(&h->cx, &c));
	b = c;
	b.name = "b";
	b.target = "u";
	id_new(b.id);
	OK(store_component_insert(&h->cx, &b));
	c.check_at = now + CHECK_AHEAD_S + 1;
	b.check_at = now + 60;
	OK(store_component_set_check(&h->cx, &c));
	OK(store_component_set_check(&h->cx, &b));
	assert_int_equal(store_component_next_check(&h->cx, &c), 1);
	assert_string_equal(c.name, "a");
	assert_int_equal(c.check_at, now);
	c.check_at = now + CHECK_AHEAD_S;
	OK(store_component_set_check(&h->cx, &c));
	assert_int_equal(store_component_next_check(&h->cx, &c), 1);
	assert_string_equal(c.name, "b");
	assert_int_equal(c.check_at, now + 60);
	db_rollback(&h->cx);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(P22_what_another_tenant_has_does_not_exist),
		cmocka_unit_test(
		    M8_the_key_of_a_CSR_is_the_newest_never_installed_else_the_active_one),
		cmocka_unit_test(what_is_there_already_is_said),
		cmocka_unit_test(requests_are_numbered_for_people),
		cmocka_unit_test(P24_sessions_end_with_their_account),
		cmocka_unit_test(a_TOTP_step_is_accepted_once),
		cmocka_unit_test(an_idempotency_key_answers_the_same_request_only),
		cmocka_unit_test(M25_an_idempotency_key_is_claimed_with_the_first_effect),
		cmocka_unit_test(moduli_are_forgotten_from_the_oldest_and_our_own_never),
		cmocka_unit_test(moduli_wait_until_they_are_compared),
		cmocka_unit_test(what_is_inserted_often_makes_no_table_of_its_states),
		cmocka_unit_test(P36_what_was_put_off_by_a_clock_that_went_back_is_due),
		cmocka_unit_test(P29_each_event_is_chained_to_the_one_before),
	};

	return cmocka_run_group_tests(tests, house_open, house_close);
}
