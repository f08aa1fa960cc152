/*
 * test_component.c - status, next event, address and what needs a person
 *
 * attention_identity.c, attention_keys.c, attention_system.c, op_attention.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/clock.h"
#include "op/op_component.h"
#include "people_fake.h"

#define DAY  86400
#define FROM 1796083200 /* 1 Dec 2026 */
#define LIFE (90 * DAY)

static bool same;

static bool
serves(struct tls_slot *slot, const unsigned char sha256[32])
{
	return same;
}

/* The portal with one certificate of 90 days; of a CA, or its own. */
static void
portal(struct fake *f, const char *names, const char *origin)
{
	static const char *addresses[] = { "127.0.0.1:8443", "[::1]:8443" };
	struct ctx *cx = &f->cx;
	struct identity i = { .name = "portal", .created_at = FROM };
	struct key_row key = { .type = "ec:P-256",
		.origin = "generated",
		.bits = 256,
		.blob = (const unsigned char *)"b",
		.blob_len = 1,
		.spki = (const unsigned char *)"s",
		.spki_len = 1 };
	struct cert_row c = { .der = (const unsigned char *)"d",
		.der_len = 1,
		.serial = "01",
		.subject = "CN=portal",
		.issuer = "CN=CA",
		.names = names,
		.origin = origin,
		.not_before = FROM,
		.not_after = FROM + LIFE };

	f->house.serves = serves;
	f->house.addresses = addresses;
	f->house.naddresses = nitems(addresses);
	same = true;
	id_new(i.id);
	id_new(key.id);
	id_new(c.id);
	strcpy(key.identity, i.id);
	strcpy(c.identity, i.id);
	strcpy(c.key, key.id);
	strcpy(i.active, c.id);
	random_bytes(c.sha256, sizeof(c.sha256));
	fake_request(cx, FROM, "192.0.2.1");
	assert_done(cx, db_begin(cx));
	assert_done(cx, store_identity_insert(cx, &i));
	assert_done(cx, store_key_insert(cx, &key));
	assert_done(cx, store_cert_insert(cx, &c));
	assert_done(cx, db_commit(cx));
}

static struct component
at(struct fake *f, int64_t now)
{
	struct component *c;
	size_t n;

	f->cx.now = now;
	assert_done(&f->cx, op_component_list(&f->cx, &c, &n));
	assert_int_equal(n, 1);
	return c[0];
}

static void
days_are_whole_and_negative_once_it_is_over(void **state)
{
	static const struct {
		int64_t seconds, days;
	} cases[] = { { 0, 0 }, { DAY - 1, 0 }, { DAY, 1 }, { 90 * DAY + 5, 90 }, { -1, -1 },
		{ -DAY, -1 }, { -DAY - 1, -2 } };

	for (size_t i = 0; i < nitems(cases); i++)
		assert_int_equal(days_left(FROM + cases[i].seconds, FROM), cases[i].days);
}

static void
the_status_follows_the_life_to_the_second(void **state)
{
	static const struct {
		int64_t at;
		enum component_status status;
		const char *next;
	} cases[] = {
		{ -1, COMPONENT_EARLY, "valid from 1 Dec 2026, 00:00 UTC on" },
		{ 0, COMPONENT_FINE, "renew from 30 Jan 2027 on" },
		{ 60 * DAY - 1, COMPONENT_FINE, "renew from 30 Jan 2027 on" },
		{ 60 * DAY, COMPONENT_DUE, "expires 1 Mar 2027" },
		{ LIFE, COMPONENT_DUE, "expires 1 Mar 2027" },
		{ LIFE + 1, COMPONENT_EXPIRED, "expired just now" },
	};

	portal(*state, "a.example.com", "answer");
	for (size_t i = 0; i < nitems(cases); i++) {
		struct component c = at(*state, FROM + cases[i].at);

		assert_int_equal(c.status, cases[i].status);
		assert_string_equal(c.next, cases[i].next);
	}
	same = false;
	assert_int_equal(at(*state, FROM).status, COMPONENT_OTHER);
}

static void
the_management_URL_leads_somewhere(void **state)
{
	static const struct {
		const char *names, *address, *url;
	} cases[] = {
		{ "*.example.com\na.example.com", "127.0.0.1:8443", "https://a.example.com:8443/" },
		{ "a.example.com", "0.0.0.0:443", "https://a.example.com/" },
		{ "*.example.com", "[2001:db8::1]:8443", "https://[2001:db8::1]:8443/" },
		{ "2001:db8::1", "[::]:8443", NULL },
	};

	for (size_t i = 0; i < nitems(cases); i++) {
		fake_close(state);
		fake_open(state);
		portal(*state, cases[i].names, "answer");
		((struct fake *)*state)->house.addresses = (const char **)&cases[i].address;
		if (cases[i].url == NULL)
			assert_null(at(*state, FROM).management_url);
		else
			assert_string_equal(at(*state, FROM).management_url, cases[i].url);
	}
	fake_close(state);
	fake_open(state);
	portal(*state, "host\nlocalhost", "self-signed");
	assert_string_equal(at(*state, FROM).management_url, "https://127.0.0.1:8443/");
}

static void
needs(struct fake *f, int64_t now, const enum attention_kind *want, size_t nwant)
{
	struct attention *list;
	size_t n;

	f->cx.now = now;
	assert_done(&f->cx, op_attention(&f->cx, &list, &n));
	assert_int_equal(n, nwant);
	for (size_t i = 0; i < n; i++)
		assert_int_equal(list[i].kind, want[i]);
}
#define NEEDS(f, now, ...)                                          \
	needs(f, now, (const enum attention_kind[]){ __VA_ARGS__ }, \
	    sizeof((const enum attention_kind[]){ __VA_ARGS__ }) / sizeof(enum attention_kind))

static void
what_needs_a_person_comes_worst_first(void **state)
{
	struct fake *f = *state;

	portal(f, "localhost", "self-signed");
	NEEDS(f, FROM, ATTENTION_SELF_SIGNED);
	fake_account(&f->cx, "root");
	NEEDS(f, FROM, ATTENTION_SELF_SIGNED, ATTENTION_ONE_SUPER);
	NEEDS(f, FROM + 70 * DAY, ATTENTION_SELF_SIGNED, ATTENTION_DUE, ATTENTION_ONE_SUPER);
	NEEDS(f, FROM + 85 * DAY, ATTENTION_DUE, ATTENTION_SELF_SIGNED, ATTENTION_ONE_SUPER);
	f->house.no_sandbox = true;
	same = false;
	NEEDS(f, FROM + 91 * DAY, ATTENTION_OTHER, ATTENTION_EXPIRED, ATTENTION_SANDBOX,
	    ATTENTION_SELF_SIGNED, ATTENTION_ONE_SUPER);
}

static void
the_next_step_towards_a_certificate_is_named(void **state)
{
	struct fake *f = *state;
	struct attention *list;
	size_t n;

	portal(f, "localhost", "self-signed");
	f->cx.now = FROM;
	assert_done(&f->cx, op_attention(&f->cx, &list, &n));
	assert_int_equal(list[0].step, STEP_KEY);
	assert_false(err_is_set(&f->cx.err));
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fake_open, fake_close)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(days_are_whole_and_negative_once_it_is_over),
		TEST(the_status_follows_the_life_to_the_second),
		TEST(the_management_URL_leads_somewhere),
		TEST(what_needs_a_person_comes_worst_first),
		TEST(the_next_step_towards_a_certificate_is_named),
	};

	return cmocka_run_group_tests_name("component", tests, NULL, NULL);
}
