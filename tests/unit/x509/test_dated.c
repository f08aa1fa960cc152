/*
 * test_dated.c - rules of publicly trusted TLS, the day before and on the day
 *
 * reserved.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "x509/dated.h"

static const char *
day_before(const char *day)
{
	static char out[DAY_SIZE];
	int64_t seconds;

	if (day_parse(day, &seconds) < 0)
		fail_msg("%s is no day", day);
	day_of(out, seconds - 1);
	return out;
}

static enum validation
bound(const struct dated_rule *r)
{
	return r->ov_only ? VALIDATION_OV : VALIDATION_DV;
}

static void
each_row_is_in_force_from_its_day_until_its_day(void **state)
{
	for (const struct dated_rule *r = dated_rules; r->id != NULL; r++) {
		enum validation v = bound(r);

		if (r->from != NULL &&
		    (dated_in_force(r, v, day_before(r->from)) || !dated_in_force(r, v, r->from)))
			fail_msg("%s from %s", r->id, r->from);
		if (r->until != NULL &&
		    (dated_in_force(r, v, r->until) || !dated_in_force(r, v, day_before(r->until))))
			fail_msg("%s until %s", r->id, r->until);
		if (dated_in_force(r, VALIDATION_PRIVATE, r->from == NULL ? "2020-01-01" : r->from))
			fail_msg("%s binds a private authority", r->id);
	}
}

static void
each_row_says_who_decided_and_where_it_stands(void **state)
{
	for (const struct dated_rule *r = dated_rules; r->id != NULL; r++) {
		assert_true(r->sentence[0] != '\0' && r->reference[0] != '\0');
		assert_true(strcmp(r->set_by, "CA/Browser Forum") == 0 ||
		    strcmp(r->set_by, "Chrome Root Program") == 0);
		if (strncmp(r->id, "public.", 7) != 0)
			fail_msg("%s", r->id);
		if ((r->effect == DATED_DROP || r->effect == DATED_REFUSE) && r->hits == NULL)
			fail_msg("%s hits everything", r->id);
		if ((r->effect == DATED_LIMIT || strcmp(r->id, "public.proof.reuse") == 0) !=
		    (r->days > 0))
			fail_msg("%s has days or should have", r->id);
	}
}

/* Rows of one id follow each other without a gap and without an overlap. */
static void
rows_of_one_rule_follow_each_other(void **state)
{
	for (const struct dated_rule *r = dated_rules; r->id != NULL; r++) {
		if (r[1].id == NULL || strcmp(r->id, r[1].id) != 0)
			continue;
		assert_non_null(r->until);
		assert_string_equal(r->until, r[1].from);
	}
}

static void
M10_the_longest_life_by_date(void **state)
{
	static const struct {
		const char *day;
		int64_t days;
	} cases[] = { { "2018-02-28", 0 }, { "2018-03-01", 825 }, { "2020-08-31", 825 },
		{ "2020-09-01", 398 }, { "2026-03-14", 398 }, { "2026-03-15", 200 },
		{ "2027-03-14", 200 }, { "2027-03-15", 100 }, { "2029-03-14", 100 },
		{ "2029-03-15", 47 }, { "2099-01-01", 47 } };

	for (size_t i = 0; i < nitems(cases); i++) {
		const struct dated_rule *r = dated_limit(VALIDATION_OV, cases[i].day);

		if ((r == NULL ? 0 : r->days) != cases[i].days)
			fail_msg("%s", cases[i].day);
		assert_null(dated_limit(VALIDATION_PRIVATE, cases[i].day));
	}
}

/* The days that the Forum, the root programmes and nobody else announced. */
static void
each_announced_day_has_its_rule(void **state)
{
	static const struct {
		const char *from, *id, *set_by;
	} announced[] = {
		{ "2015-11-01", "public.san.reserved", "CA/Browser Forum" },
		{ "2015-11-01", "public.san.internal", "CA/Browser Forum" },
		{ "2019-05-01", "public.san.underscore", "CA/Browser Forum" },
		{ "2021-10-01", "public.san.ldh", "CA/Browser Forum" },
		{ "2020-09-01", "public.life", "CA/Browser Forum" },
		{ "2021-08-16", "public.subject.ou-alone", "CA/Browser Forum" },
		{ "2022-09-01", "public.subject.ou", "CA/Browser Forum" },
		{ "2021-08-25", "public.subject.cn", "CA/Browser Forum" },
		{ "2021-08-25", "public.subject.cn-address", "CA/Browser Forum" },
		{ "2021-12-01", "public.proof.wildcard", "CA/Browser Forum" },
		{ "2021-12-01", "public.proof.exact", "CA/Browser Forum" },
		{ "2023-07-15", "public.crl.reason", "CA/Browser Forum" },
		{ "2023-09-15", "public.subject.dv", "CA/Browser Forum" },
		{ "2023-09-15", "public.subject.ov", "CA/Browser Forum" },
		{ "2023-09-15", "public.subject.once", "CA/Browser Forum" },
		{ "2023-09-15", "public.subject.cn-advice", "CA/Browser Forum" },
		{ "2023-09-15", "public.san.critical", "CA/Browser Forum" },
		{ "2024-03-15", "public.crl", "CA/Browser Forum" },
		{ "2024-03-15", "public.short-lived", "CA/Browser Forum" },
		{ "2025-03-15", "public.lint", "CA/Browser Forum" },
		{ "2025-03-15", "public.perspectives", "CA/Browser Forum" },
		{ "2025-09-15", "public.perspectives", "CA/Browser Forum" },
		{ "2026-03-15", "public.perspectives", "CA/Browser Forum" },
		{ "2026-06-15", "public.perspectives", "CA/Browser Forum" },
		{ "2026-12-15", "public.perspectives", "CA/Browser Forum" },
		{ "2026-03-15", "public.life", "CA/Browser Forum" },
		{ "2026-03-15", "public.proof.reuse", "CA/Browser Forum" },
		{ "2026-03-15", "public.proof.identity", "CA/Browser Forum" },
		{ "2026-03-15", "public.short-lived", "CA/Browser Forum" },
		{ "2026-03-15", "public.proof.dnssec", "CA/Browser Forum" },
		{ "2026-06-15", "public.log", "Chrome Root Program" },
		{ "2026-09-15", "public.signature.sha1", "CA/Browser Forum" },
		{ "2026-10-04", "public.aia", "CA/Browser Forum" },
		{ "2027-03-15", "public.life", "CA/Browser Forum" },
		{ "2027-03-15", "public.proof.reuse", "CA/Browser Forum" },
		{ "2027-03-15", "public.caa.parameters", "CA/Browser Forum" },
		{ "2027-03-15", "public.proof.telephone", "CA/Browser Forum" },
		{ "2027-03-15", "public.eku.server-only", "Chrome Root Program" },
		{ "2028-03-15", "public.proof.email", "CA/Browser Forum" },
		{ "2029-03-15", "public.life", "CA/Browser Forum" },
		{ "2029-03-15", "public.proof.reuse", "CA/Browser Forum" },
	};

	for (size_t i = 0; i < nitems(announced); i++) {
		const struct dated_rule *r = dated_rules;

		while (r->id != NULL &&
		    (strcmp(r->id, announced[i].id) != 0 || r->from == NULL ||
			strcmp(r->from, announced[i].from) != 0))
			r++;
		if (r->id == NULL)
			fail_msg("%s from %s", announced[i].id, announced[i].from);
		assert_string_equal(r->set_by, announced[i].set_by);
	}
}

/* A wish that each row is about: free the day before, hit on the day. */
static void
each_wish_is_hit_from_its_day_on(void **state)
{
	static struct san local = { .type = SAN_DNS, .text = "printer.local" },
			  ten = { .type = SAN_IP, .text = "10.0.0.1" },
			  under = { .type = SAN_DNS, .text = "a_b.example.com" },
			  odd = { .type = SAN_DNS, .text = "a+b.example.com" },
			  uri = { .type = SAN_URI, .text = "urn:a" };
	static const struct {
		const char *id;
		struct item it;
	} cases[] = {
		{ "public.san.type", { .name = "san.uri:urn:a", .value = "urn:a", .san = &uri } },
		{ "public.san.internal",
		    { .name = "san", .value = "printer.local", .san = &local } },
		{ "public.san.reserved", { .name = "san", .value = "10.0.0.1", .san = &ten } },
		{ "public.san.underscore",
		    { .name = "san", .value = "a_b.example.com", .san = &under } },
		{ "public.san.ldh", { .name = "san", .value = "a+b.example.com", .san = &odd } },
		{ "public.subject.ou-alone", { .name = "subject.OU", .value = "x" } },
		{ "public.subject.ou", { .name = "subject.OU", .value = "x" } },
		{ "public.subject.cn", { .name = "subject.CN", .value = "The shop" } },
		{ "public.subject.cn-address", { .name = "subject.CN", .value = "2A00::1" } },
		{ "public.subject.dv", { .name = "subject.L", .value = "x" } },
		{ "public.subject.ov",
		    { .name = "subject.emailAddress", .value = "a@example.com" } },
		{ "public.subject.once", { .name = "subject.CN#2", .value = "b.example.com" } },
		{ "public.eku.server-only", { .name = "eku.clientAuth", .value = "TRUE" } },
	};
	AUTO(arena) struct arena *a = arena_new();

	for (const struct dated_rule *r = dated_rules; r->id != NULL; r++) {
		struct items all = { .arena = a, .n = 1 };
		size_t i = 0;

		if (r->effect != DATED_DROP && r->effect != DATED_REFUSE)
			continue;
		while (i < nitems(cases) && strcmp(cases[i].id, r->id) != 0)
			i++;
		if (i == nitems(cases))
			fail_msg("%s has no wish", r->id);
		all.v = (struct item[]){ cases[i].it };
		assert_true(r->hits(&all, &all.v[0]));
		if (dated_find(bound(r), day_before(r->from), &all, &all.v[0]) == r ||
		    dated_find(bound(r), r->from, &all, &all.v[0]) == NULL)
			fail_msg("%s from %s", r->id, r->from);
		assert_null(dated_find(VALIDATION_PRIVATE, r->from, &all, &all.v[0]));
	}
}

static void
M20_addresses_that_belong_to_nobody(void **state)
{
	static const char *const reserved[] = { "10.1.2.3", "127.0.0.1", "172.16.0.1",
		"172.31.255.255", "192.168.1.1", "100.64.0.1", "100.127.255.255", "169.254.1.1",
		"192.0.2.7", "198.18.0.1", "198.19.255.255", "203.0.113.9", "224.0.0.1",
		"255.255.255.255", "0.0.0.0", "::", "::1", "fc00::1", "fdff::1", "fe80::1",
		"ff02::1", "2001:db8::1", "::ffff:8.8.8.8", "2002::1" };
	static const char *const free[] = { "8.8.8.8", "172.15.0.1", "172.32.0.1", "100.63.0.1",
		"100.128.0.1", "192.0.3.1", "198.17.0.1", "198.20.0.1", "2001:4860:4860::8888",
		"2606:4700::1", "2a00::1", "not an address" };

	for (size_t i = 0; i < nitems(reserved); i++)
		if (!address_is_reserved(reserved[i]))
			fail_msg("%s", reserved[i]);
	for (size_t i = 0; i < nitems(free); i++)
		if (address_is_reserved(free[i]))
			fail_msg("%s", free[i]);
}

static void
internal_names_stand_below_no_top_level_domain(void **state)
{
	static const char *const internal[] = { "intranet", "mail.local", "a.b.lan", "x.internal",
		"srv.corp", "a.test", "a.example" };
	static const char *const known[] = { "example.com", "a.example.co.uk", "x.ck", "a.xn--p1ai",
		"1.0.0.10.in-addr.arpa" };

	for (size_t i = 0; i < nitems(internal); i++)
		if (!name_is_internal(internal[i]))
			fail_msg("%s", internal[i]);
	for (size_t i = 0; i < nitems(known); i++)
		if (name_is_internal(known[i]))
			fail_msg("%s", known[i]);
}

static int64_t
at(const char *day)
{
	int64_t seconds;

	if (day_parse(day, &seconds) < 0)
		fail_msg("%s is no day", day);
	return seconds;
}

static void
M11_a_proof_ends_by_the_rules_of_the_days_until_then(void **state)
{
	static const struct {
		const char *proved, *ends;
	} cases[] = {
		{ "2024-01-01", "2025-02-02" }, /* 398 days */
		{ "2025-06-01", "2026-03-15" }, /* 398 until that day, 200 are over on it */
		{ "2025-10-01", "2026-04-19" }, /* 200 days, by the day's own rule */
		{ "2026-05-01", "2026-11-17" },
		{ "2026-11-26", "2027-03-15" }, /* 100 are over on that day */
		{ "2027-01-01", "2027-04-11" }, /* 100 days */
		{ "2028-06-01", "2028-09-09" },
		{ "2029-02-01", "2029-03-15" }, /* 10 are over on that day */
		{ "2029-03-14", "2029-03-24" },
		{ "2030-01-01", "2030-01-11" },
	};

	for (size_t i = 0; i < nitems(cases); i++)
		if (dated_proof_end(at(cases[i].proved)) != at(cases[i].ends))
			fail_msg("proved on %s: %ld days", cases[i].proved,
			    (long)((dated_proof_end(at(cases[i].proved)) - at(cases[i].proved)) /
				86400));
}

static void
days_are_days(void **state)
{
	static const char *const none[] = { "", "2026", "2026-13-01", "2026-02-30", "2026-1-1",
		"26-01-01", "2026-01-01x", "tomorrow" };
	int64_t seconds;

	for (size_t i = 0; i < nitems(none); i++)
		if (day_parse(none[i], &seconds) == 0)
			fail_msg("%s", none[i]);
	assert_int_equal(day_parse("1970-01-02", &seconds), 0);
	assert_int_equal(seconds, 86400);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_row_is_in_force_from_its_day_until_its_day),
		cmocka_unit_test(each_row_says_who_decided_and_where_it_stands),
		cmocka_unit_test(rows_of_one_rule_follow_each_other),
		cmocka_unit_test(each_announced_day_has_its_rule),
		cmocka_unit_test(each_wish_is_hit_from_its_day_on),
		cmocka_unit_test(M10_the_longest_life_by_date),
		cmocka_unit_test(M20_addresses_that_belong_to_nobody),
		cmocka_unit_test(internal_names_stand_below_no_top_level_domain),
		cmocka_unit_test(M11_a_proof_ends_by_the_rules_of_the_days_until_then),
		cmocka_unit_test(days_are_days),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
