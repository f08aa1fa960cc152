/*
 * test_search.c - what was issued is found, filed or not
 *
 * bits.c, grams.c, store_filing.c, store_search.c, store_inventory.c
 */
#include "house.h"
#include "store/bits.h"
#include "store/grams.h"

#define MANY (2 * BLOCK + 500) /* two blocks to be filed, and a rest */

static struct ca_row ca;

static void
same_set(const struct bits *b)
{
	AUTO_BUF struct buf packed = { 0 };
	struct bits back;

	bits_pack(&packed, b);
	assert_in_range(packed.len, 1, sizeof(b->w) + 1);
	assert_int_equal(bits_unpack(&back, packed.data, packed.len), 0);
	assert_memory_equal(&back, b, sizeof(back));
}

static void
a_set_is_kept_as_it_was(void **state)
{
	static const size_t steps[] = { 1, 2, 3, 100, 129, 4000, BLOCK };
	static const unsigned char wrong[] = { 0, 0x81, 0, 0x7f };
	struct bits b = { 0 }, c;

	same_set(&b);
	for (size_t k = 0; k < nitems(steps); k++) {
		memset(&b, 0, sizeof(b));
		for (size_t i = k; i < BLOCK; i += steps[k])
			bits_add(&b, i);
		same_set(&b);
		for (size_t i = 0; i < nitems(b.w); i++)
			b.w[i] = ~b.w[i];
		same_set(&b);
	}
	assert_int_equal(bits_unpack(&c, wrong, 0), -1);
	assert_int_equal(bits_unpack(&c, wrong, 2), -1);
	assert_int_equal(bits_unpack(&c, wrong, sizeof(wrong)), 0);
	assert_int_equal(bits_count(&c), 2);
	assert_int_equal(bits_unpack(&c, (const unsigned char *)"\1\xff\x7f\1", 4), -1);
	assert_int_equal(bits_unpack(&c, (const unsigned char *)"\2\xff", 2), -1);
	assert_int_equal(bits_unpack(&c, (const unsigned char *)"\3", 1), -1);
}

static void
insert_one(struct house *h, size_t k)
{
	static const char *const states[] = { "issued", "issued", "issued", "revoked", "held" };
	char serial[20], name[60], subject[80];
	struct issued_row i = { .serial = serial,
		.state = states[k % 5],
		.profile = "server",
		.der = (const unsigned char *)"der",
		.der_len = 3,
		.subject = subject,
		.name = name,
		.names = name,
		.not_after = h->cx.now - 1000 + (int64_t)(k % 7) * 30 * 86400 };

	snprintf(serial, sizeof(serial), "%08zx", k * 2654435761U & 0xffffffff);
	snprintf(
	    name, sizeof(name), "Host%05zu.example.com%s", k, k % 100 == 7 ? "\nrare.example" : "");
	snprintf(subject, sizeof(subject), "C=US, O=\xc3\x84pfel, CN=host%05zu", k);
	memset(i.sha256, (int)(k % 251), sizeof(i.sha256));
	i.sha256[0] = (unsigned char)(k >> 4);
	id_new(i.id);
	memcpy(i.ca, ca.id, ID_SIZE);
	OK(store_issued_insert(&h->cx, &i));
}

static void
insert_many(struct house *h)
{
	struct authority_row a = { .name = "house", .created_by = "tester" };

	ca = (struct ca_row){ .authority = "house",
		.role = "issuing",
		.state = "active",
		.type = "ec:P-256",
		.spki = (const unsigned char *)"x",
		.spki_len = 1,
		.subject = "CN=x" };
	id_new(ca.id);
	id_new(ca.key);
	OK(db_begin(&h->cx));
	OK(store_authority_insert(&h->cx, &a));
	OK(store_ca_insert(&h->cx, &ca));
	for (size_t k = 0; k < MANY; k++)
		insert_one(h, k);
	OK(db_commit(&h->cx));
}

/* What every question is answered with, as text. */
static const char *
answers(struct house *h)
{
	static const char *const texts[] = { NULL, "h", "os", "host", "host0", "01234", "t0123",
		"rare", "rare.example", "example.com", "com.example",
		"\xc3\x84"
		"pfel",
		"=us, o", "zz", "0", "0a", "9e3", "9e3779b1", "9e3779b10", "ff", "00fa", "nowhere",
		"7\nrare" };
	static const char *const states[] = { NULL, "issued", "revoked", "held", "presumed",
		"valid", "soon", "ended" };
	int64_t ends[4];
	struct issued_spans spans = { h->cx.now - 100, 30 * 86400, ends, 4 };
	struct issued_counts c;
	struct issued_row *rows;
	char *all = arena_strdup(h->cx.arena, "");
	size_t n;

	for (size_t t = 0; t < nitems(texts); t++) {
		struct issued_query of = { .text = texts[t] };

		OK(store_issued_count(&h->cx, &of, &c, &spans));
		all = arena_printf(h->cx.arena,
		    "%s\n%s: %ld %ld %ld %ld %ld %ld %ld, %ld %ld %ld %ld", all,
		    texts[t] == NULL ? "all" : texts[t], (long)c.all, (long)c.valid, (long)c.soon,
		    (long)c.ended, (long)c.revoked, (long)c.held, (long)c.presumed, (long)ends[0],
		    (long)ends[1], (long)ends[2], (long)ends[3]);
		for (size_t s = 0; s < nitems(states); s++) {
			struct issued_query q = { texts[t], states[s], NULL, 7, NULL };

			for (int page = 0; page < 2; page++) {
				OK(store_issued_list(&h->cx, &q, &rows, &n));
				for (size_t i = 0; i < n; i++)
					all = arena_printf(
					    h->cx.arena, "%s %s", all, rows[i].serial);
				if (n > 0)
					q.before = rows[n - 1].id;
			}
		}
	}
	return all;
}

static void
count(void *arg, struct ctx *cx, const struct issued_row *row)
{
	++*(size_t *)arg;
}

static void
M32_the_same_is_found_before_and_after_it_is_filed(void **state)
{
	struct house *h = *state;
	struct issued_query q = { "rare", NULL, NULL, MANY, NULL };
	const char *before, *between, *after;
	size_t n = 0;

	insert_many(h);
	before = answers(h);
	assert_int_equal(store_issued_file(&h->cx), 1);
	between = answers(h);
	assert_int_equal(store_issued_file(&h->cx), 1);
	assert_int_equal(store_issued_file(&h->cx), 0); /* the rest is no block yet */
	after = answers(h);
	assert_string_equal(before, between);
	assert_string_equal(before, after);
	OK(store_issued_each(&h->cx, &q, count, &n));
	assert_int_equal(n, MANY / 100 + 1);
}

/* After the one above. */
static void
M32_a_state_that_changes_is_counted_and_found(void **state)
{
	struct issued_query q = { "host04000", "presumed", NULL, 10, NULL }, all = { 0 };
	struct house *h = *state;
	struct issued_counts was, is;
	struct issued_row *rows, row;
	size_t n;

	OK(store_issued_count(&h->cx, &all, &was, NULL));
	OK(store_issued_find(&h->cx, "22cd6da0", &row)); /* 4000 * 2654435761 */
	row.state = "presumed";
	OK(db_begin(&h->cx));
	OK(store_issued_set_state(&h->cx, &row));
	OK(db_commit(&h->cx));
	OK(store_issued_count(&h->cx, &all, &is, NULL));
	assert_int_equal(is.all, was.all);
	assert_int_equal(is.presumed, 1);
	OK(store_issued_list(&h->cx, &q, &rows, &n));
	assert_int_equal(n, 1);
	q.text = NULL;
	OK(store_issued_list(&h->cx, &q, &rows, &n));
	assert_int_equal(n, 1);
	assert_string_equal(rows[0].id, row.id);
}

/* Of another CA's history: its number was filed, then its certificate came. */
static void
M32_what_came_later_is_found_by_its_names(void **state)
{
	struct house *h = *state;
	struct issued_query q = { "late.example.org", NULL, NULL, 10, NULL }, all = { 0 };
	struct issued_counts was, is;
	struct issued_row row, *rows;
	size_t n;

	OK(store_issued_find(&h->cx, "daa66d13", &row)); /* 3 * 2654435761 */
	OK(db_begin(&h->cx));
	OK(db_exec(&h->cx, "UPDATE issued SET der = x'' WHERE id = $1", "t", row.id));
	OK(db_commit(&h->cx));
	OK(store_issued_count(&h->cx, &all, &was, NULL));
	row.names = row.name = "late.example.org";
	OK(db_begin(&h->cx));
	OK(store_issued_complete(&h->cx, &row));
	OK(db_commit(&h->cx));
	OK(store_issued_count(&h->cx, &all, &is, NULL));
	assert_memory_equal(&is, &was, sizeof(is));
	OK(store_issued_list(&h->cx, &q, &rows, &n));
	assert_int_equal(n, 1);
	assert_string_equal(rows[0].id, row.id);
	q.text = "host00003";
	OK(store_issued_list(&h->cx, &q, &rows, &n));
	assert_int_equal(n, 1); /* by its subject */
	q.text = "Host00003.example.com";
	OK(store_issued_list(&h->cx, &q, &rows, &n));
	assert_int_equal(n, 0);
}

static void
P22_nothing_of_another_tenant_is_found_or_counted(void **state)
{
	struct house *h = *state;
	struct issued_query q = { "host", NULL, NULL, 10, NULL }, all = { 0 };
	struct issued_counts c;
	struct issued_row *rows;
	size_t n;

	snprintf(h->cx.tenant, sizeof(h->cx.tenant), "other");
	OK(store_issued_count(&h->cx, &all, &c, NULL));
	assert_int_equal(c.all, 0);
	OK(store_issued_count(&h->cx, &q, &c, NULL));
	assert_int_equal(c.all, 0);
	OK(store_issued_list(&h->cx, &q, &rows, &n));
	assert_int_equal(n, 0);
	q.text = "0a";
	OK(store_issued_list(&h->cx, &q, &rows, &n));
	assert_int_equal(n, 0);
	q = (struct issued_query){ NULL, "revoked", NULL, 10, NULL };
	OK(store_issued_list(&h->cx, &q, &rows, &n));
	assert_int_equal(n, 0);
	snprintf(h->cx.tenant, sizeof(h->cx.tenant), "%s", TENANT_SYSTEM);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_set_is_kept_as_it_was),
		cmocka_unit_test(M32_the_same_is_found_before_and_after_it_is_filed),
		cmocka_unit_test(M32_a_state_that_changes_is_counted_and_found),
		cmocka_unit_test(M32_what_came_later_is_found_by_its_names),
		cmocka_unit_test(P22_nothing_of_another_tenant_is_found_or_counted),
	};

	return cmocka_run_group_tests_name("search", tests, house_open, house_close);
}
