/*
 * test_ca_tables.c - our own authorities and what they issued, in the tables
 *
 * store_authority.c, store_ca.c, store_inventory.c, store_issued.c, store_revocation.c
 */
#include "house.h"

static const unsigned char der[] = "der";

static struct ca_row
a_ca(struct house *h, const char *authority, bool insert)
{
	struct authority_row a = { .name = authority, .created_by = "tester" };
	struct ca_row c = { .authority = authority,
		.role = "issuing",
		.state = "active",
		.number = 1,
		.type = "ec:P-256",
		.blob = der,
		.blob_len = 3,
		.spki = der,
		.spki_len = 3,
		.der = der,
		.der_len = 3,
		.chain = der,
		.subject = "CN=x",
		.serial = "01" };

	id_new(c.id);
	id_new(c.key);
	if (!insert)
		return c;
	OK(store_authority_insert(&h->cx, &a));
	OK(store_ca_insert(&h->cx, &c));
	return c;
}

static struct issued_row
an_issued(const struct ca_row *ca, const char *serial)
{
	struct issued_row i = { .serial = serial,
		.state = "issued",
		.profile = "server",
		.der = der,
		.der_len = 3,
		.subject = "CN=www.example.com",
		.name = "www.example.com",
		.names = "www.example.com\na.example.com",
		.not_after = 2000000000 };

	id_new(i.id);
	memcpy(i.ca, ca->id, ID_SIZE);
	return i;
}

static void
P3_no_serial_twice_in_one_CA(void **state)
{
	struct house *h = *state;
	struct ca_row one, two;
	struct issued_row i, found;

	OK(db_begin(&h->cx));
	one = a_ca(h, "one", true);
	two = a_ca(h, "two", true);
	i = an_issued(&one, "0a01");
	OK(store_issued_insert(&h->cx, &i));
	i = an_issued(&one, "0a01");
	REFUSED(store_issued_insert(&h->cx, &i), R_ISSUED_TWICE);
	i = an_issued(&two, "0a01"); /* of another issuer it is another one */
	OK(store_issued_insert(&h->cx, &i));
	REFUSED(store_issued_find(&h->cx, "0a01", &found), R_SERIAL_AMBIGUOUS);
	OK(store_issued_by_serial(&h->cx, two.id, "0a01", &found));
	assert_string_equal(found.id, i.id);
	REFUSED(store_issued_find(&h->cx, "0a02", &found), R_NOT_FOUND);
	db_rollback(&h->cx);
}

static void
a_name_is_taken_once(void **state)
{
	struct house *h = *state;
	struct authority_row a = { .name = "once", .created_by = "tester" }, found;

	OK(db_begin(&h->cx));
	OK(store_authority_insert(&h->cx, &a));
	REFUSED(store_authority_insert(&h->cx, &a), R_CA_EXISTS);
	a.name = "Once";
	REFUSED(store_authority_insert(&h->cx, &a), R_CA_EXISTS);
	a.name = "once";
	a.policy = "{}";
	a.policy_version = 2;
	OK(store_authority_update(&h->cx, &a));
	OK(store_authority_load(&h->cx, "once", &found));
	assert_string_equal(found.policy, "{}");
	assert_int_equal(found.policy_version, 2);
	db_rollback(&h->cx);
}

static void
a_ca_comes_back_as_it_was(void **state)
{
	struct house *h = *state;
	struct ca_row c, found, *list;
	size_t n;

	OK(db_begin(&h->cx));
	c = a_ca(h, "whole", true);
	OK(store_ca_load(&h->cx, c.id, &found));
	assert_string_equal(found.subject, "CN=x");
	assert_memory_equal(found.blob, der, 3);
	assert_int_equal(found.chain_len, 0);
	OK(store_ca_by_key(&h->cx, c.key, &found));
	assert_string_equal(found.id, c.id);
	found.state = "retired";
	found.blob = NULL;
	found.blob_len = 0;
	OK(store_ca_update(&h->cx, &found));
	OK(store_ca_set_crl_number(&h->cx, c.id, 7));
	OK(store_ca_list(&h->cx, "whole", &list, &n));
	assert_int_equal(n, 1);
	assert_null(list[0].blob);
	assert_string_equal(list[0].state, "retired");
	assert_int_equal(list[0].crl_number, 7);
	REFUSED(store_ca_load(&h->cx, "nobody", &found), R_NOT_FOUND);
	db_rollback(&h->cx);
}

struct revoked {
	size_t n;
	char first[50];
};

static void
note(void *arg, const char *serial, int64_t at, int reason)
{
	struct revoked *r = arg;

	if (r->n++ == 0)
		snprintf(r->first, sizeof(r->first), "%s %d %d", serial, (int)at, reason);
}

static void
P6_revoked_and_unexpired_is_listed(void **state)
{
	struct house *h = *state;
	struct revoked r = { 0 };
	struct ca_row ca;
	struct issued_row i;
	int64_t end;

	OK(db_begin(&h->cx));
	ca = a_ca(h, "lists", true);
	OK(store_issued_last_end(&h->cx, ca.id, &end));
	assert_int_equal(end, 0);
	for (int k = 0; k < 3; k++) {
		i = an_issued(&ca, k == 0 ? "01" : k == 1 ? "02" : "03");
		i.not_after = k == 1 ? 1000 : 2000; /* the second ended */
		OK(store_issued_insert(&h->cx, &i));
		if (k == 2)
			continue;
		i.state = "revoked";
		i.revoked_at = 500;
		i.reason = 1;
		OK(store_issued_set_state(&h->cx, &i));
	}
	OK(store_issued_each_revoked(&h->cx, ca.id, 0, 1001, note, &r));
	assert_int_equal(r.n, 1);
	assert_string_equal(r.first, "01 500 1");
	r.n = 0;
	OK(store_issued_each_revoked(&h->cx, ca.id, 0, 1000, note, &r)); /* its last second */
	assert_int_equal(r.n, 2);
	OK(store_issued_last_end(&h->cx, ca.id, &end));
	assert_int_equal(end, 2000);
	db_rollback(&h->cx);
}

static void
a_list_and_a_signer_replace_the_one_before(void **state)
{
	struct house *h = *state;
	struct crl_row crl = { 1, der, 3, 10, 20 }, found;
	struct ocsp_signer_row s = { der, der, der, 3, 3, 3, 100 }, signer;
	struct ca_row ca;

	OK(db_begin(&h->cx));
	ca = a_ca(h, "told", true);
	REFUSED(store_crl_load(&h->cx, ca.id, 0, &found), R_NOT_FOUND);
	REFUSED(store_ocsp_signer_load(&h->cx, ca.id, &signer), R_NOT_FOUND);
	OK(store_crl_save(&h->cx, ca.id, 0, &crl));
	crl.number = 2;
	OK(store_crl_save(&h->cx, ca.id, 0, &crl));
	OK(store_crl_load(&h->cx, ca.id, 0, &found));
	assert_int_equal(found.number, 2);
	assert_int_equal(found.next_update, 20);
	OK(store_ocsp_signer_save(&h->cx, ca.id, &s));
	s.not_after = 200;
	OK(store_ocsp_signer_save(&h->cx, ca.id, &s));
	OK(store_ocsp_signer_load(&h->cx, ca.id, &signer));
	assert_int_equal(signer.not_after, 200);
	db_rollback(&h->cx);
}

static void
save_crl(struct house *h, const char *ca, int64_t number, int64_t at, int64_t life)
{
	struct crl_row c = { number, NULL, 0, at, at + life };

	h->cx.now = at;
	OK(store_crl_save(&h->cx, ca, 2, &c));
}

static int64_t
base(struct house *h, const char *ca, int64_t now)
{
	struct crl_row found;

	h->cx.now = now;
	OK(store_crl_base(&h->cx, ca, 2, &found));
	return found.number;
}

static void
P6_no_list_that_is_still_good_is_older_than_the_base_of_a_delta(void **state)
{
	enum { HOUR = 3600, LIFE = 7 * 86400 };
	struct house *h = *state;
	const int64_t before = h->cx.now;
	struct crl_row found;
	struct ca_row ca;

	OK(db_begin(&h->cx));
	ca = a_ca(h, "bases", true);
	REFUSED(store_crl_base(&h->cx, ca.id, 2, &found), R_NOT_FOUND);
	for (int64_t n = 1; n <= 400; n++) { /* one an hour */
		save_crl(h, ca.id, n, n * HOUR, LIFE);
		/* the oldest that is good is of a life ago */
		assert_true(base(h, ca.id, n * HOUR) <= (n <= 168 ? 1 : n - 168));
		assert_true(base(h, ca.id, n * HOUR) >= (n <= 180 ? 1 : n - 180));
	}
	OK(store_crl_load(&h->cx, ca.id, 2, &found));
	assert_int_equal(found.number, 400);
	REFUSED(store_crl_load(&h->cx, ca.id, 0, &found), R_NOT_FOUND); /* of another part */
	h->cx.now = before;
	db_rollback(&h->cx);
}

static void
P6_what_changed_since_a_list_is_told_of_its_part(void **state)
{
	struct house *h = *state;
	struct revoked r = { 0 };
	struct ca_row ca;
	struct issued_row i;

	OK(db_begin(&h->cx));
	ca = a_ca(h, "changes", true);
	for (int k = 0; k < 4; k++) {
		i = an_issued(&ca, k == 0 ? "01" : k == 1 ? "02" : k == 2 ? "03" : "04");
		i.shard = k % 2;
		OK(store_issued_insert(&h->cx, &i));
		OK(store_issued_find(&h->cx, i.serial, &i));
		assert_int_equal(i.shard, k % 2);
		OK(store_ca_set_crl_number(
		    &h->cx, ca.id, k)); /* list k is made before the change */
		i.state = "revoked";
		i.revoked_at = 500;
		OK(store_issued_set_state(&h->cx, &i));
	}
	OK(store_issued_each_changed(&h->cx, ca.id, 0, 0, 0, note, &r));
	assert_int_equal(r.n, 4);
	r.n = 0;
	OK(store_issued_each_changed(&h->cx, ca.id, 1, 2, 0, note, &r));
	assert_int_equal(r.n, 1);
	assert_string_equal(r.first, "04 500 0");
	i.state = "issued"; /* and is released */
	i.revoked_at = 0;
	OK(store_issued_set_state(&h->cx, &i));
	r.n = 0;
	OK(store_issued_each_changed(&h->cx, ca.id, 1, 3, 0, note, &r));
	assert_int_equal(r.n, 1);
	assert_string_equal(r.first, "04 0 0");
	db_rollback(&h->cx);
}

static void
M32_counted_by_state_and_by_the_end_of_life(void **state)
{
	static const struct {
		const char *state;
		int64_t left; /* at now */
	} rows[] = { { "issued", -1 }, { "issued", 0 }, { "issued", ISSUED_SOON - 1 },
		{ "issued", ISSUED_SOON }, { "revoked", 100 }, { "held", -100 },
		{ "presumed", 5 } };
	struct house *h = *state;
	const int64_t before = h->cx.now;
	struct issued_query q = { 0 };
	struct issued_counts c;
	struct issued_spans spans;
	struct issued_row i, *list;
	struct ca_row ca;
	int64_t ends[3];
	size_t n;

	OK(db_begin(&h->cx));
	h->cx.now = 1000000000;
	ca = a_ca(h, "counts", true);
	for (size_t k = 0; k < nitems(rows); k++) {
		i = an_issued(&ca, arena_printf(h->cx.arena, "c%zu", k));
		i.state = rows[k].state;
		i.not_after = h->cx.now + rows[k].left;
		i.names = k == 2 ? "needle.example.com" : "www.example.com";
		OK(store_issued_insert(&h->cx, &i));
	}
	spans = (struct issued_spans){ h->cx.now - 10, ISSUED_SOON, ends, 3 };
	OK(store_issued_count(&h->cx, &q, &c, &spans));
	assert_int_equal(c.all, nitems(rows));
	assert_int_equal(c.ended, 1);
	assert_int_equal(c.soon, 2);
	assert_int_equal(c.valid, 1);
	assert_int_equal(c.revoked + c.held + c.presumed, 3);
	for (size_t k = 0; k < 3; k++) {
		q.state = ((const char *const[]){ "ended", "soon", "valid" })[k];
		q.limit = 10;
		OK(store_issued_list(&h->cx, &q, &list, &n));
		assert_int_equal(n, k == 1 ? 2 : 1);
	}
	/* what ended in a span that has begun is not counted, nor is what is not good */
	assert_int_equal(ends[0], 1);
	assert_int_equal(ends[1], 2);
	assert_int_equal(ends[2], 0);
	spans.from = h->cx.now;
	q.text = "needle";
	OK(store_issued_count(&h->cx, &q, &c, &spans));
	assert_int_equal(c.all, 1);
	assert_int_equal(c.soon, 1);
	assert_int_equal(ends[0] + ends[1] + ends[2], 1);
	h->cx.now = before;
	db_rollback(&h->cx);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(P3_no_serial_twice_in_one_CA),
		cmocka_unit_test(a_name_is_taken_once),
		cmocka_unit_test(a_ca_comes_back_as_it_was),
		cmocka_unit_test(P6_revoked_and_unexpired_is_listed),
		cmocka_unit_test(M32_counted_by_state_and_by_the_end_of_life),
		cmocka_unit_test(a_list_and_a_signer_replace_the_one_before),
		cmocka_unit_test(P6_no_list_that_is_still_good_is_older_than_the_base_of_a_delta),
		cmocka_unit_test(P6_what_changed_since_a_list_is_told_of_its_part),
	};

	return cmocka_run_group_tests_name("ca tables", tests, house_open, house_close);
}
