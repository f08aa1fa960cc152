/*
 * test_authority.c - Certificate Authorities: cards in words, rules by the day
 *
 * page_authority.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "../op/fault.h"
#include "../op/install_fake.h"
#include "base/io.h"
#include "page/page_preview.h"
#include "page_fake.h"

#define SEEN(p, want) assert_shown(fake_cx, a.view, p, want)

static struct asked
page(const char *name, enum face face, const char *pair)
{
	return ask(fake_cx, route_named(&page_authority_routes, name), face,
	    (const char *const[]){ pair == NULL ? "x=" : pair, NULL });
}

/* The rule of this id that `from` begins, in the view; NULL. */
static const json_t *
rule(const json_t *view, const char *id, const char *from)
{
	const json_t *o;
	size_t i;

	json_array_foreach (json_object_get(view, "rules"), i, o)
		if (strcmp(shown(fake_cx, o, "rule"), id) == 0 &&
		    strcmp(shown(fake_cx, o, "from"), from) == 0)
			return o;
	return NULL;
}

static void
cards_are_listed_by_id_and_say_whose_they_are(void **state)
{
	static const char *const ids[] = { "adcs-webserver", "letsencrypt", "private", "public-dv",
		"public-ov" };
	struct asked a = page("authority.list", FACE_PORTAL, NULL);

	for (size_t i = 0; i < nitems(ids); i++)
		assert_shown(fake_cx, a.view,
		    arena_printf(fake_cx->arena, "authorities.%zu.name", i), ids[i]);
	SEEN("authorities.1.public", "true");
	SEEN("authorities.2.public", "false");
	SEEN("authorities.1.origin", "product");
	SEEN("authorities.1.default_profile", "classic");
	a = page("authority.list", FACE_API, NULL);
	SEEN("authorities.1.public", "(none)");
	SEEN("authorities.1.profiles", "[\"classic\",\"tlsserver\",\"shortlived\"]");
}

static void
a_profile_is_said_in_words_for_people_only(void **state)
{
	struct asked a = page("authority.show", FACE_PORTAL, "id=letsencrypt");

	SEEN("profiles.0.preset", "true");
	SEEN("profiles.1.preset", "false");
	SEEN("profiles.0.keys_words",
	    "RSA 2048 bits, RSA 3072 bits, RSA 4096 bits, EC P-256, EC P-384");
	SEEN("profiles.0.grants.0.label", "Common Name");
	SEEN("profiles.0.grants.0.when", "address");
	SEEN("profiles.0.grants.0.state_text", "Refused");
	SEEN("profiles.0.grants.1.state_text", "Taken over");
	SEEN("profiles.0.grants.1.why", "The common name is kept when it is one of the names");
	SEEN("profiles.0.adds.1.label", "subject key identifier");
	SEEN("profiles.0.adds.0.key", "rsa");
	SEEN("profiles.0.life.steps.1.from", "2027-02-10");
	SEEN("profiles.0.life.asked", "false");
	SEEN("profiles.0.common_name", "first-name");
	SEEN("rules_there", "true");
	a = page("authority.show", FACE_API, "id=letsencrypt");
	SEEN("profiles.0.keys_words", "(none)");
	SEEN("profiles.0.grants.0.label", "(none)");
	SEEN("profiles.0.names.max", "100");
	SEEN("profiles.0.keys.rsa_exponent", "65537");
	SEEN("command", "(none)");
	assert_refused(
	    fake_cx, page("authority.show", FACE_PORTAL, "id=nobody").result, R_AUTHORITY_UNKNOWN);
}

static void
a_rule_is_to_come_until_its_day_and_binds_from_then_on(void **state)
{
	static const struct {
		int64_t at; /* 15 Mar 2027, 00:00 UTC and the second before */
		const char *in_force;
	} cases[] = { { 1805068799, "false" }, { 1805068800, "true" } };
	const json_t *r;
	struct asked a;

	for (size_t i = 0; i < nitems(cases); i++) {
		fake_cx->now = cases[i].at;
		a = page("authority.show", FACE_PORTAL, "id=public-dv");
		r = rule(a.view, "public.life", "2027-03-15");
		assert_non_null(r);
		assert_shown(fake_cx, r, "in_force", cases[i].in_force);
		assert_true(shown(fake_cx, r, "why")[0] <= 'Z');
	}
	assert_null(rule(a.view, "public.life", "2026-03-15")); /* over: it binds no more */
	a = page("authority.show", FACE_PORTAL, "id=private");
	SEEN("rules", "[]");
	SEEN("rules_there", "false");
}

static void
a_card_that_is_checked_is_not_kept(void **state)
{
	AUTO_BUF struct buf text = { 0 };
	struct asked a;

	assert_done(fake_cx, file_read(&text, CARDS "/private.json", LIMIT_CARD, &fake_cx->err));
	memcpy(strstr(buf_text(&text), "\"private\""), "\"primate\"", 9);
	fake_sent = (struct sent){ .body = text.data, .body_len = text.len };
	a = page("authority.check", FACE_API, NULL);
	assert_done(fake_cx, a.result);
	SEEN("name", "primate");
	SEEN("origin", "site");
	assert_refused(
	    fake_cx, page("authority.show", FACE_API, "id=primate").result, R_AUTHORITY_UNKNOWN);
	fake_sent = (struct sent){ .body = text.data, .body_len = text.len / 2 };
	assert_refused(fake_cx, page("authority.check", FACE_API, NULL).result, R_CARD);
	assert_refused(fake_cx, page("authority.check", FACE_API, NULL).result, R_CARD);
}

#define T(name) cmocka_unit_test_setup_teardown(name, install_fake_open, install_fake_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(cards_are_listed_by_id_and_say_whose_they_are),
		T(a_profile_is_said_in_words_for_people_only),
		T(a_rule_is_to_come_until_its_day_and_binds_from_then_on),
		T(a_card_that_is_checked_is_not_kept),
	};

	return cmocka_run_group_tests_name("page authority", tests, NULL, NULL);
}
