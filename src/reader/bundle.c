/*
 * bundle.c - certificates out of anything that a CA sends
 *
 * Damaged or foreign pieces among good ones become notes; only when there is
 * no certificate at all does the first of them become the refusal.
 */
#include <openssl/err.h>

#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"
#include "reader/bundle.h"
#include "reader/openssl.h"
#include "reader/text.h"
#include "x509/der.h"

void
bundle_note(struct reading *rd, const char *fmt, ...)
{
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	for (size_t i = 0; i < rd->nnotes; i++)
		if (strcmp(rd->notes[i], text) == 0)
			return;
	if (rd->nnotes < nitems(rd->notes))
		rd->notes[rd->nnotes++] = arena_strdup(rd->arena, text);
}

int
bundle_soften(struct reading *rd)
{
	switch (rd->err.refusal) {
	case R_FILE_EMPTY:
	case R_FILE_HTML:
	case R_FILE_JKS:
	case R_FILE_PEM_CUT:
	case R_FILE_PEM_BASE64:
	case R_FILE_DER:
	case R_FILE_PKCS7:
	case R_FILE_PKCS12:
	case R_ZIP_MALFORMED:
	case R_ZIP_NESTED:
		bundle_note(rd, "left out: %s", rd->err.message);
		if (!err_is_set(&rd->damage))
			rd->damage = rd->err;
		err_clear(&rd->err);
		return 0;
	default:
		return -1;
	}
}

static int
damaged(struct reading *rd, const char *from)
{
	ERR_clear_error();
	err_set(&rd->err, R_FILE_DER, rd->field,
	    "%s is damaged: it begins like a certificate, but is none", from);
	err_hint(&rd->err, "copy or download the file again");
	return bundle_soften(rd);
}

int
bundle_cert(struct reading *rd, const char *from, const unsigned char *der, size_t len)
{
	AUTO(X509) X509 *cert = NULL;
	const unsigned char *p = der;
	struct found_cert *c;

	if (len > LIMIT_BUNDLE) { /* a ZIP can hold one */
		err_set(&rd->err, R_FILE_LARGE, rd->field, "%s is larger than %d KiB", from,
		    LIMIT_BUNDLE / 1024);
		return err_hint(&rd->err, "no certificate is that large");
	}
	cert = der_check(der, len) < 0 ? NULL : d2i_X509(NULL, &p, (long)len);
	if (cert == NULL || p != der + len)
		return damaged(rd, from);
	for (size_t i = 0; i < rd->ncerts; i++)
		if (rd->certs[i].len == len && memcmp(rd->certs[i].der, der, len) == 0)
			return 0;
	if (rd->ncerts == nitems(rd->certs)) {
		rd->objects = LIMIT_PEM_OBJECTS;
		return reader_count(rd);
	}
	c = &rd->certs[rd->ncerts++];
	c->der = arena_dup(rd->arena, der, len);
	c->len = len;
	c->from = from;
	return 0;
}

static void
saw(struct reading *rd, enum asn1_kind kind, const char *from)
{
	rd->kinds |= 1u << kind;
	switch (kind) {
	case KIND_CSR:
		bundle_note(rd, "a certificate signing request was in %s and was ignored", from);
		break;
	case KIND_CRL:
		bundle_note(rd, "a revocation list was in %s and was ignored", from);
		break;
	case KIND_PUBLIC:
		bundle_note(rd, "a public key was in %s and was ignored", from);
		break;
	case KIND_PKCS8:
	case KIND_PKCS8_ENCRYPTED:
	case KIND_PKCS1:
	case KIND_SEC1:
	case KIND_DSA:
		rd->kinds |= 1u << KIND_PKCS8;
		bundle_note(rd,
		    "a private key was in %s and was ignored: "
		    "only certificates are taken here",
		    from);
		break;
	default:
		bundle_note(rd, "something that is no certificate was in %s and was ignored", from);
	}
}

static int
take_pkcs12(struct reading *rd, const char *from, const unsigned char *der, size_t len)
{
	struct pkcs12_content c = { 0 };
	int r = pkcs12_read(rd, der, len, false, &c);

	for (size_t i = 0; r == 0 && i < c.ncerts; i++) {
		unsigned char *one = NULL;
		int n = i2d_X509(c.certs[i], &one);

		r = n < 0
		    ? damaged(rd, from)
		    : bundle_cert(rd, arena_printf(rd->arena, "%s, certificate %zu", from, i + 1),
			  one, (size_t)n);
		OPENSSL_free(one);
	}
	if (c.nkeys > 0)
		saw(rd, KIND_PKCS8, from);
	pkcs12_content_clear(&c);
	return r;
}

int
bundle_der(struct reading *rd, const char *from, const unsigned char *der, size_t len)
{
	enum asn1_kind kind = asn1_sniff(der, len);
	size_t total;

	if (asn1_walk(der, len, &total, &rd->err, rd->field, from) < 0)
		return bundle_soften(rd);
	if (kind == KIND_PKCS7)
		return pkcs7_read(rd, from, der, total) < 0 ? bundle_soften(rd) : 0;
	if (kind == KIND_PKCS12)
		return take_pkcs12(rd, from, der, total) < 0 ? bundle_soften(rd) : 0;
	if (reader_count(rd) < 0)
		return -1;
	if (kind != KIND_CERTIFICATE) {
		saw(rd, kind, from);
		return 0;
	}
	return bundle_cert(rd, from, der, len);
}

/* TRUSTED CERTIFICATE: OpenSSL's own; a second element holds trust settings. */
static int
take_trusted(struct reading *rd, const char *from, const struct pem_block *b)
{
	size_t total;

	if (asn1_walk(b->der, b->len, &total, &rd->err, rd->field, from) < 0)
		return bundle_soften(rd);
	if (total < b->len)
		repaired(rd, REPAIR_TRUST);
	return bundle_der(rd, from, b->der, total);
}

static int
take_block(struct reading *rd, const char *from, const struct pem_block *b)
{
	if (text_ends(b->label, "PRIVATE KEY") && (b->fault != PEM_GOOD || b->headers != NULL)) {
		saw(rd, KIND_PKCS8, from);
		return reader_count(rd);
	}
	if (b->fault != PEM_GOOD && b->kind != KIND_PGP) {
		pem_fault(rd, &rd->err, b, from);
		return reader_count(rd) < 0 ? -1 : bundle_soften(rd);
	}
	if (b->kind != KIND_UNKNOWN) {
		if (b->kind == KIND_SSH && text_ends(b->label, "PRIVATE KEY"))
			saw(rd, KIND_PKCS8, from);
		else
			saw(rd, b->kind, from);
		return reader_count(rd);
	}
	if (strcmp(b->label, "TRUSTED CERTIFICATE") == 0)
		return take_trusted(rd, from, b);
	return bundle_der(rd, from, b->der, b->len);
}

/*
 * Quoted-printable without its headers: base64 that does not decode, among
 * "=3D" or lines that end with "=". Then the whole text is unquoted.
 */
static const char *
maybe_unquote(struct reading *rd, const char *text)
{
	unsigned before = rd->repairs, seen = 0;
	bool bad = false;
	const char *at = text;
	struct pem_block b;
	size_t n;

	if (strstr(text, "=3D") == NULL && strstr(text, "=\n") == NULL)
		return text;
	while (!bad && seen++ <= LIMIT_PEM_OBJECTS && pem_next(rd, &at, &b))
		bad = b.fault == PEM_BASE64;
	rd->repairs = before;
	if (!bad)
		return text;
	repaired(rd, REPAIR_QP);
	return mail_unquote(rd->arena, text, strlen(text), &n);
}

static int
take_text(struct reading *rd, const char *from, const char *text)
{
	struct pem_block b;
	unsigned char *der;
	size_t len;
	unsigned n = 0;
	char *whole = NULL;

	if (mail_has_parts(text)) {
		if (mail_parts(rd, from, text, &whole) < 0)
			return -1;
		text = whole;
	}
	if (pem_any(text)) {
		text = maybe_unquote(rd, text);
		while (pem_next(rd, &text, &b))
			if (take_block(
				rd, arena_printf(rd->arena, "%s, PEM block %u", from, ++n), &b) < 0)
				return -1;
		return 0;
	}
	if (text_bare_base64(rd, text, &der, &len) && der[0] == 0x30) {
		repaired(rd, REPAIR_NO_PEM);
		return bundle_der(rd, from, der, len);
	}
	if (!text_is_html(text))
		return 0;
	err_set(&rd->err, R_FILE_HTML, rd->field, "%s is a web page, not a certificate", from);
	err_hint(&rd->err, "download the file itself, not the page about it");
	return bundle_soften(rd);
}

static bool
is_blank(const unsigned char *p, size_t len)
{
	while (len > 0 && strchr(" \t\r\n", *p) != NULL && *p != '\0') {
		p++;
		len--;
	}
	return len == 0;
}

static int
refuse_soft(
    struct reading *rd, enum refusal r, const char *from, const char *what, const char *hint)
{
	err_set(&rd->err, r, rd->field, "%s %s", from, what);
	err_hint(&rd->err, "%s", hint);
	return bundle_soften(rd);
}

int
bundle_content(struct reading *rd, const char *from, const unsigned char *p, size_t len)
{
	char *text;
	size_t n;

	if (is_blank(p, len))
		return refuse_soft(
		    rd, R_FILE_EMPTY, from, "is empty", "choose the file again, or paste its text");
	if (len >= 4 && memcmp(p, "\xfe\xed\xfe\xed", 4) == 0)
		return refuse_soft(rd, R_FILE_JKS, from, "is a Java key store (JKS)",
		    "export the certificates by keytool -exportcert -rfc");
	if (len >= 4 && (memcmp(p, "PK\3\4", 4) == 0 || memcmp(p, "PK\5\6", 4) == 0)) {
		if (rd->in_zip)
			return refuse_soft(rd, R_ZIP_NESTED, from, "is a ZIP inside a ZIP",
			    "unpack the outer one and give the inner one");
		return zip_read(rd, from, p, len) < 0 ? bundle_soften(rd) : 0;
	}
	if (asn1_sniff(p, len) != KIND_UNKNOWN || asn1_begins(p, len))
		return bundle_der(rd, from, p, len);
	return text_prepare(rd, p, len, &text, &n) ? take_text(rd, from, text) : 0;
}

static const struct {
	enum asn1_kind kind;
	enum refusal refusal;
	const char *message, *hint;
} instead[] = {
	{ KIND_CSR, R_BUNDLE_CSR, "this is the request, not the answer",
	    "send it to the CA; what the CA sends back belongs here" },
	{ KIND_PKCS8, R_BUNDLE_KEY, "this is a private key, not a certificate",
	    "keys are imported on SSL Private Key; here the CA's answer is needed" },
	{ KIND_CRL, R_BUNDLE_CRL, "this is a list of revoked certificates, not a certificate",
	    "ask the CA for the server's certificate and its issuers" },
	{ KIND_PUBLIC, R_BUNDLE_PUBLIC, "this is a bare public key, not a certificate",
	    "ask the CA for the server's certificate and its issuers" },
	{ KIND_PGP, R_FILE_PGP, "this is OpenPGP data, not a TLS key or certificate",
	    "decrypt it first, and give the file that was inside" },
};

static int
refuse_nothing_found(struct reading *rd)
{
	if (err_is_set(&rd->damage)) {
		rd->err = rd->damage;
		return -1;
	}
	for (size_t i = 0; i < nitems(instead); i++)
		if (rd->kinds & 1u << instead[i].kind) {
			err_set(&rd->err, instead[i].refusal, rd->field, "%s", instead[i].message);
			return err_hint(&rd->err, "%s", instead[i].hint);
		}
	err_set(&rd->err, R_BUNDLE_NONE, rd->field, "no certificate was found in it");
	return err_hint(
	    &rd->err, "PEM (also inside a mail), DER, PKCS#7, PKCS#12 and ZIP are read");
}

int
bundle_read(struct reading *rd, const struct bundle_file *files, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const char *from = reader_label(rd->arena, files[i].name, files[i].name_len,
		    n == 1 ? "the pasted text" : arena_printf(rd->arena, "file %zu", i + 1));

		if (bundle_content(rd, from, files[i].data, files[i].len) < 0)
			return -1;
	}
	return rd->ncerts > 0 ? 0 : refuse_nothing_found(rd);
}
