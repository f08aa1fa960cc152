/*
 * test_name.c - what people type as names: taken byte for byte, or refused
 *
 * dns.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "x509/countries.h"
#include "x509/name.h"

static void
the_country_list_is_whole(void **state)
{
	size_t n = 0;

	while (countries[n].code != NULL)
		n++;
	assert_int_equal(n, 249);
	assert_string_equal(country_by_code("SE")->name, "Sweden");
	assert_non_null(country_by_code("GB"));
	assert_null(country_by_code("UK"));
}

static void
V8_wrong_countries_name_the_right_one(void **state)
{
	static const struct {
		const char *value;
		enum refusal refusal;
		const char *hint;
	} cases[] = {
		{ "UK", R_COUNTRY_UNKNOWN, "use GB" },
		{ "USA", R_COUNTRY_LENGTH, "use US" },
		{ "us", R_COUNTRY_CASE, "use US" },
		{ "XX", R_COUNTRY_UNKNOWN, "ISO 3166" },
		{ "DEU", R_COUNTRY_LENGTH, "use DE" },
		{ "Sweden", R_COUNTRY_LENGTH, "use SE" },
		{ "QQQ", R_COUNTRY_LENGTH, "ISO 3166" },
		{ "", R_NAME_EMPTY, "" },
		{ "U\x01", R_TEXT_CONTROL, "" },
	};

	for (size_t i = 0; i < nitems(cases); i++) {
		struct err e = { 0 };

		assert_int_equal(name_check_country(&e, "country", cases[i].value), -1);
		assert_int_equal(e.refusal, cases[i].refusal);
		assert_non_null(strstr(e.hint, cases[i].hint));
		assert_string_equal(e.field, "country");
	}
	assert_int_equal(name_check_country(&(struct err){ 0 }, "country", "US"), 0);
}

static void
V11_text_is_taken_as_it_is_within_its_bounds(void **state)
{
	struct err e = { 0 };
	char longer[80];

	memset(longer, 'x', 64);
	longer[64] = '\0';
	assert_int_equal(name_check_text(&e, "o", "Organization", "Example Video, Inc.", 64), 0);
	assert_int_equal(name_check_text(&e, "o", "Organization", longer, 64), 0);
	assert_int_equal(name_check_text(&e, "l", "Locality", "S\xc3\xa3o Paulo", 9), 0);
	strcat(longer, "x");
	assert_int_equal(name_check_text(&e, "o", "Organization", longer, 64), -1);
	assert_int_equal(e.refusal, R_NAME_LONG);
	assert_non_null(strstr(e.message, "64"));
	err_clear(&e);
	name_check_text(&e, "o", "Organization",
	    "a\xe2\x80\xae"
	    "b",
	    64);
	assert_int_equal(e.refusal, R_TEXT_BIDI);
	err_clear(&e);
	name_check_text(&e, "o", "Organization", "", 64);
	assert_int_equal(e.refusal, R_NAME_EMPTY);
	err_clear(&e);
	/* V10: a space, a no-break space and a zero-width one are not a name */
	name_check_text(&e, "o", "Organization", " \xc2\xa0\xe2\x80\x8b", 64);
	assert_int_equal(e.refusal, R_NAME_EMPTY);
	err_clear(&e);
	assert_int_equal(name_check_text(&e, "o", "Organization", " a ", 64), 0);
	assert_int_equal(
	    name_check_text(&e, "o", "Organization", "\xd7\x9e\xd7\x99\xd7\x9c\xd7\x94 Ltd", 64),
	    0);
}

static void
each_wrong_email_has_its_own_message(void **state)
{
	char longer[200] = "hostmaster@";
	static const struct {
		const char *value;
		enum refusal refusal;
	} cases[] = {
		{ "hostmaster", R_EMAIL_FORM },
		{ "@example.com", R_EMAIL_FORM },
		{ "a..b@example.com", R_EMAIL_FORM },
		{ "a b@example.com", R_EMAIL_FORM },
		{ "h\xc3\xb6st@example.com", R_EMAIL_ASCII },
		{ "x@localhost", R_EMAIL_DOMAIN },
		{ "x@10.0.0.1", R_EMAIL_DOMAIN },
		{ "x@*.example.com", R_EMAIL_DOMAIN },
		{ "", R_NAME_EMPTY },
	};
	struct err e = { 0 };

	for (size_t i = 0; i < nitems(cases); i++) {
		err_clear(&e);
		assert_int_equal(name_check_email(&e, "email", cases[i].value), -1);
		assert_int_equal(e.refusal, cases[i].refusal);
	}
	err_clear(&e);
	for (int i = 0; i < 12; i++)
		strcat(longer, "0123456789.");
	strcat(longer, "com");
	name_check_email(&e, "email", longer);
	assert_int_equal(e.refusal, R_EMAIL_LONG);
	err_clear(&e);
	assert_int_equal(name_check_email(&e, "email", "host+tls@mail.example.com"), 0);
}

static const struct {
	const char *value;
	enum refusal refusal;
} wrong_names[] = {
	{ "", R_NAME_EMPTY },
	{ "https://portal.example.com", R_DNS_URL },
	{ "portal.example.com/super", R_DNS_URL },
	{ "portal.example.com:8443", R_DNS_PORT },
	{ "10.0.0.1", R_DNS_IP },
	{ "2001:db8::1", R_DNS_IP },
	{ "[2001:db8::1]", R_DNS_IP },
	{ "1.2.3.4.5", R_DNS_IP },
	{ "x.0x7f", R_DNS_IP },
	{ "\xef\xbc\x91\xef\xbc\x92\xef\xbc\x97.0.0.\xef\xbc\x91", R_DNS_IP },
	{ "admin@example.com", R_DNS_EMAIL },
	{ "a_b.example.com", R_DNS_UNDERSCORE },
	{ "a b.example.com", R_DNS_CHARACTER },
	{ "a:b.example.com", R_DNS_CHARACTER },
	{ "a\xe3\x80\x82"
	  "b.example.com",
	    R_DNS_CHARACTER },
	{ "-a.example.com", R_DNS_HYPHEN },
	{ "a-.example.com", R_DNS_HYPHEN },
	{ "portal.example.com.", R_DNS_DOT },
	{ "portal..example.com", R_DNS_LABEL_EMPTY },
	{ ".example.com", R_DNS_LABEL_EMPTY },
	{ "portal", R_DNS_SINGLE },
	{ "xn--zzzzzz-.example.com", R_DNS_HYPHEN },
	{ "xn--a.example.com", R_DNS_ALABEL },
	{ "\xe2\x98\x83\xef\xb8\x8f\xe2\x83\xa3.example.com", R_DNS_IDN },
	{ "*", R_WILDCARD_BARE },
	{ "*.*.example.com", R_WILDCARD_TWO },
	{ "a.*.example.com", R_WILDCARD_PLACE },
	{ "a*.example.com", R_WILDCARD_PLACE },
	{ "*a.example.com", R_WILDCARD_PLACE },
	{ "*.co.uk", R_WILDCARD_SUFFIX },
	{ "*.com", R_WILDCARD_SUFFIX },
	{ "a\x07.example.com", R_TEXT_CONTROL },
	{ "a\xff.example.com", R_TEXT_UTF8 },
};

static void
each_wrong_FQDN_has_its_own_message(void **state)
{
	AUTO(arena) struct arena *a = arena_new();
	const char *out, *unicode;

	for (size_t i = 0; i < nitems(wrong_names); i++) {
		struct err e = { 0 };
		int rc = name_check_dns(&e, "common_name", wrong_names[i].value, a, &out, &unicode);

		if (rc != -1 || e.refusal != wrong_names[i].refusal)
			fail_msg("%s: %d %s (%s)", wrong_names[i].value, rc, refusal_id(e.refusal),
			    e.message);
		assert_string_equal(e.field, "common_name");
	}
}

static void
a_message_names_the_fault_and_one_character_only(void **state)
{
	static const char *const said[][2] = {
		{ "a:b.example.com", "the character : is not allowed in a DNS name" },
		{ ".example.com", "the name begins with a dot" },
		{ "portal..example.com", "two dots stand without a label between" },
		{ "*.com",
		    "\"com\" is a public suffix: nobody may hold a wildcard for all names "
		    "below it" },
		{ "fe80::1", "\"fe80::1\" is an IP address; a DNS name is needed" },
	};
	AUTO(arena) struct arena *a = arena_new();
	const char *out;

	for (size_t i = 0; i < nitems(said); i++) {
		struct err e = { 0 };

		assert_int_equal(name_check_dns(&e, "names", said[i][0], a, &out, NULL), -1);
		assert_string_equal(e.message, said[i][1]);
		assert_string_not_equal(e.hint, "");
	}
}

static void
long_names_and_labels_are_refused(void **state)
{
	AUTO(arena) struct arena *a = arena_new();
	char name[300] = "", label[70];
	struct err e = { 0 };
	const char *out;

	memset(label, 'a', 64);
	strcpy(label + 64, ".de");
	name_check_dns(&e, "n", label, a, &out, NULL);
	assert_int_equal(e.refusal, R_DNS_LABEL_LONG);
	err_clear(&e);
	for (int i = 0; i < 26; i++)
		strcat(name, "abcdefghi.");
	strcat(name, "com");
	name_check_dns(&e, "n", name, a, &out, NULL);
	assert_int_equal(e.refusal, R_DNS_LONG);
	err_clear(&e);
	name[0] = '\0';
	for (int i = 0; i < 25; i++)
		strcat(name, "abcdefghi.");
	strcat(name, "com"); /* 253 */
	assert_int_equal(name_check_dns(&e, "n", name, a, &out, NULL), 0);
}

static void
names_come_out_in_lower_case_A_labels_with_both_forms(void **state)
{
	AUTO(arena) struct arena *a = arena_new();
	static const struct {
		const char *in, *out, *unicode;
	} cases[] = {
		{ "Portal.Example.COM", "portal.example.com", NULL },
		{ "*.portal.example.com", "*.portal.example.com", NULL },
		{ "ab--cd.example.com", "ab--cd.example.com", NULL },
		{ "b\xc3\xbc"
		  "cher.example",
		    "xn--bcher-kva.example",
		    "b\xc3\xbc"
		    "cher.example" },
		{ "B\xc3\x9c"
		  "CHER.example",
		    "xn--bcher-kva.example",
		    "b\xc3\xbc"
		    "cher.example" },
		{ "xn--bcher-kva.example", "xn--bcher-kva.example",
		    "b\xc3\xbc"
		    "cher.example" },
		{ "fa\xc3\x9f.de", "xn--fa-hia.de", "fa\xc3\x9f.de" },
		{ "*.internal", "*.internal", NULL },
	};

	for (size_t i = 0; i < nitems(cases); i++) {
		const char *out, *unicode = "?";
		struct err e = { 0 };

		if (name_check_dns(&e, "n", cases[i].in, a, &out, &unicode) < 0)
			fail_msg("%s: %s", cases[i].in, e.message);
		assert_string_equal(out, cases[i].out);
		if (cases[i].unicode == NULL)
			assert_null(unicode);
		else
			assert_string_equal(unicode, cases[i].unicode);
	}
}

static void
addresses_are_names_too_in_their_canonical_form(void **state)
{
	AUTO(arena) struct arena *a = arena_new();
	struct err e = { 0 };
	struct san s;

	assert_int_equal(name_parse_san(&e, "names", "2001:DB8:0:0::0:1", a, &s), 0);
	assert_string_equal(s.item, "san.ip:2001:db8::1");
	assert_int_equal(s.type, SAN_IP);
	assert_int_equal(name_parse_san(&e, "names", "192.0.2.1", a, &s), 0);
	assert_string_equal(s.item, "san.ip:192.0.2.1");
	assert_int_equal(name_parse_san(&e, "names", "WWW.example.com", a, &s), 0);
	assert_string_equal(s.item, "san.dns:www.example.com");
	assert_int_equal(name_parse_san(&e, "names", "2001:db8::1::2", a, &s), -1);
	assert_int_equal(e.refusal, R_SAN_IP);
	err_clear(&e);
	assert_int_equal(name_parse_san(&e, "names", "[2001:db8::1]:443", a, &s), -1);
	assert_int_equal(e.refusal, R_SAN_IP);
}

static void
a_list_has_each_name_once_and_the_CN_first(void **state)
{
	AUTO(arena) struct arena *a = arena_new();
	struct err e = { 0 };
	struct san_list l;

	assert_int_equal(names_parse(&e, "names",
			     "www.example.com\r\n\n portal.example.com \n"
			     "WWW.example.com\n192.0.2.1",
			     "Portal.example.com", a, &l),
	    0);
	assert_int_equal(l.n, 3);
	assert_string_equal(l.v[0].text, "portal.example.com");
	assert_string_equal(l.v[1].text, "www.example.com");
	assert_string_equal(l.v[2].item, "san.ip:192.0.2.1");
	assert_int_equal(names_parse(&e, "names", NULL, NULL, a, &l), 0);
	assert_int_equal(l.n, 0);
	assert_int_equal(names_parse(&e, "names", "a.example.com\nb", NULL, a, &l), -1);
	assert_int_equal(e.refusal, R_DNS_SINGLE);
	assert_non_null(strstr(e.message, "line 2"));
}

static void
a_list_has_an_end(void **state)
{
	AUTO(arena) struct arena *a = arena_new();
	struct err e = { 0 };
	struct san_list l;
	char lines[4000] = "";

	for (int i = 0; i < 101; i++)
		sprintf(lines + strlen(lines), "h%d.example.com\n", i);
	assert_int_equal(names_parse(&e, "names", lines, NULL, a, &l), -1);
	assert_int_equal(e.refusal, R_NAMES_MANY);
}

static void
V28_a_wildcard_covers_exactly_one_label(void **state)
{
	assert_true(name_covers("*.portal.example.com", "t1.portal.example.com"));
	assert_true(name_covers("*.portal.example.com", "T1.Portal.example.com"));
	assert_false(name_covers("*.portal.example.com", "portal.example.com"));
	assert_false(name_covers("*.portal.example.com", "a.t1.portal.example.com"));
	assert_false(name_covers("*.portal.example.com", ".portal.example.com"));
	assert_true(name_covers("a.example.com", "A.example.com"));
	assert_false(name_covers("a.example.com", "b.example.com"));
	assert_true(name_covers("*.example.com", "*.example.com"));
	assert_false(name_covers("*.com", "*.example.com"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_country_list_is_whole),
		cmocka_unit_test(V8_wrong_countries_name_the_right_one),
		cmocka_unit_test(V11_text_is_taken_as_it_is_within_its_bounds),
		cmocka_unit_test(each_wrong_email_has_its_own_message),
		cmocka_unit_test(each_wrong_FQDN_has_its_own_message),
		cmocka_unit_test(a_message_names_the_fault_and_one_character_only),
		cmocka_unit_test(long_names_and_labels_are_refused),
		cmocka_unit_test(names_come_out_in_lower_case_A_labels_with_both_forms),
		cmocka_unit_test(addresses_are_names_too_in_their_canonical_form),
		cmocka_unit_test(a_list_has_each_name_once_and_the_CN_first),
		cmocka_unit_test(a_list_has_an_end),
		cmocka_unit_test(V28_a_wildcard_covers_exactly_one_label),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
