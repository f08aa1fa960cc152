/*
 * deliver.c - one delivery: check, write, swap, test, reload; or all as before
 *
 * Certificates come from the front, the key from the keeper: what is written is
 * strict DER, in PEM of our own making or in PKCS#12, and both are one pair.
 */
#include "base/io.h"
#include "base/limits.h"
#include "base/log.h"
#include "deliver/deliver.h"
#include "deliver/haproxy.h"
#include "deliver/place.h"
#include "deliver/run.h"
#include "x509/der.h"
#include "x509/pkcs12.h"

#define LINE_BYTES 48 /* 64 characters (RFC 7468) */

static void
pair_free(struct pair *p)
{
	buf_free(&p->key);
	buf_free(&p->certificates);
	buf_free(&p->keystore);
}
#define AUTO_PAIR __attribute__((cleanup(pair_free)))

/* ---- the pair ------------------------------------------------------------------------- */

static void
put_pem(struct buf *b, struct arena *a, const char *label, const unsigned char *der, size_t len)
{
	buf_printf(b, "-----BEGIN %s-----\n", label);
	for (size_t at = 0; at < len; at += LINE_BYTES) {
		size_t n = len - at < LINE_BYTES ? len - at : LINE_BYTES;

		buf_put_text(b, base64_encode(a, der + at, n));
		buf_put_text(b, "\n");
	}
	buf_printf(b, "-----END %s-----\n", label);
}

/* RFC 5280 4.1: does it carry this key? */
static bool
is_for(const struct der *certificate, const struct bytes *spki)
{
	struct der d = *certificate, cert, tbs, skip, key;

	if (der_expect(&d, DER_SEQUENCE, &cert) < 0 || der_expect(&cert, DER_SEQUENCE, &tbs) < 0 ||
	    der_optional(&tbs, DER_CONTEXT(0), &skip) < 0 ||
	    der_expect(&tbs, DER_INTEGER, &skip) < 0)
		return false;
	for (int i = 0; i < 4; i++) /* algorithm, issuer, validity, subject */
		if (der_expect(&tbs, DER_SEQUENCE, &skip) < 0)
			return false;
	return der_expect_whole(&tbs, DER_SEQUENCE, &skip, &key) == 0 &&
	    der_equal(&key, spki->data, spki->len);
}

static int
no_pair(struct err *e, const char *why)
{
	return err_set(e, R_DELIVER_PAIR, NULL, "what is to be delivered is no pair: %s", why);
}

static int
make_pair(struct pair *p, struct arena *a, const struct bytes *certificates,
    const struct delivery_key *k, struct err *e)
{
	struct der rest = der_of(certificates->data, certificates->len), inner, whole;
	int n = 0;

	for (; !der_at_end(&rest); n++) {
		if (n > LIMIT_CHAIN || der_expect_whole(&rest, DER_SEQUENCE, &inner, &whole) < 0 ||
		    der_check(whole.data, whole.len) < 0)
			return no_pair(e, "a certificate is malformed");
		if (n == 0 && !is_for(&whole, &k->spki))
			return no_pair(e, "the certificate is for another key");
		put_pem(&p->certificates, a, "CERTIFICATE", whole.data, whole.len);
	}
	if (n == 0)
		return no_pair(e, "there is no certificate");
	put_pem(&p->key, a, "PRIVATE KEY", k->pkcs8.data, k->pkcs8.len);
	return 0;
}

/* A file of one line, which root alone may change. */
static int
read_passphrase(const struct target *t, struct buf *out, struct err *e)
{
	if (file_read(out, t->passphrase, LIMIT_PASSPHRASE + 1, e) < 0)
		return -1;
	if (out->len > 0 && out->data[out->len - 1] == '\n')
		out->len--;
	if (out->len > 0 && memchr(out->data, '\0', out->len) == NULL)
		return 0;
	err_set(e, R_DELIVER_FILE, NULL, "%s holds no passphrase", t->passphrase);
	return err_hint(e, "write one line into it: the passphrase of the keystore");
}

static int
make_keystore(const struct target *t, struct pair *p, const struct bytes *certificates,
    const struct delivery_key *k, struct err *e)
{
	AUTO_BUF struct buf passphrase = { 0 };
	struct keystore s = { .name = t->certificate != NULL ? t->certificate : t->name,
		.pkcs8 = der_of(k->pkcs8.data, k->pkcs8.len),
		.spki = der_of(k->spki.data, k->spki.len),
		.certificates = der_of(certificates->data, certificates->len),
		.legacy = t->legacy };

	if (t->passphrase == NULL)
		return 0;
	if (read_passphrase(t, &passphrase, e) < 0)
		return -1;
	s.passphrase = buf_text(&passphrase);
	return pkcs12_make(&s, &p->keystore, e);
}

/* ---- programs ---------------------------------------------------------------------------- */

static int
run(const struct target *t, char *const argv[], enum refusal refusal, struct err *e)
{
	char line[RUN_LINE_SIZE];

	if (argv[0] == NULL || run_program(argv, t->timeout_s, line) == 0)
		return 0;
	err_set(e, refusal, NULL, "%s: %s", argv[0], line);
	return err_hint(e, "the files are as before; try the program by hand");
}

/* The old files are in place again: who read the new ones reads once more. */
static void
reload_old(const struct target *t)
{
	struct err e = { 0 };

	if (run(t, t->reload, R_DELIVER_RELOAD, &e) < 0)
		log_err(t->name, &e);
}

static int
tell(const struct target *t, const struct pair *p, struct err *e)
{
	AUTO_BUF struct buf all = { 0 };

	if (run(t, t->test, R_DELIVER_TEST, e) < 0)
		return -1;
	if (t->kind == TARGET_HAPROXY) {
		buf_put(&all, p->certificates.data, p->certificates.len);
		buf_put(&all, p->key.data, p->key.len);
		return haproxy_put(t, &all, e);
	}
	if (run(t, t->reload, R_DELIVER_RELOAD, e) == 0)
		return 0;
	place_back(t);
	reload_old(t);
	return -1;
}

int
deliver(const struct target *t, const struct bytes *certificates, const struct delivery_key *k,
    struct err *e)
{
	AUTO(arena) struct arena *a = arena_new();
	AUTO_PAIR struct pair p = { 0 };

	if (make_pair(&p, a, certificates, k, e) < 0 ||
	    make_keystore(t, &p, certificates, k, e) < 0 || place_write(t, &p, e) < 0)
		return -1;
	if (place_swap(t, e) < 0 || tell(t, &p, e) < 0) {
		place_back(t);
		return -1;
	}
	place_done(t);
	return 0;
}

void
deliver_recover(const struct target *t)
{
	if (!place_recover(t))
		return;
	log_warn("%s: a delivery was interrupted; the files before it are back", t->name);
	reload_old(t);
}
