/*
 * test_sources.c - P32: nobody holds all the connections
 *
 * front/sources.c
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "front/sources.h"

#define MOST 3

static struct sources *all;

static int
set_up(void **state)
{
	return (all = sources_new(MOST)) == NULL ? -1 : 0;
}

static int
tear_down(void **state)
{
	sources_free(all);
	return 0;
}

static struct source *
take(const char *address, bool *first)
{
	struct sockaddr_in6 six = { .sin6_family = AF_INET6 };
	struct sockaddr_in four = { .sin_family = AF_INET };

	if (inet_pton(AF_INET, address, &four.sin_addr) == 1)
		return sources_take(all, (struct sockaddr *)&four, first);
	assert_int_equal(inet_pton(AF_INET6, address, &six.sin6_addr), 1);
	return sources_take(all, (struct sockaddr *)&six, first);
}

static void
P32_each_has_its_share_and_no_more(void **state)
{
	struct source *mine[MOST], *other;
	bool first;

	for (size_t i = 0; i < MOST; i++)
		assert_non_null(mine[i] = take("192.0.2.1", &first));
	assert_null(take("192.0.2.1", NULL)); /* it will come again */
	assert_null(take("192.0.2.1", &first));
	assert_true(first);
	assert_null(take("192.0.2.1", &first));
	assert_false(first); /* said once */
	assert_non_null(other = take("192.0.2.2", &first));
	assert_false(first);
	sources_give(all, mine[0]);
	assert_non_null(mine[0] = take("192.0.2.1", &first));
	for (size_t i = 0; i < MOST; i++)
		sources_give(all, mine[i]);
	sources_give(all, other);
	/* it had none: a source as any other */
	for (size_t i = 0; i < MOST; i++)
		assert_non_null(mine[i] = take("192.0.2.1", &first));
	assert_null(take("192.0.2.1", &first));
	assert_true(first);
	for (size_t i = 0; i < MOST; i++)
		sources_give(all, mine[i]);
}

static void
P32_a_site_of_IPv6_is_one_source(void **state)
{
	static const char *const site[] = { "2001:db8:1:2::1",
		"2001:db8:1:2:ffff::", "2001:db8:1:2::3" };
	static const char *const others[] = { "2001:db8:1:3::1", "::1", "0.0.0.1", "1.0.0.0",
		"32.1.13.184" };
	struct source *mine[MOST], *theirs[nitems(others)];
	bool first;

	for (size_t i = 0; i < MOST; i++)
		assert_non_null(mine[i] = take(site[i], &first));
	assert_null(take("2001:db8:1:2:3:4:5:6", &first));
	for (size_t i = 0; i < nitems(others); i++)
		assert_non_null(theirs[i] = take(others[i], &first));
	for (size_t i = 0; i < nitems(others); i++)
		sources_give(all, theirs[i]);
	for (size_t i = 0; i < MOST; i++)
		sources_give(all, mine[i]);
}

static void
P32_thousands_are_told_apart(void **state)
{
	static struct source *many[5000];
	struct sockaddr_in four = { .sin_family = AF_INET };
	bool first;

	for (size_t i = 0; i < nitems(many); i++) {
		four.sin_addr.s_addr = htonl(0x0a000000 + (uint32_t)i / MOST);
		assert_non_null(many[i] = sources_take(all, (struct sockaddr *)&four, &first));
	}
	for (size_t i = 0; i + MOST <= nitems(many); i += MOST) {
		four.sin_addr.s_addr = htonl(0x0a000000 + (uint32_t)(i / MOST));
		assert_null(sources_take(all, (struct sockaddr *)&four, &first));
	}
	for (size_t i = 0; i < nitems(many); i++)
		sources_give(all, many[i]);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(P32_each_has_its_share_and_no_more),
		T(P32_a_site_of_IPv6_is_one_source),
		T(P32_thousands_are_told_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
