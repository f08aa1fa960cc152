/*
 * test_wish.c - csr check: every wish of any CSR, each exactly once
 *
 * disposition.c, rules.c, shown.c, subject.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include <openssl/x509v3.h>

#include "make.h"
#include "x509/csr.h"
#include "x509/issue.h"
#include "x509/rules.h"
#include "x509/shown.h"
#include "x509/wish.h"

struct checked {
	struct arena *arena;
	struct csr *csr;
	struct sheet sheet;
};

static void
check_der(struct checked *c, const void *der, size_t len)
{
	struct err e = { 0 };

	c->arena = arena_new();
	if (csr_parse_unproved(&c->csr, der, len, &e) < 0)
		fail_msg("%s", e.message);
	sheet_init(&c->sheet, c->arena);
	assert_int_equal(csr_check(c->csr, NULL, &c->sheet, &e), 0);
	for (size_t i = 0; i < c->sheet.n; i++) {
		const struct disposition *d = &c->sheet.v[i];

		assert_ptr_equal(sheet_find(&c->sheet, d->item), d); /* once */
		assert_non_null(d->asked);
		if (d->outcome == OUT_GRANTED)
			continue;
		assert_int_equal(d->outcome, OUT_REFUSED);
		assert_true(d->rule[0] && d->reason[0] && d->reference[0] && d->set_by[0]);
	}
}

static void
check_req(struct checked *c, X509_REQ *req)
{
	unsigned char *der = NULL;
	int n = i2d_X509_REQ(req, &der);

	assert_true(n > 0);
	check_der(c, der, (size_t)n);
	OPENSSL_free(der);
	X509_REQ_free(req);
}

static void
done(struct checked *c)
{
	csr_free(c->csr);
	arena_free(c->arena);
}

static const char *
rule_of(const struct checked *c, const char *item)
{
	const struct disposition *d = sheet_find(&c->sheet, item);

	if (d == NULL)
		fail_msg("%s is missing", item);
	return d->rule == NULL ? "" : d->rule;
}

static void
our_own_CSR_is_well_formed(void **state)
{
	AUTO(pkey) EVP_PKEY *key = make_key("ec:P-256");
	AUTO(csr) struct csr *made = make_csr(key, "portal.example.com", "www.example.com");
	struct checked c = { 0 };
	const unsigned char *der;
	size_t n;

	der = csr_der(made, &n);
	check_der(&c, der, n);
	assert_int_equal(c.sheet.verdict, VERDICT_ISSUE);
	assert_int_equal(c.sheet.nnotes, 0);
	assert_int_equal(c.sheet.n, 7 + 2 + 3);
	assert_string_equal(sheet_find(&c.sheet, "key.size")->asked, "256");
	assert_string_equal(sheet_find(&c.sheet, "subject.L")->granted, "Campinas");
	assert_string_equal(sheet_find(&c.sheet, "signature")->asked, "ecdsa-with-SHA256");
	done(&c);
}

static void
each_kind_of_wish_has_its_item(void **state)
{
	AUTO(pkey) EVP_PKEY *key = make_key("ec:P-256");
	static const char *const lines[] = {
		"subjectAltName=DNS:a.example.com,DNS:B.example.com,IP:192.0.2.1,IP:2001:db8::1,"
		"URI:https://a.example.com/,email:x@example.com,otherName:1.2.3.4;UTF8:hello,"
		"RID:1.2.3",
		"keyUsage=critical,digitalSignature,keyAgreement",
		"extendedKeyUsage=serverAuth,clientAuth,1.2.3.9",
		"basicConstraints=CA:TRUE,pathlen:3", "1.2.3.5=ASN1:UTF8String:odd",
		"tlsfeature=status_request", NULL
	};
	static const char *const items[] = {
		"subject.C",
		"subject.O",
		"subject.OU",
		"subject.OU#2",
		"subject.CN",
		"subject.DC",
		"subject.2.5.4.20",
		"san.dns:a.example.com",
		"san.dns:b.example.com",
		"san.ip:192.0.2.1",
		"san.ip:2001:db8::1",
		"san.uri:https://a.example.com/",
		"san.email:x@example.com",
		"san.1.2.3.4:hello",
		"san.rid:1.2.3",
		"key",
		"key.size",
		"signature",
		"ku.digitalSignature",
		"ku.keyAgreement",
		"eku.serverAuth",
		"eku.clientAuth",
		"eku.1.2.3.9",
		"basicConstraints.ca",
		"basicConstraints.pathlen",
		"ext.1.2.3.5",
		"ext.1.3.6.1.5.5.7.1.24",
		"attr.1.2.840.113549.1.9.7",
	};
	X509_REQ *req = make_req(
	    "/C=US/O=Example/OU=One/OU=Two/CN=a.example.com/DC=x/2.5.4.20=555", key, lines);
	struct checked c = { 0 };

	X509_REQ_add1_attr_by_NID(req, NID_pkcs9_challengePassword, MBSTRING_UTF8,
	    (const unsigned char *)"hunter2hunter2", -1);
	X509_REQ_sign(req, key, EVP_sha256());
	check_req(&c, req);
	for (size_t i = 0; i < nitems(items); i++)
		if (sheet_find(&c.sheet, items[i]) == NULL)
			fail_msg("%s is missing", items[i]);
	assert_int_equal(c.sheet.n, nitems(items));
	assert_int_equal(c.sheet.verdict, VERDICT_ISSUE);
	for (size_t i = 0; i < c.sheet.n; i++)
		assert_null(strstr(c.sheet.v[i].asked, "hunter2"));
	assert_string_equal(sheet_find(&c.sheet, "basicConstraints.pathlen")->asked, "3");
	done(&c);
}

static void
faults_are_refused_at_their_item(void **state)
{
	AUTO(pkey) EVP_PKEY *key = make_key("rsa:1024");
	static const char *const lines[] = {
		"subjectAltName=DNS:a_b.example.com,DNS:*.co.uk,DNS:ok.example.com,URI:nonsense,"
		"email:nobody,DNS:intranet",
		"basicConstraints=CA:FALSE,pathlen:1", NULL
	};
	char longer[100], subject[400];
	struct checked c = { 0 };

	memset(longer, 'x', 65);
	longer[65] = '\0';
	snprintf(subject, sizeof(subject), "/C=UK/O=%s/CN=a.example.com/emailAddress=no", longer);
	ASN1_STRING_TABLE_add(NID_organizationName, 1, 200, DIRSTRING_TYPE, 0);
	check_req(&c, make_req(subject, key, lines));
	ASN1_STRING_TABLE_cleanup();
	assert_string_equal(rule_of(&c, "subject.C"), "csr.subject.country");
	assert_string_equal(rule_of(&c, "subject.O"), "csr.subject.length");
	assert_string_equal(rule_of(&c, "subject.emailAddress"), "csr.subject.email");
	assert_string_equal(rule_of(&c, "san.dns:a_b.example.com"), "csr.san.dns");
	assert_string_equal(rule_of(&c, "san.dns:*.co.uk"), "csr.san.dns");
	assert_string_equal(rule_of(&c, "san.dns:ok.example.com"), "");
	assert_string_equal(rule_of(&c, "san.dns:intranet"), "");
	assert_string_equal(rule_of(&c, "san.uri:nonsense"), "csr.san.uri");
	assert_string_equal(rule_of(&c, "san.email:nobody"), "csr.san.email");
	assert_string_equal(rule_of(&c, "key.size"), "csr.key.size");
	assert_string_equal(rule_of(&c, "key"), "");
	assert_string_equal(rule_of(&c, "basicConstraints.pathlen"), "csr.extension");
	assert_int_equal(c.sheet.verdict, VERDICT_REFUSE);
	assert_int_equal(c.sheet.nnotes, 2); /* intranet; CN not among the names */
	done(&c);
}

static void
notes_alone_amend(void **state)
{
	AUTO(pkey) EVP_PKEY *key = make_key("ec:P-256");
	static const char *const twice[] = { "subjectAltName=DNS:a.example.com,DNS:A.example.com",
		NULL };
	struct checked c = { 0 };

	check_req(&c, make_req("a.example.com", key, twice));
	assert_int_equal(c.sheet.verdict, VERDICT_AMEND);
	assert_non_null(strstr(c.sheet.notes[0], "2 times"));
	done(&c);
	check_req(&c, make_req("b.example.com", key, twice));
	assert_int_equal(c.sheet.nnotes, 2);
	done(&c);
	check_req(&c, make_req("Example Portal", key, NULL));
	assert_non_null(strstr(c.sheet.notes[0], "not the name of a host"));
	done(&c);
	check_req(&c, make_req("", key, NULL));
	assert_non_null(strstr(c.sheet.notes[0], "names nothing"));
	done(&c);
}

static X509_REQ *
odd_subject(EVP_PKEY *key, int type, const char *bytes, int len)
{
	X509_REQ *req = make_req("", key, NULL);
	X509_NAME_ENTRY *ne = NULL;
	ASN1_STRING *s = ASN1_STRING_type_new(type);

	ASN1_STRING_set(s, bytes, len);
	ne = X509_NAME_ENTRY_new();
	X509_NAME_ENTRY_set_object(ne, OBJ_nid2obj(NID_organizationName));
	X509_NAME_ENTRY_set_data(ne, type, (const unsigned char *)bytes, len);
	X509_NAME_add_entry(X509_REQ_get_subject_name(req), ne, -1, 0);
	X509_NAME_ENTRY_free(ne);
	ASN1_STRING_free(s);
	X509_REQ_sign(req, key, EVP_sha256());
	return req;
}

static void
hostile_encodings_are_shown_and_refused(void **state)
{
	AUTO(pkey) EVP_PKEY *key = make_key("ec:P-256");
	static const struct {
		int type;
		const char *bytes;
		int len;
		const char *shown, *rule;
		size_t notes;
	} cases[] = {
		{ V_ASN1_UTF8STRING, "a\0b", 3, "a\\x00b", "csr.subject.text", 0 },
		{ V_ASN1_UTF8STRING,
		    "a\xe2\x80\xae"
		    "b",
		    5, "a\\xe2\\x80\\xaeb", "csr.subject.text", 0 },
		{ V_ASN1_UTF8STRING, "a\nb", 3, "a\\x0ab", "csr.subject.text", 0 },
		{ V_ASN1_BMPSTRING, "\0S\0\xe3\0o", 6, "S\xc3\xa3o", "", 1 },
		{ V_ASN1_T61STRING, "S\xe3o", 3, "S\xc3\xa3o", "", 1 },
		{ V_ASN1_UTF8STRING, "", 0, "", "csr.subject.text", 0 },
	};

	for (size_t i = 0; i < nitems(cases); i++) {
		struct checked c = { 0 };
		struct csr *strict = NULL;
		const unsigned char *der;
		struct err e = { 0 };
		size_t n;

		check_req(&c, odd_subject(key, cases[i].type, cases[i].bytes, cases[i].len));
		assert_string_equal(rule_of(&c, "subject.O"), cases[i].rule);
		if (cases[i].shown != NULL)
			assert_string_equal(
			    sheet_find(&c.sheet, "subject.O")->asked, cases[i].shown);
		assert_int_equal(c.sheet.nnotes, cases[i].notes);
		der = csr_der(c.csr, &n);
		if (cases[i].rule[0] != '\0' && cases[i].len > 0) {
			assert_int_equal(csr_parse(&strict, der, n, &e), -1);
			assert_int_equal(e.refusal, R_NAME_MALFORMED);
		}
		done(&c);
	}
}

/* libcrypto takes no name with these: said at once, not in the sheet. */
static void
text_that_no_one_can_read_is_refused(void **state)
{
	AUTO(pkey) EVP_PKEY *key = make_key("ec:P-256");
	static const struct {
		int type;
		const char *bytes;
		int len;
	} cases[] = {
		{ V_ASN1_UTF8STRING,
		    "a\xff"
		    "b",
		    3 },
		{ V_ASN1_BMPSTRING, "\xd8\x00\0o", 4 },
	};

	for (size_t i = 0; i < nitems(cases); i++) {
		X509_REQ *req = odd_subject(key, V_ASN1_UTF8STRING, "abcd", cases[i].len);
		unsigned char *der = NULL, *at;
		int n = i2d_X509_REQ(req, &der);
		struct csr *csr = NULL;
		struct err e = { 0 };

		at = memmem(der, (size_t)n, "abc", 3);
		memcpy(at, cases[i].bytes, (size_t)cases[i].len);
		at[-2] = (unsigned char)cases[i].type;
		assert_int_equal(csr_parse_unproved(&csr, der, (size_t)n, &e), -1);
		assert_int_equal(e.refusal, R_CSR_DER);
		OPENSSL_free(der);
		X509_REQ_free(req);
	}
}

static void
a_NUL_in_a_name_is_seen(void **state)
{
	AUTO(pkey) EVP_PKEY *key = make_key("ec:P-256");
	static const char *const lines[] = { "subjectAltName=DNS:bank.example.com0evil.example",
		NULL };
	X509_REQ *req = make_req("a.example.com", key, lines);
	unsigned char *der = NULL, *at;
	int n = i2d_X509_REQ(req, &der);
	struct checked c = { 0 };

	at = memmem(der, (size_t)n, "com0evil", 8);
	at[3] = '\0';
	check_der(&c, der, (size_t)n);
	assert_string_equal(
	    rule_of(&c, "san.dns:bank.example.com\\x00evil.example"), "csr.san.text");
	assert_string_equal(rule_of(&c, "signature"), "csr.proof");
	assert_int_equal(c.sheet.verdict, VERDICT_REFUSE);
	done(&c);
	OPENSSL_free(der);
	X509_REQ_free(req);
}

static void
weak_signatures_and_odd_keys_are_refused(void **state)
{
	AUTO(pkey) EVP_PKEY *rsa = make_key("rsa:2048"), *p224 = make_key("ec:P-224");
	X509_REQ *req = make_req("a.example.com", rsa, NULL);
	struct checked c = { 0 };

	X509_REQ_sign(req, rsa, EVP_sha1());
	check_req(&c, req);
	assert_string_equal(rule_of(&c, "signature"), "csr.signature.weak");
	done(&c);
	check_req(&c, make_req("a.example.com", p224, NULL));
	assert_string_equal(rule_of(&c, "key"), "csr.key");
	assert_int_equal(c.sheet.verdict, VERDICT_REFUSE);
	done(&c);
}

/* What is shown of a name is not always all of it, or it is another's. */
static void
a_name_that_looks_like_another_excuses_nothing(void **state)
{
	static const struct {
		const char *names; /* DER, in hex */
		size_t items, refused;
	} cases[] = {
		/* URIs: a NUL, and a backslash with the letters that it is shown by */
		{ "2.5.29.17=DER:30:13:86:05:75:3a:61:00:62:86:0a:75:3a:61:5c:78:30:30:62:2e:2e", 2,
		    1 },
		{ "2.5.29.17=DER:30:11:86:05:75:3a:61:00:62:86:08:75:3a:61:5c:78:30:30:62", 1, 1 },
		{ "2.5.29.17=DER:30:11:86:08:75:3a:61:5c:78:30:30:62:86:05:75:3a:61:00:62", 1, 1 },
	};
	AUTO(pkey) EVP_PKEY *key = make_key("ec:P-256");

	for (size_t i = 0; i < nitems(cases); i++) {
		const char *lines[] = { cases[i].names, NULL };
		struct checked c = { 0 };

		check_req(&c, make_req("", key, lines));
		assert_int_equal(c.sheet.n, 3 + cases[i].items);
		assert_int_equal(sheet_count(&c.sheet, OUT_REFUSED), cases[i].refused);
		done(&c);
	}
}

/* Two that differ after all that is shown of them: an OID, bytes, a name of other form. */
static void
what_is_shown_in_part_is_told_apart(void **state)
{
	AUTO(arena) struct arena *a = arena_new();
	unsigned char one[700], two[700];
	char oid[800] = "1.3.6.1.4.1";
	const char *shown[2];

	memset(one, 1, sizeof(one));
	memset(two, 1, sizeof(two));
	two[sizeof(two) - 1] = 2;
	assert_string_not_equal(shown_bytes(a, one, sizeof(one)), shown_bytes(a, two, sizeof(two)));
	assert_string_not_equal(
	    shown_hex(a, one, sizeof(one), 64), shown_hex(a, two, sizeof(two), 64));
	assert_string_equal(shown_hex(a, one, 3, 64), "010101");
	assert_string_equal(shown_bytes(a, "a\\\0", 3), "a\\x5c\\x00");
	for (size_t n = strlen(oid); n < 600; n += 4)
		memcpy(oid + n, ".999", 5);
	for (int i = 0; i < 2; i++) {
		ASN1_OBJECT *o;

		oid[strlen(oid) - 1] = (char)('1' + i);
		o = OBJ_txt2obj(oid, 1);
		shown[i] = shown_oid(a, o);
		ASN1_OBJECT_free(o);
		assert_true(strlen(shown[i]) <= SHOWN_OID);
		assert_false(issue_can(arena_printf(a, "eku.%s", shown[i])));
		assert_false(issue_can(arena_printf(a, "subject.%s", shown[i])));
	}
	assert_string_not_equal(shown[0], shown[1]);
	assert_true(issue_can("eku.1.3.6.1.4.1.999"));
}

/* Of ordinary attributes, and where libcrypto has to read them. */
static void
attributes_that_stand_together_are_noted(void **state)
{
	static const struct {
		const char *type;
		int set; /* of X509_NAME_add_entry_by_txt: -1 joins the one before */
		bool noted;
	} cases[] = { { "O", 0, false }, { "O", -1, true }, { "2.5.4.20", 0, false },
		{ "2.5.4.20", -1, true } };
	AUTO(pkey) EVP_PKEY *key = make_key("ec:P-256");

	for (size_t i = 0; i < nitems(cases); i++) {
		X509_REQ *req = make_req("/CN=One", key, NULL);
		struct checked c = { 0 };
		bool noted = false;

		assert_int_equal(
		    X509_NAME_add_entry_by_txt(X509_REQ_get_subject_name(req), cases[i].type,
			MBSTRING_ASC, (const unsigned char *)"5", -1, -1, cases[i].set),
		    1);
		X509_REQ_sign(req, key, EVP_sha256());
		check_req(&c, req);
		for (size_t k = 0; k < c.sheet.nnotes; k++)
			noted |= strstr(c.sheet.notes[k], "multi-valued RDN") != NULL;
		assert_int_equal(noted, cases[i].noted);
		done(&c);
	}
}

/* RFC 5280 appendix A: PrintableString and IA5String have no others. */
static void
letters_that_an_attribute_has_not_are_refused(void **state)
{
	static const struct {
		const char *item, *value;
		bool fits;
	} cases[] = {
		{ "subject.serialNumber", "S-5 (b)+'c',./:=?", true },
		{ "subject.serialNumber", "S\xc3\xa4", false },
		{ "subject.serialNumber#2", "a@b", false },
		{ "subject.2.5.4.46", "a_b", false },
		{ "subject.DC", "example_1", true },
		{ "subject.DC#2",
		    "b\xc3\xbc"
		    "cher",
		    false },
		{ "subject.jurisdictionC", "US", true },
		{ "subject.jurisdictionC", "USA", false },
		{ "subject.O",
		    "b\xc3\xbc"
		    "cher@_",
		    true },
	};
	AUTO(arena) struct arena *a = arena_new();
	struct sheet s;

	sheet_init(&s, a);
	for (size_t i = 0; i < nitems(cases); i++) {
		struct item it = { .name = cases[i].item, .value = cases[i].value, .times = 1 };
		struct wish_fault f = wish_judge(&s, NULL, &(struct err){ 0 }, &it);

		if ((f.rule == NULL) != cases[i].fits)
			fail_msg("%s %s: %s", it.name, it.value, f.rule);
	}
}

static void
extensions_asked_twice_or_malformed_are_refused(void **state)
{
	AUTO(pkey) EVP_PKEY *key = make_key("ec:P-256");
	static const char *const lines[] = { "keyUsage=digitalSignature", "1.2.3.4=ASN1:NULL",
		"1.2.3.4=ASN1:NULL", "2.5.29.37=DER:30:00", "2.5.29.19=DER:05:00",
		"2.5.29.17=DER:30:00", "2.5.29.15=ASN1:NULL", NULL };
	X509_REQ *req = make_req("a.example.com", key, lines);
	struct checked c = { 0 };

	for (int i = 0; i < 2; i++)
		X509_REQ_add1_attr_by_NID(
		    req, NID_pkcs9_unstructuredName, MBSTRING_ASC, (const unsigned char *)"x", -1);
	X509_REQ_sign(req, key, EVP_sha256());
	check_req(&c, req);
	assert_string_equal(rule_of(&c, "ku.digitalSignature"), "");
	assert_string_equal(rule_of(&c, "ext.2.5.29.15"), "csr.extension");
	assert_string_equal(rule_of(&c, "ext.1.2.3.4"), "csr.extension");
	assert_string_equal(rule_of(&c, "ext.2.5.29.37"), "csr.extension");
	assert_string_equal(rule_of(&c, "ext.2.5.29.19"), "csr.extension");
	assert_string_equal(rule_of(&c, "ext.2.5.29.17"), "csr.extension");
	done(&c);
}

static void
every_rule_has_its_row(void **state)
{
	for (const struct rule *r = rules; r->id != NULL; r++) {
		assert_ptr_equal(rule_find(r->id), r);
		assert_true(r->sentence[0] && r->reference[0] && r->set_by[0]);
	}
}

static void
verdicts_have_their_exit_codes(void **state)
{
	static const int codes[] = { 0, 3, 4, 5, 0, 3, 5 };

	for (int v = VERDICT_ISSUE; v <= VERDICT_BREAKING; v++) {
		assert_int_equal(verdict_exit_code((enum verdict)v), codes[v]);
		assert_true(verdict_name((enum verdict)v)[0] != '\0');
	}
	assert_null(weight_name(WEIGHT_NONE));
	assert_string_equal(weight_name(WEIGHT_BREAKING), "breaking");
	assert_string_equal(outcome_name(OUT_REFUSED), "refused");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(our_own_CSR_is_well_formed),
		cmocka_unit_test(each_kind_of_wish_has_its_item),
		cmocka_unit_test(faults_are_refused_at_their_item),
		cmocka_unit_test(notes_alone_amend),
		cmocka_unit_test(hostile_encodings_are_shown_and_refused),
		cmocka_unit_test(text_that_no_one_can_read_is_refused),
		cmocka_unit_test(a_NUL_in_a_name_is_seen),
		cmocka_unit_test(weak_signatures_and_odd_keys_are_refused),
		cmocka_unit_test(a_name_that_looks_like_another_excuses_nothing),
		cmocka_unit_test(what_is_shown_in_part_is_told_apart),
		cmocka_unit_test(attributes_that_stand_together_are_noted),
		cmocka_unit_test(letters_that_an_attribute_has_not_are_refused),
		cmocka_unit_test(extensions_asked_twice_or_malformed_are_refused),
		cmocka_unit_test(every_rule_has_its_row),
		cmocka_unit_test(verdicts_have_their_exit_codes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
