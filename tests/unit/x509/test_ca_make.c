/*
 * test_ca_make.c - certificates of our own CAs, and their CRLs
 *
 * crl.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <openssl/x509v3.h>

#include "make.h"
#include "x509/ca_make.h"
#include "x509/cert.h"
#include "x509/crl.h"
#include "x509/der_put.h"

struct made {
	struct arena *arena;
	EVP_PKEY *key;
	unsigned char *spki;
	struct issue_input in;
};

static int
set_up(void **state)
{
	static struct made m;
	struct err e = { 0 };
	size_t len;

	m.arena = arena_new();
	m.key = make_key("ec:P-256");
	if (spki_der(m.arena, m.key, &m.spki, &len, &e) < 0)
		return -1;
	m.in = (struct issue_input){ .signing = signing_for(m.key, NULL, &e),
		.serial = { 1 },
		.when = MAKE_NOW,
		.spki = m.spki,
		.spki_len = len };
	*state = &m;
	return 0;
}

static int
tear_down(void **state)
{
	struct made *m = *state;

	EVP_PKEY_free(m->key);
	arena_free(m->arena);
	return 0;
}

static X509 *
finish(struct made *m, struct buf *tbs)
{
	struct err e = { 0 };
	const unsigned char *p;
	X509 *x;

	assert_int_equal(signing_put(tbs, m->in.signing, m->key, &e), 0);
	der_wrap(tbs, DER_SEQUENCE);
	p = tbs->data;
	x = d2i_X509(NULL, &p, (long)tbs->len);
	assert_non_null(x);
	assert_int_equal(X509_verify(x, m->key), 1);
	return x;
}

static X509 *
root(struct made *m)
{
	AUTO_BUF struct buf tbs = { 0 };
	struct ca_wish w = { .root = true,
		.common_name = "R",
		.path_length = 1,
		.not_after = MAKE_NOW + 100 * 86400 - 1 };

	ca_tbs(&tbs, &w, &m->in);
	return finish(m, &tbs);
}

static void
test_a_root_certifies_itself(void **state)
{
	struct made *m = *state;
	AUTO(x509) X509 *x = root(m);

	assert_int_equal(X509_self_signed(x, 1), 1);
	assert_int_equal(X509_check_ca(x), 1);
	assert_int_equal(X509_get_pathlen(x), 1);
	assert_int_equal(X509_get_key_usage(x), KU_KEY_CERT_SIGN | KU_CRL_SIGN);
	assert_int_equal(X509_get_ext_by_NID(x, NID_authority_key_identifier, -1), -1);
}

static void
below(struct made *m, X509 *issuer)
{
	struct ca_facts f;
	struct err e = { 0 };

	assert_int_equal(ca_facts(m->arena, issuer, &f, &e), 0);
	m->in.issuer = f.subject;
	m->in.issuer_len = f.subject_len;
	m->in.key_id = f.key_id;
	m->in.key_id_len = f.key_id_len;
}

static void
test_name_constraints_are_read_back_and_obeyed(void **state)
{
	struct made *m = *state;
	AUTO(x509) X509 *r = root(m);
	const char *permitted[] = { "example.com", "example.org" };
	struct ca_wish w = { .common_name = "I",
		.path_length = 0,
		.not_after = MAKE_NOW + 50 * 86400,
		.permitted = permitted,
		.npermitted = 2 };
	AUTO_BUF struct buf tbs = { 0 };
	struct ca_facts f;
	struct err e = { 0 };

	below(m, r);
	ca_tbs(&tbs, &w, &m->in);
	AUTO(x509) X509 *x = finish(m, &tbs);
	assert_int_equal(X509_check_issued(r, x), X509_V_OK);
	assert_int_equal(ca_facts(m->arena, x, &f, &e), 0);
	assert_int_equal(f.path_length, 0);
	assert_int_equal(f.npermitted, 2);
	assert_string_equal(f.permitted[1], "example.org");
	NAME_CONSTRAINTS *nc = X509_get_ext_d2i(x, NID_name_constraints, NULL, NULL);
	static const struct {
		const char *ext;
		int result;
	} cases[] = { { "subjectAltName=DNS:a.example.com", X509_V_OK },
		{ "subjectAltName=DNS:a.example.net", X509_V_ERR_PERMITTED_VIOLATION },
		{ "subjectAltName=IP:192.0.2.1", X509_V_ERR_EXCLUDED_VIOLATION },
		{ "subjectAltName=IP:2001:db8::1", X509_V_ERR_EXCLUDED_VIOLATION } };
	for (size_t i = 0; i < nitems(cases); i++) {
		AUTO(x509)
		X509 *leaf = make_cert(&(struct make){ .subject = "",
		    .key = m->key,
		    .issuer_key = m->key,
		    .extensions = { cases[i].ext } });

		assert_int_equal(X509_check_purpose(leaf, -1, 0), 1); /* reads extensions */
		assert_int_equal(NAME_CONSTRAINTS_check(leaf, nc), cases[i].result);
	}
	NAME_CONSTRAINTS_free(nc);
}

static void
test_what_is_no_ca_is_told(void **state)
{
	struct made *m = *state;
	AUTO(x509) X509 *leaf = make_cert(&(struct make){ .subject = "leaf", .key = m->key });
	AUTO(x509)
	X509 *no_use = make_cert(&(struct make){ .subject = "ca",
	    .key = m->key,
	    .extensions = { "basicConstraints=critical,CA:TRUE", "keyUsage=cRLSign" } });
	struct ca_facts f;
	struct err e = { 0 };

	assert_int_equal(ca_facts(m->arena, leaf, &f, &e), -1);
	assert_int_equal(e.refusal, R_CA_CERT);
	err_clear(&e);
	assert_int_equal(ca_facts(m->arena, no_use, &f, &e), -1);
	assert_int_equal(e.refusal, R_CA_CERT);
}

static void
test_an_ocsp_signer_is_for_that_alone(void **state)
{
	struct made *m = *state;
	AUTO(x509) X509 *r = root(m);
	AUTO_BUF struct buf tbs = { 0 };
	struct ca_wish w = { .common_name = "OCSP", .not_after = MAKE_NOW + 86400 };

	below(m, r);
	ocsp_signer_tbs(&tbs, &w, &m->in);
	AUTO(x509) X509 *x = finish(m, &tbs);
	assert_int_equal(X509_get_extended_key_usage(x), XKU_OCSP_SIGN);
	assert_int_equal(X509_get_key_usage(x), KU_DIGITAL_SIGNATURE);
	assert_true(X509_get_ext_by_NID(x, NID_id_pkix_OCSP_noCheck, -1) >= 0);
	assert_int_equal(X509_check_ca(x), 0);
}

/* Without a subject below it, a CA that is bound to a directoryName has no signer. */
static void
an_ocsp_signer_is_below_what_its_CA_permits(void **state)
{
	static const unsigned char limits[] =
	    "\x30\x15\xa0\x13\x30\x11\xa4\x0f\x30\x0d\x31\x0b\x30\x09"
	    "\x06\x03\x55\x04\x06\x13\x02US";
	struct made *m = *state;
	AUTO(x509) X509 *r = root(m);
	AUTO_BUF struct buf tbs = { 0 };
	struct ca_wish w = { .common_name = "OCSP", .not_after = MAKE_NOW + 86400 };
	struct name_limits l;
	const unsigned char *name;
	struct der subject;
	size_t len;

	assert_null(name_limits_read(&l, der_of(limits, sizeof(limits) - 1)));
	w.below = name_limits_below(&l);
	assert_int_equal(w.below.len, 13);
	below(m, r);
	ocsp_signer_tbs(&tbs, &w, &m->in);
	AUTO(x509) X509 *x = finish(m, &tbs);
	assert_int_equal(X509_NAME_get0_der(X509_get_subject_name(x), &name, &len), 1);
	subject = der_of(name, len);
	assert_null(name_limits_refuse(&l, &subject, NULL));
	l = (struct name_limits){ 0 };
	assert_int_equal(name_limits_below(&l).len, 0);
}

/* ---- CRLs ------------------------------------------------------------------------ */

static X509_CRL *
list(struct made *m, size_t n, uint64_t base)
{
	AUTO_BUF struct buf entries = { 0 }, tbs = { 0 };
	struct crl_input in = { .issuer = m->in.issuer,
		.issuer_len = m->in.issuer_len,
		.key_id = m->in.key_id,
		.key_id_len = m->in.key_id_len,
		.signing = m->in.signing,
		.this_update = MAKE_NOW,
		.next_update = MAKE_NOW + 86400,
		.number = 0x81,
		.base = base };
	struct err e = { 0 };
	const unsigned char *p;
	char serial[16];
	X509_CRL *crl;

	crl_begin(&entries);
	for (size_t i = 0; i < n; i++) {
		snprintf(serial, sizeof(serial), "%08zx", 0x80000000 + i);
		crl_entry(&entries, serial, MAKE_NOW - 10,
		    i == 0 ? REASON_UNSPECIFIED : REASON_SUPERSEDED);
	}
	crl_tbs(&tbs, &entries, &in);
	assert_int_equal(signing_put(&tbs, in.signing, m->key, &e), 0);
	der_wrap(&tbs, DER_SEQUENCE);
	p = tbs.data;
	crl = d2i_X509_CRL(NULL, &p, (long)tbs.len);
	assert_non_null(crl);
	assert_int_equal(X509_CRL_verify(crl, m->key), 1);
	return crl;
}

static long
reason_of(X509_REVOKED *r)
{
	ASN1_ENUMERATED *why = X509_REVOKED_get_ext_d2i(r, NID_crl_reason, NULL, NULL);
	long reason = why == NULL ? -1 : ASN1_ENUMERATED_get(why);

	ASN1_ENUMERATED_free(why);
	return reason;
}

static void
test_a_list_has_its_entries_with_reasons(void **state)
{
	struct made *m = *state;
	AUTO(x509) X509 *r = root(m);
	X509_CRL *crl;
	ASN1_INTEGER *number;

	below(m, r);
	crl = list(m, 3000, 0);
	assert_int_equal(sk_X509_REVOKED_num(X509_CRL_get_REVOKED(crl)), 3000);
	/* an unspecified reason is left out (RFC 5280 5.3.1) */
	assert_int_equal(reason_of(sk_X509_REVOKED_value(X509_CRL_get_REVOKED(crl), 0)), -1);
	assert_int_equal(
	    reason_of(sk_X509_REVOKED_value(X509_CRL_get_REVOKED(crl), 2999)), REASON_SUPERSEDED);
	number = X509_CRL_get_ext_d2i(crl, NID_crl_number, NULL, NULL);
	assert_int_equal(ASN1_INTEGER_get(number), 0x81);
	ASN1_INTEGER_free(number);
	assert_int_equal(X509_CRL_get_ext_by_NID(crl, NID_delta_crl, -1), -1);
	X509_CRL_free(crl);
	crl = list(m, 0, 0x80); /* RFC 5280 5.1.2.6: none is no empty list */
	assert_null(X509_CRL_get_REVOKED(crl));
	assert_true(X509_CRL_get_ext_by_critical(crl, 1, -1) >= 0);
	X509_CRL_free(crl);
}

static void
test_reasons_as_people_write_them(void **state)
{
	static const struct {
		const char *typed;
		int reason;
	} cases[] = { { "keyCompromise", 1 }, { "key-compromise", 1 }, { "Key Compromise", 1 },
		{ "CESSATIONOFOPERATION", 5 }, { "certificateHold", 6 }, { "removeFromCRL", -1 },
		{ "remove-from-crl", -1 }, { "aACompromise", -1 }, { "aa compromise", -1 },
		{ "privilegeWithdrawn", 9 }, { "keyCompromised", -1 }, { "", -1 } };

	for (size_t i = 0; i < nitems(cases); i++) {
		enum crl_reason r = 0;
		struct err e = { 0 };
		int ok = crl_reason_parse(cases[i].typed, &r, &e);

		assert_int_equal(ok, cases[i].reason < 0 ? -1 : 0);
		if (ok == 0)
			assert_int_equal(r, cases[i].reason);
		else
			assert_int_equal(e.refusal, R_REASON);
	}
}

static void
reasons_that_are_of_something_else_say_so(void **state)
{
	enum crl_reason r;
	struct err e = { 0 };

	assert_int_equal(crl_reason_parse("aACompromise", &r, &e), -1);
	assert_non_null(strstr(e.hint, "attribute certificates"));
	err_clear(&e);
	assert_int_equal(crl_reason_parse("removeFromCRL", &r, &e), -1);
	assert_non_null(strstr(e.hint, "certificate release"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_root_certifies_itself),
		cmocka_unit_test(test_name_constraints_are_read_back_and_obeyed),
		cmocka_unit_test(test_what_is_no_ca_is_told),
		cmocka_unit_test(test_an_ocsp_signer_is_for_that_alone),
		cmocka_unit_test(an_ocsp_signer_is_below_what_its_CA_permits),
		cmocka_unit_test(test_a_list_has_its_entries_with_reasons),
		cmocka_unit_test(test_reasons_as_people_write_them),
		cmocka_unit_test(reasons_that_are_of_something_else_say_so),
	};

	return cmocka_run_group_tests_name("ca_make", tests, set_up, tear_down);
}
