/*
 * test_check_rules.c - which name is asked for at a component, and when it is looked at
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "op/check_rules.h"

static void
M31_the_name_that_is_asked_for(void **state)
{
	static const struct {
		const char *set, *host, *names, *asked;
	} cases[] = {
		{ "set.example.com", "shop.example.com", "shop.example.com", "set.example.com" },
		/* the host of the address, where the certificate is for it */
		{ NULL, "Two.example.com", "one.example.com\ntwo.example.com", "two.example.com" },
		{ NULL, "a.example.com", "*.example.com", "a.example.com" },
		{ NULL, "a.b.example.com", "*.example.com", "www.example.com" },
		{ NULL, "gateway.local", "*.example.com\nexample.com", "example.com" },
		/* an address is no name */
		{ NULL, "192.0.2.1", "one.example.com\ntwo.example.com", "one.example.com" },
		{ NULL, "192.0.2.1", "192.0.2.1\none.example.com", "one.example.com" },
		{ NULL, "2001:db8::1", "*.example.com", "www.example.com" },
		{ NULL, "192.0.2.1", "192.0.2.1\n2001:db8::1", NULL },
		{ NULL, "mail.example.com", "post@example.com\nhttps://example.com/", NULL },
		{ NULL, "shop.example.com", "", NULL },
	};
	AUTO(arena) struct arena *a = arena_new();

	for (size_t i = 0; i < nitems(cases); i++) {
		const char *name = check_name(a, cases[i].set, cases[i].host, cases[i].names);

		if (cases[i].asked == NULL)
			assert_null(name);
		else
			assert_string_equal(name, cases[i].asked);
	}
}

static void
about_once_a_day_and_soon_after_what_was_not_well(void **state)
{
	static const int64_t middle[] = { CHECK_DAY_S, 60, 120, 240, 480, 960, 1920, 3840, 7680,
		CHECK_RARE_S, CHECK_RARE_S };

	for (size_t tries = 0; tries < nitems(middle); tries++) {
		int64_t fifth = middle[tries] / 5;

		assert_int_equal(check_again((int64_t)tries, 0), middle[tries] - fifth);
		for (uint32_t dice = 0; dice < UINT32_MAX / 2; dice += 1234567)
			assert_in_range(check_again((int64_t)tries, dice), middle[tries] - fifth,
			    middle[tries] + fifth);
	}
	assert_int_equal(check_again(INT64_MAX, 0), CHECK_RARE_S - CHECK_RARE_S / 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(M31_the_name_that_is_asked_for),
		cmocka_unit_test(about_once_a_day_and_soon_after_what_was_not_well),
	};

	return cmocka_run_group_tests_name("check_rules", tests, NULL, NULL);
}
