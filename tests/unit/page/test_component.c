/*
 * test_component.c - what is served, by whom, and what needs a person
 *
 * page_component.c, page_application.c, page_doors.c, page_identity.c,
 * page_system.c, op/op_redirect.c, op/op_hsts.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "../op/fault.h"
#include "../op/install_fake.h"
#include "base/config.h"
#include "op/op_doors.h"
#include "op/op_redirect.h"
#include "front/routes.h"
#include "front/tls_facts.h"
#include "op/house.h"
#include "op/op_key.h"
#include "page/page_application.h"
#include "page/page_component.h"
#include "page/page_procedure.h"
#include "page/page_system.h"
#include "page_fake.h"

#define DAY	      86400
#define SEEN(p, want) assert_shown(fake_cx, a.view, p, want)

static struct tls_facts facts;

int
tls_facts(struct tls_slot *slot, struct tls_facts *out, struct err *e)
{
	if (facts.oldest == NULL)
		return err_set(e, R_TLS, NULL, "said by the test");
	*out = facts;
	return 0;
}

json_t *
routes_openapi(const struct routes *routes)
{
	return json_pack("{ss,si}", "openapi", "3.1.0", "routes", routes != NULL);
}

static int
set_up(void **state)
{
	static const char *addresses[] = { "127.0.0.1:8443", "[::1]:8443" };
	struct fake *f;

	install_fake_open(state);
	f = *state;
	f->house.addresses = addresses;
	f->house.naddresses = nitems(addresses);
	facts = (struct tls_facts){
		.ciphers = { "TLS_AES_256_GCM_SHA384" }, .nciphers = 1, .oldest = "TLSv1.3"
	};
	return 0;
}

/* The portal with one certificate that it presents. */
static struct cert_row
served(const char *names)
{
	fake_request_of(fake_cx, "portal", names);
	return fake_installed(fake_cx, "portal", names);
}

static struct asked
components(enum face face)
{
	return ASK(fake_cx, route_named(&page_component_routes, "components"), face);
}

/* The line of this id under "attention"; NULL. */
static const json_t *
attention(const json_t *view, const char *id)
{
	const json_t *o;
	size_t i;

	json_array_foreach (json_object_get(view, "attention"), i, o)
		if (strcmp(shown(fake_cx, o, "id"), id) == 0)
			return o;
	return NULL;
}

static void
V2_the_first_page_says_in_a_sentence_how_it_is(void **state)
{
	struct cert_row c = served("a.example.com b.example.com c.example.com");
	const struct {
		int64_t at;
		const char *name, *mark, *left;
	} cases[] = { { MAKE_NOW, "fine", "good", "72 days" },
		{ c.not_after - 2 * DAY + 1, "renewal-due", "warn", "1 day" },
		{ c.not_after - DAY + 1, "renewal-due", "warn", "under a day" },
		{ c.not_after + 1, "expired", "bad", "ended" },
		{ c.not_before - 1, "not-yet-valid", "bad", "90 days" } };
	struct asked a;

	for (size_t i = 0; i < nitems(cases); i++) {
		fake_cx->now = cases[i].at;
		a = components(FACE_PORTAL);
		assert_done(fake_cx, a.result);
		SEEN("components.0.status", cases[i].name);
		SEEN("components.0.mark", cases[i].mark);
		SEEN("components.0.left", cases[i].left);
		assert_true(text_starts(shown(fake_cx, a.view, "status"), "The portal presents "));
	}
	SEEN("components.0.first_name", "a.example.com");
	SEEN("components.0.more_names", "and 2 more");
	memset(fake_served_sha256, 0, 32);
	a = components(FACE_PORTAL);
	SEEN("status", "The portal presents another certificate than it should.");
	a = components(FACE_API);
	SEEN("components.0.served", "other");
	SEEN("components.0.addresses.1", "[::1]:8443");
	SEEN("components.0.left", "(none)");
	SEEN("status", "(none)");
}

static void
what_needs_a_person_has_a_link_to_where_it_is_done(void **state)
{
	struct cert_row c = served("a.example.com");
	const json_t *line;
	struct asked a = components(FACE_PORTAL);

	SEEN("attention_any", "false");
	fake_account(fake_cx, "root");
	a = components(FACE_PORTAL);
	line = attention(a.view, "one-super");
	assert_shown(fake_cx, line, "href", "/settings/accounts");
	assert_shown(fake_cx, line, "mark", "note");
	SEEN("attention_any", "true");
	fake_cx->now = c.not_after - DAY;
	a = components(FACE_PORTAL);
	line = attention(a.view, "ends-soon");
	assert_shown(fake_cx, line, "href", "/settings/security/csr");
	assert_shown(fake_cx, line, "link", "Make a CSR");
	fake_new_key(fake_cx, "portal");
	fake_request_of(fake_cx, "portal", "a.example.com");
	a = components(FACE_PORTAL);
	line = attention(a.view, "ends-soon");
	assert_shown(fake_cx, line, "href", "/settings/security/certificate");
	a = components(FACE_API);
	line = attention(a.view, "ends-soon");
	assert_shown(fake_cx, line, "href", "(none)");
	assert_shown(fake_cx, line, "weight", "warn");
	assert_shown(fake_cx, line, "identity", "portal");
}

static void
another_identity_s_line_leads_to_its_own_page(void **state)
{
	struct identity i;
	const json_t *line;
	struct asked a;

	served("a.example.com");
	assert_done(fake_cx, op_identity_create(fake_cx, "shop", &i));
	fake_new_key(fake_cx, "shop");
	fake_request_of(fake_cx, "shop", "shop.example.com");
	fake_cx->now += 15 * DAY;
	a = components(FACE_PORTAL);
	line = attention(a.view, "request-waits");
	assert_shown(fake_cx, line, "href", "/settings/security/certificate?identity=shop");
	/* nothing can be done about these here */
	((struct fake *)*state)->house.no_sandbox = true;
	a = components(FACE_PORTAL);
	assert_shown(fake_cx, attention(a.view, "no-sandbox"), "href", "null");
}

/* An identity whose request nobody answers. */
static void
ask_in_vain(size_t n)
{
	struct identity i;
	char name[32];

	snprintf(name, sizeof(name), "shop%02zu", n);
	assert_done(fake_cx, op_identity_create(fake_cx, name, &i));
	fake_new_key(fake_cx, name);
	fake_request_of(fake_cx, name, "shop.example.com");
}

static void
the_worst_come_first_and_what_is_not_shown_is_counted(void **state)
{
	struct cert_row c = served("a.example.com");
	struct asked a;

	for (size_t n = 0; n < 50; n++)
		ask_in_vain(n);
	fake_cx->now += 15 * DAY;
	a = components(FACE_PORTAL);
	SEEN("attention_total", "50");
	SEEN("attention_more", "(none)");
	fake_cx->now = c.not_after - DAY;
	a = components(FACE_PORTAL);
	SEEN("attention_more", "1");
	SEEN("attention.0.id", "ends-soon");
	SEEN("attention.1.identity", "shop00");
	SEEN("attention.49.identity", "shop48");
	SEEN("attention.50.identity", "(none)");
	a = components(FACE_API);
	SEEN("attention_total", "51");
	SEEN("attention_more", "(none)");
	SEEN("attention.50.identity", "(none)");
	a = ASK(fake_cx, route_named(&page_component_routes, "components"), FACE_PORTAL,
	    "attention=all");
	SEEN("attention_more", "(none)");
	SEEN("attention.50.identity", "shop49");
}

/* ---- Applications ------------------------------------------------------------- */

static void
applications_say_what_the_listeners_agree_upon(void **state)
{
	const struct route *r = route_named(&page_application_routes, "applications");
	struct fake *f = *state;
	struct config config = { .data_dir = "/var/lib/x" };
	struct asked a;

	f->cx.config = &config;
	a = ASK(fake_cx, r, FACE_API);
	assert_done(fake_cx, a.result);
	SEEN("applications.0.tls_versions", "[\"TLSv1.3\"]");
	SEEN("applications.0.ciphers", "[\"TLS_AES_256_GCM_SHA384\"]");
	SEEN("applications.0.client_certificates", "false");
	SEEN("applications.0.hsts", "max-age=31536000");
	SEEN("applications.1.addresses", "[\"/var/lib/x/certwright.sock\"]");
	SEEN("https", "(none)");
	facts.oldest = "TLSv1.2";
	a = ASK(fake_cx, r, FACE_PORTAL);
	SEEN("https.tls_versions", "[\"TLSv1.2\",\"TLSv1.3\"]");
	SEEN("status", "2 addresses, HTTPS only.");
	f->house.naddresses = 1;
	a = ASK(fake_cx, r, FACE_PORTAL);
	SEEN("status", "1 address, HTTPS only.");
	facts.oldest = NULL;
	assert_refused(fake_cx, ASK(fake_cx, r, FACE_PORTAL).result, R_TLS);
}

static void
V45_plain_HTTP_sends_on_under_the_name_that_was_asked_for(void **state)
{
	static const struct {
		const char *host, *target, *to;
		int64_t port;
	} cases[] = {
		{ "a.example", "/x?y", "https://a.example/x?y", 443 },
		{ "a.example:80", "/", "https://a.example:8443/", 8443 },
		{ "[::1]:80", "/", "https://[::1]/", 443 },
		{ "a.example", "/", NULL, 0 },
		{ "[::1", "/", NULL, 443 },
		{ "[::1]x", "/", NULL, 443 },
		{ ":80", "/", NULL, 443 },
		{ NULL, "/", NULL, 443 },
		{ "a.example", "*", NULL, 443 },
	};
	const struct route *save = route_named(&page_application_routes, "redirect.save");
	struct config config = { .data_dir = "/var/lib/x" };
	struct asked a;

	((struct fake *)*state)->cx.config = &config;
	for (size_t i = 0; i < nitems(cases); i++) {
		const char *to = redirect_address(
		    fake_cx, cases[i].host, cases[i].target, cases[i].port);

		assert_true(
		    cases[i].to == NULL ? to == NULL : to != NULL && strcmp(to, cases[i].to) == 0);
	}
	assert_refused_clean(
	    fake_cx, ASK(fake_cx, save, FACE_API, "port=443").result, R_REDIRECT_NOWHERE);
	config.http_listen[config.nhttp_listen++] = "127.0.0.1:80";
	assert_refused_clean(
	    fake_cx, ASK(fake_cx, save, FACE_API, "port=x").result, R_REDIRECT_PORT);
	a = ASK(fake_cx, save, FACE_API, "port=443");
	assert_done(fake_cx, a.result);
	SEEN("port", "443");
	a = ASK(fake_cx, save, FACE_API, "port=0");
	SEEN("port", "0");
}

static void
V44_a_form_sends_a_box_an_address_and_is_answered_where_it_came_from(void **state)
{
	const struct route *save = route_named(&page_doors_routes, "doors.try.portal");
	const struct route *show = route_named(&page_doors_routes, "doors");
	struct fake *f = *state;
	struct config config = {
		.data_dir = "/var/lib/x", .listen = { "127.0.0.1:8443", "[::1]:8443" }, .nlisten = 2
	};
	struct asked a;

	f->cx.config = &config;
	f->house.doors = doors_new();
	a = ASK(fake_cx, show, FACE_API);
	SEEN("super", "[\"127.0.0.1:8443\",\"[::1]:8443\"]");
	SEEN("until", "null");
	a = ASK(fake_cx, save, FACE_PORTAL, "admin=[::1]:8443");
	assert_refused_clean(fake_cx, a.result, R_DOORS_ADDRESS);
	a = ASK(fake_cx, save, FACE_PORTAL, "super=[::1]:8443", "admin=127.0.0.1:8443",
	    "admin=[::1]:8443");
	assert_done(fake_cx, a.result);
	assert_null(a.redirect); /* it came over the first */
	SEEN("doors.here", "false");
	SEEN("doors.rows.0.super", "false");
	SEEN("doors.rows.0.url", "null");
	SEEN("doors.rows.1.url", "https://[::1]:8443/settings/security/applications");
	SEEN("doors.rows.0.admin", "true");
	fake_cx->listener = 1;
	a = ASK(fake_cx, route_named(&page_doors_routes, "doors.revert"), FACE_API);
	SEEN("until", "null");
	a = ASK(fake_cx, save, FACE_PORTAL, "super=[::1]:8443", "admin=[::1]:8443");
	assert_string_equal(a.redirect, "/settings/security/applications");
	SEEN("doors.here", "true");
	a = ASK(fake_cx, route_named(&page_doors_routes, "doors.keep"), FACE_API);
	SEEN("kept_admin", "[\"[::1]:8443\"]");
	fake_cx->listener = 0;
	doors_free(f->house.doors);
	f->house.doors = NULL;
}

/* ---- identities ------------------------------------------------------------------ */

static void
an_identity_is_made_shown_with_its_keys_and_deleted_when_it_has_none(void **state)
{
	const struct route_table *t = &page_identity_routes;
	struct request_row r;
	struct key_row k;
	struct asked a;

	a = ASK(fake_cx, route_named(t, "identity.create"), FACE_API, "name=shop");
	assert_done(fake_cx, a.result);
	SEEN("name", "shop");
	SEEN("keys", "[]");
	SEEN("active", "null");
	assert_refused_clean(fake_cx,
	    ASK(fake_cx, route_named(t, "identity.create"), FACE_API, "name=shop").result,
	    R_IDENTITY_EXISTS);
	k = fake_new_key(fake_cx, "shop");
	r = fake_request_of(fake_cx, "shop", "shop.example.com www.example.com");
	a = ASK(fake_cx, route_named(t, "identity"), FACE_API, "identity=shop");
	SEEN("next", k.id);
	SEEN("keys.0.id", k.id);
	SEEN("subject.CN", "shop.example.com");
	SEEN("names", "[\"www.example.com\"]");
	assert_string_equal(r.key, k.id);
	fake_installed(fake_cx, "shop", "shop.example.com www.example.com");
	a = ASK(fake_cx, route_named(t, "identities"), FACE_API);
	SEEN("identities.1.name", "shop");
	SEEN("identities.1.active", fake_identity(fake_cx, "shop").active);
	SEEN("identities.1.next", "null");
	SEEN("identities.1.keys", "(none)");
	assert_refused_clean(fake_cx,
	    ASK(fake_cx, route_named(t, "identity.delete"), FACE_API, "identity=shop").result,
	    R_IDENTITY_IN_USE);
	ASK(fake_cx, route_named(t, "identity.create"), FACE_API, "name=empty");
	assert_done(fake_cx,
	    ASK(fake_cx, route_named(t, "identity.delete"), FACE_API, "identity=empty").result);
	assert_refused(fake_cx,
	    ASK(fake_cx, route_named(t, "identity"), FACE_API, "identity=empty").result,
	    R_NOT_FOUND);
}

/* ---- about itself -------------------------------------------------------------- */

static void
the_configuration_is_shown_as_it_is_in_force(void **state)
{
	struct config config = { .listen = { "127.0.0.1:1", "[::1]:2" },
		.nlisten = 2,
		.data_dir = "/var/lib/x",
		.workers = 7 };
	const struct route_table *t = &page_system_routes;
	struct asked a;

	fake_cx->config = &config;
	a = ASK(fake_cx, route_named(t, "config.show"), FACE_API);
	SEEN("listen", "[\"127.0.0.1:1\",\"[::1]:2\"]");
	SEEN("data-dir", "/var/lib/x");
	SEEN("workers", "7");
	assert_int_equal(route_named(t, "config.show")->capability, CAP_SUPER);
	page_system_set((const struct routes *)&config);
	a = ASK(fake_cx, route_named(t, "openapi.show"), FACE_API);
	SEEN("openapi", "3.1.0");
	SEEN("routes", "1");
	page_system_set(NULL);
	a = ASK(fake_cx, route_named(t, "root"), FACE_PORTAL);
	assert_string_equal(a.redirect, "/components");
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, install_fake_close)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(V2_the_first_page_says_in_a_sentence_how_it_is),
		T(what_needs_a_person_has_a_link_to_where_it_is_done),
		T(the_worst_come_first_and_what_is_not_shown_is_counted),
		T(another_identity_s_line_leads_to_its_own_page),
		T(applications_say_what_the_listeners_agree_upon),
		T(V44_a_form_sends_a_box_an_address_and_is_answered_where_it_came_from),
		T(an_identity_is_made_shown_with_its_keys_and_deleted_when_it_has_none),
		T(the_configuration_is_shown_as_it_is_in_force),
		T(V45_plain_HTTP_sends_on_under_the_name_that_was_asked_for),
	};

	return cmocka_run_group_tests_name("page component", tests, NULL, NULL);
}
