/*
 * ca_make.c - the certificates of our own authorities (RFC 5280 sections 4.1, 4.2)
 */
#include <openssl/sha.h>
#include <openssl/x509v3.h>

#include "base/text.h"
#include "x509/ca_make.h"
#include "x509/der_put.h"

static void
put_name(struct buf *b, struct der below, const char *common_name)
{
	AUTO_BUF struct buf name = { 0 }, all = { 0 };

	(void)der_put_oid(&name, "2.5.4.3");
	der_put(&name, DER_UTF8, common_name, strlen(common_name));
	der_wrap(&name, DER_SEQUENCE);
	der_wrap(&name, DER_SET);
	buf_put(&all, below.data, below.len);
	buf_put(&all, name.data, name.len);
	der_put(b, DER_SEQUENCE, all.data, all.len);
}

void
ca_name(struct buf *b, const char *common_name)
{
	put_name(b, der_of("", 0), common_name);
}

int
spki_key_id(const void *spki, size_t len, unsigned char out[20])
{
	struct der d = der_of(spki, len), in, alg, bits;

	if (der_expect(&d, DER_SEQUENCE, &in) < 0 || der_expect(&in, DER_SEQUENCE, &alg) < 0 ||
	    der_expect(&in, DER_BIT_STRING, &bits) < 0 || bits.len < 1)
		return -1;
	SHA1(bits.data + 1, bits.len - 1, out);
	return 0;
}

/* NameConstraints: these names, and no address of any family (BR 7.1.2.5.2). */
static void
put_constraints(struct buf *b, const struct ca_wish *w)
{
	static const unsigned char nowhere[32] = { 0 };
	AUTO_BUF struct buf permitted = { 0 }, excluded = { 0 }, value = { 0 };

	if (w->npermitted == 0)
		return;
	for (size_t i = 0; i < w->npermitted; i++) {
		AUTO_BUF struct buf one = { 0 };

		der_put(&one, DER_CONTEXT_PRIMITIVE(2), w->permitted[i], strlen(w->permitted[i]));
		der_put(&permitted, DER_SEQUENCE, one.data, one.len);
	}
	for (size_t family = 4; family <= 16; family += 12) {
		AUTO_BUF struct buf one = { 0 };

		der_put(&one, DER_CONTEXT_PRIMITIVE(7), nowhere, 2 * family);
		der_put(&excluded, DER_SEQUENCE, one.data, one.len);
	}
	der_put(&value, DER_CONTEXT(0), permitted.data, permitted.len);
	der_put(&value, DER_CONTEXT(1), excluded.data, excluded.len);
	der_wrap(&value, DER_SEQUENCE);
	der_put_extension(b, "2.5.29.30", true, &value);
}

static void
put_basics(struct buf *b, const struct ca_wish *w)
{
	static const unsigned char yes[] = { DER_BOOLEAN, 1, 0xff };
	/* keyCertSign (5) and cRLSign (6) */
	static const unsigned char usage[] = { DER_BIT_STRING, 2, 1, 0x06 };
	AUTO_BUF struct buf value = { 0 };

	buf_put(&value, yes, sizeof(yes));
	if (w->path_length >= 0)
		der_put_uint(&value, (uint64_t)w->path_length);
	der_wrap(&value, DER_SEQUENCE);
	der_put_extension(b, "2.5.29.19", true, &value);
	buf_reset(&value);
	buf_put(&value, usage, sizeof(usage));
	der_put_extension(b, "2.5.29.15", true, &value);
}

/* Up to the extensions. */
static void
put_head(struct buf *out, const struct ca_wish *w, const struct issue_input *in)
{
	static const unsigned char version[] = { DER_CONTEXT(0), 3, DER_INTEGER, 1, 2 };
	AUTO_BUF struct buf life = { 0 };

	buf_reset(out);
	buf_put(out, version, sizeof(version));
	der_put_unsigned(out, in->serial, sizeof(in->serial));
	buf_put(out, in->signing->alg, in->signing->len);
	if (w->root)
		ca_name(out, w->common_name);
	else
		buf_put(out, in->issuer, in->issuer_len);
	der_put_time(&life, in->when);
	der_put_time(&life, w->not_after);
	der_put(out, DER_SEQUENCE, life.data, life.len);
	put_name(out, w->below, w->common_name);
	buf_put(out, in->spki, in->spki_len);
}

static void
put_extensions(struct buf *out, struct buf *all)
{
	der_wrap(all, DER_SEQUENCE);
	der_put(out, DER_CONTEXT(3), all->data, all->len);
	der_wrap(out, DER_SEQUENCE);
}

void
ca_tbs(struct buf *out, const struct ca_wish *w, const struct issue_input *in)
{
	AUTO_BUF struct buf all = { 0 };
	unsigned char key_id[20] = { 0 };

	(void)spki_key_id(in->spki, in->spki_len, key_id);
	put_head(out, w, in);
	put_basics(&all, w);
	der_put_key_id(&all, key_id, sizeof(key_id));
	if (!w->root)
		der_put_authority_key_id(&all, in->key_id, in->key_id_len);
	put_constraints(&all, w);
	if (!w->root)
		der_put_addresses(&all, in->crl_url, NULL, in->issuer_url);
	put_extensions(out, &all);
}

void
ocsp_signer_tbs(struct buf *out, const struct ca_wish *w, const struct issue_input *in)
{
	static const unsigned char usage[] = { DER_BIT_STRING, 2, 7, 0x80 },
				   nothing[] = { DER_NULL, 0 };
	AUTO_BUF struct buf all = { 0 }, value = { 0 };
	unsigned char key_id[20] = { 0 };

	(void)spki_key_id(in->spki, in->spki_len, key_id);
	put_head(out, w, in);
	buf_put(&value, usage, sizeof(usage));
	der_put_extension(&all, "2.5.29.15", true, &value);
	buf_reset(&value);
	(void)der_put_oid(&value, "1.3.6.1.5.5.7.3.9");
	der_wrap(&value, DER_SEQUENCE);
	der_put_extension(&all, "2.5.29.37", false, &value);
	buf_reset(&value);
	buf_put(&value, nothing, sizeof(nothing));
	der_put_extension(&all, "1.3.6.1.5.5.7.48.1.5", false, &value);
	der_put_key_id(&all, key_id, sizeof(key_id));
	der_put_authority_key_id(&all, in->key_id, in->key_id_len);
	put_extensions(out, &all);
}

/* ---- reading one -------------------------------------------------------------- */

static int
no_ca(struct err *e, const char *why)
{
	err_set(e, R_CA_CERT, "certificate", "this is no certificate of a CA: %s", why);
	return err_hint(e, "it needs basicConstraints CA:TRUE and the key usage keyCertSign");
}

/* NULL, or why it cannot be compared with. */
static const char *
read_constraints(struct arena *a, X509 *x, struct ca_facts *f)
{
	NAME_CONSTRAINTS *nc = X509_get_ext_d2i(x, NID_name_constraints, NULL, NULL);
	int at = X509_get_ext_by_NID(x, NID_name_constraints, -1);
	const ASN1_OCTET_STRING *whole = X509_EXTENSION_get_data(X509_get_ext(x, at));
	int n = nc == NULL ? 0 : sk_GENERAL_SUBTREE_num(nc->permittedSubtrees);
	size_t len;

	f->permitted = arena_new_array(a, (size_t)(n < 1 ? 1 : n), const char *);
	for (int i = 0; i < n; i++) {
		const GENERAL_NAME *g = sk_GENERAL_SUBTREE_value(nc->permittedSubtrees, i)->base;

		if (g->type == GEN_DNS)
			f->permitted[f->npermitted++] = arena_dup(a,
			    ASN1_STRING_get0_data(g->d.dNSName),
			    (size_t)ASN1_STRING_length(g->d.dNSName));
	}
	NAME_CONSTRAINTS_free(nc);
	if (whole == NULL)
		return NULL;
	len = (size_t)ASN1_STRING_length(whole);
	return name_limits_read(
	    &f->names, der_of(arena_dup(a, ASN1_STRING_get0_data(whole), len), len));
}

/* Clients hold what is below a CA against its own extended key usage, too. */
static void
read_purposes(X509 *x, struct ca_facts *f)
{
	uint32_t usage = X509_get_extended_key_usage(x); /* all bits: it has none */

	f->for_servers = (usage & (XKU_SSL_SERVER | XKU_ANYEKU)) != 0;
	f->for_clients = (usage & (XKU_SSL_CLIENT | XKU_ANYEKU)) != 0;
}

int
ca_facts(struct arena *a, X509 *x, struct ca_facts *f, struct err *e)
{
	BASIC_CONSTRAINTS *bc = X509_get_ext_d2i(x, NID_basic_constraints, NULL, NULL);
	const ASN1_OCTET_STRING *id = X509_get0_subject_key_id(x);
	bool is_ca = bc != NULL && bc->ca != 0;
	unsigned char *key_id, *spki = NULL;
	const char *why;
	int n;

	memset(f, 0, sizeof(*f));
	f->path_length = is_ca && bc->pathlen != NULL ? (int)ASN1_INTEGER_get(bc->pathlen) : -1;
	BASIC_CONSTRAINTS_free(bc);
	if (!is_ca)
		return no_ca(e, "basicConstraints does not say so");
	if ((X509_get_key_usage(x) & KU_KEY_CERT_SIGN) == 0)
		return no_ca(e, "its key usage lacks keyCertSign");
	if (X509_NAME_get0_der(X509_get_subject_name(x), &f->subject, &f->subject_len) != 1 ||
	    f->subject_len <= 2)
		return no_ca(e, "it has no name");
	f->subject = arena_dup(a, f->subject, f->subject_len);
	if (id != NULL) {
		f->key_id_len = (size_t)ASN1_STRING_length(id);
		f->key_id = arena_dup(a, ASN1_STRING_get0_data(id), f->key_id_len);
	} else if ((n = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(x), &spki)) > 0) {
		f->key_id = key_id = arena_alloc(a, 20);
		f->key_id_len = 20;
		(void)spki_key_id(spki, (size_t)n, key_id);
	}
	OPENSSL_free(spki);
	read_purposes(x, f);
	return (why = read_constraints(a, x, f)) == NULL ? 0 : no_ca(e, why);
}
