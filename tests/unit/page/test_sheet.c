/*
 * test_sheet.c - the wish-list sheet in words that people know
 *
 * page_sheet.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "page/page_sheet.h"
#include "page_fake.h"

static struct ctx *cx;
static json_t *view;

/* One disposition as the envelope has it. */
static json_t *
wish(const char *item, const char *asked, const char *granted, const char *outcome,
    const char *weight)
{
	return json_pack("{ss,ss?,ss?,ss,ss?,ss,ss}", "item", item, "asked", asked, "granted",
	    granted, "outcome", outcome, "weight", weight, "reason", "because of it", "reference",
	    "RFC 1");
}

/* The sheet of a verdict and these dispositions (taken over). */
static void
show(const char *verdict, json_t *dispositions)
{
	json_t *envelope = json_pack("{ss?,so,s[ss],s[ss]}", "verdict", verdict, "dispositions",
	    dispositions, "notes", "the first", "Second", "repairs", "CRLF", "'>' quoting");

	json_decref(view);
	view = json_object();
	put_sheet_for_people(cx, view, envelope);
	json_decref(envelope);
}

static int
set_up(void **state)
{
	fake_open(state);
	cx = &((struct fake *)*state)->cx;
	return 0;
}

static int
tear_down(void **state)
{
	json_decref(view);
	view = NULL;
	return fake_close(state);
}

static void
the_longer_prefix_names_the_item(void **state)
{
	static const char *const labels[][2] = { { "subject.C", "Country" },
		{ "subject.CN", "Common Name" }, { "subject.O", "Organization" },
		{ "subject.OU", "Organization Unit" }, { "subject.ST", "State or Province" },
		{ "subject.serialNumber", "Serial Number" }, { "subject.2.5.4.65", "Subject" },
		{ "subject.*", "All else in the subject" }, { "san.dns:a.example", "Name" },
		{ "san.ip:192.0.2.1", "IP address" }, { "san.dir:x", "Other name" },
		{ "key", "Key" }, { "key.size", "Key size" },
		{ "eku.clientAuth", "Extended key usage" }, { "ku.keyAgreement", "Key usage" },
		{ "basicConstraints.ca", "CA certificate" },
		{ "basicConstraints.pathlen", "Path length" },
		{ "basicConstraints.*", "CA certificate, path length" },
		{ "validity.days", "Life" }, { "ext.1.2.3", "Extension" },
		{ "something", "something" } };

	for (size_t i = 0; i < nitems(labels); i++)
		assert_string_equal(item_label(labels[i][0]), labels[i][1]);
	assert_string_equal(extension_name("ext.2.5.29.35"), "authority key identifier");
	assert_string_equal(extension_name("ext.1.2.3"), "1.2.3");
}

static void
values_are_said_as_a_person_would(void **state)
{
	static const struct {
		const char *item, *value, *words;
	} cases[] = { { "validity.days", "1", "1 day" }, { "validity.days", "90", "90 days" },
		{ "validity.notBefore", "2026-11-18T00:00:00Z", "18 Nov 2026, 00:00 UTC" },
		{ "validity.notBefore", "one day", "one day" }, { "key.size", "2048", "2048 bits" },
		{ "key", "EC P-256 sha256:3fa2919191919191", "EC P-256, 3fa291919191\u2026" },
		{ "key", "EC P-256", "EC P-256" }, { "eku.serverAuth", "TRUE", "TLS server" },
		{ "eku.clientAuth", "TRUE", "clientAuth" },
		{ "ku.keyAgreement", "TRUE", "keyAgreement" },
		{ "basicConstraints.ca", "TRUE", "yes" }, { "basicConstraints.ca", "FALSE", "no" },
		{ "san.dns:xn--mnchen-3ya.example", "xn--mnchen-3ya.example",
		    "xn--mnchen-3ya.example (m\u00fcnchen.example)" },
		{ "subject.O", "xn--mnchen-3ya.example", "xn--mnchen-3ya.example" },
		{ "subject.O", NULL, "null" } };

	for (size_t i = 0; i < nitems(cases); i++) {
		show("same",
		    json_pack("[o]", wish(cases[i].item, cases[i].value, NULL, "dropped", NULL)));
		assert_shown(cx, view, "sheet.rows.0.asked", cases[i].words);
	}
}

static void
what_breaks_stands_first_and_the_rest_keeps_its_order(void **state)
{
	show("breaking",
	    json_pack("[o,o,o,o]", wish("subject.C", "US", "US", "granted", "same"),
		wish("san.dns:b", "b", NULL, "dropped", "breaking"),
		wish("subject.O", "x", "y", "amended", "harmless"),
		wish("key", "k", "l", "refused", NULL)));
	assert_shown(cx, view, "sheet.rows.0.label", "Name");
	assert_shown(cx, view, "sheet.rows.1.label", "Key");
	assert_shown(cx, view, "sheet.rows.2.label", "Country");
	assert_shown(cx, view, "sheet.rows.3.label", "Organization");
	assert_shown(cx, view, "sheet.rows.0.mark", "bad"); /* dropped alone is "off" */
	assert_shown(cx, view, "sheet.rows.1.breaking", "true");
	assert_shown(cx, view, "sheet.rows.3.mark", "warn");
	assert_shown(cx, view, "sheet.counts",
	    "1 granted \u00b7 1 amended \u00b7 1 dropped, breaking \u00b7 1 refused, breaking");
	assert_shown(cx, view, "sheet.breaking", "true");
}

static void
counts_tell_how_many_of_them_break(void **state)
{
	show("breaking",
	    json_pack("[o,o,o]", wish("san.dns:a", "a", NULL, "dropped", "breaking"),
		wish("san.dns:b", "b", NULL, "dropped", "breaking"),
		wish("subject.O", "x", NULL, "dropped", "harmless")));
	assert_shown(cx, view, "sheet.counts", "3 dropped, 2 of them breaking");
}

static void
reasons_stand_beside_what_was_changed_only(void **state)
{
	show("harmless",
	    json_pack("[o,o,o]", wish("subject.C", "US", "US", "granted", "same"),
		wish("subject.O", "x", "y", "amended", "harmless"),
		wish("san.dns:b", "b", NULL, "dropped", "breaking")));
	assert_shown(cx, view, "sheet.rows.0.why", "because of it"); /* breaking: as it is */
	assert_shown(cx, view, "sheet.rows.1.why", "null");
	assert_shown(cx, view, "sheet.rows.1.reference", "null");
	assert_shown(cx, view, "sheet.rows.1.same", "true");
	assert_shown(cx, view, "sheet.rows.1.changed", "false");
	assert_shown(cx, view, "sheet.rows.2.why", "Because of it");
	assert_shown(cx, view, "sheet.rows.2.reference", "RFC 1");
	assert_shown(cx, view, "sheet.rows.2.changed", "true");
	assert_shown(cx, view, "sheet.notes.0", "The first");
	assert_shown(cx, view, "sheet.repaired", "CRLF, '>' quoting");
	assert_shown(cx, view, "sheet.notes_there", "true");
}

static void
extensions_that_each_authority_adds_are_one_row_at_the_end(void **state)
{
	json_t *key = wish("ext.2.5.29.14", NULL, "x", "added", "same"),
	       *aia = wish("ext.1.3.6.1.5.5.7.1.1", NULL, "x", "added", "same"),
	       *odd = wish("ext.1.2.3", NULL, "x", "added", "breaking"),
	       *name = wish("san.dns:b", NULL, "b", "added", "harmless");

	show("same", json_pack("[O,O]", key, name)); /* one: as any other */
	assert_int_equal(
	    json_array_size(json_object_get(json_object_get(view, "sheet"), "rows")), 2);
	assert_shown(cx, view, "sheet.rows.1.label", "Extension");
	assert_shown(cx, view, "sheet.rows.1.granted", "subject key identifier");
	show("same", json_pack("[O,O,O]", key, aia, name));
	assert_int_equal(
	    json_array_size(json_object_get(json_object_get(view, "sheet"), "rows")), 2);
	assert_shown(cx, view, "sheet.rows.1.label", "Extensions");
	assert_shown(cx, view, "sheet.rows.1.granted",
	    "subject key identifier, authority information access");
	assert_shown(cx, view, "sheet.counts", "3 added"); /* each is counted */
	show(
	    "breaking", json_pack("[O,O,O]", key, odd, aia)); /* one that breaks is not customary */
	assert_shown(cx, view, "sheet.rows.0.label", "Extension");
	assert_shown(cx, view, "sheet.rows.0.breaking", "true");
	assert_shown(cx, view, "sheet.rows.1.label", "Extensions");
	json_decref(key);
	json_decref(aia);
	json_decref(odd);
	json_decref(name);
}

static void
verdicts_have_a_sentence_and_a_mark(void **state)
{
	static const struct {
		const char *verdict, *sentence, *mark;
	} cases[] = { { "same", "Every wish was granted.", "good" },
		{ "harmless", "Fit for use: the authority changed some wishes, none that breaks.",
		    "warn" },
		{ "breaking", "Not fit for use: do not install this certificate.", "bad" } };

	for (size_t i = 0; i < nitems(cases); i++) {
		show(cases[i].verdict, json_array());
		assert_shown(cx, view, "sheet.sentence", cases[i].sentence);
		assert_shown(cx, view, "sheet.breaking", i == 2 ? "true" : "false");
		put_verdict(view, cases[i].verdict);
		assert_shown(cx, view, "judged.mark", cases[i].mark);
	}
	put_verdict(view, NULL);
	assert_shown(cx, view, "judged", "null");
	show(NULL, json_array());
	assert_shown(cx, view, "sheet.verdict", "null");
	assert_shown(cx, view, "sheet.counts", "");
}

static void
an_envelope_goes_into_the_view_member_by_member(void **state)
{
	view = json_pack("{ss}", "id", "1");
	put_envelope(view, json_pack("{ss,s[]}", "verdict", "same", "notes"));
	assert_string_equal(
	    view_dump(cx, view), "{\"id\":\"1\",\"notes\":[],\"verdict\":\"same\"}");
	assert_null(as_sentence(cx, NULL));
	assert_string_equal(as_sentence(cx, "\u00e4"), "\u00e4");
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_longer_prefix_names_the_item),
		T(values_are_said_as_a_person_would),
		T(what_breaks_stands_first_and_the_rest_keeps_its_order),
		T(counts_tell_how_many_of_them_break),
		T(reasons_stand_beside_what_was_changed_only),
		T(extensions_that_each_authority_adds_are_one_row_at_the_end),
		T(verdicts_have_a_sentence_and_a_mark),
		T(an_envelope_goes_into_the_view_member_by_member),
	};

	return cmocka_run_group_tests_name("page sheet", tests, NULL, NULL);
}
