/*
 * pkcs7.c - certificates in a PKCS#7 or CMS SignedData (RFC 5652), by the CMS
 * API; nobody's signature is judged here
 */
#include <openssl/err.h>

#include "reader/bundle.h"
#include "reader/openssl.h"

static int
malformed(struct reading *rd, const char *from, const char *why)
{
	ERR_clear_error();
	err_set(&rd->err, R_FILE_PKCS7, rd->field, "%s %s", from, why);
	return err_hint(&rd->err, "ask the CA for the certificates as PEM");
}

static int
take_all(struct reading *rd, const char *from, STACK_OF(X509) * certs)
{
	int r = 0;

	for (int i = 0; r == 0 && i < sk_X509_num(certs); i++) {
		unsigned char *der = NULL;
		int n = i2d_X509(sk_X509_value(certs, i), &der);

		if (n < 0)
			return malformed(rd, from, "is damaged");
		r = reader_count(rd);
		if (r == 0)
			r = bundle_cert(rd,
			    arena_printf(rd->arena, "%s, certificate %d", from, i + 1), der,
			    (size_t)n);
		OPENSSL_free(der);
	}
	return r;
}

int
pkcs7_read(struct reading *rd, const char *from, const unsigned char *der, size_t len)
{
	AUTO(CMS) CMS_ContentInfo *cms = NULL;
	AUTO(certs) STACK_OF(X509) *certs = NULL;
	const unsigned char *p = der;

	cms = d2i_CMS_ContentInfo(NULL, &p, (long)len);
	if (cms == NULL || p != der + len)
		return malformed(rd, from, "is a damaged PKCS#7 file");
	if (OBJ_obj2nid(CMS_get0_type(cms)) != NID_pkcs7_signed)
		return malformed(rd, from,
		    "is a PKCS#7 file of another kind: "
		    "it holds no certificates in clear");
	if ((certs = CMS_get1_certs(cms)) == NULL)
		return malformed(rd, from, "is a PKCS#7 file without certificates");
	return take_all(rd, from, certs);
}
