/*
 * fuzz_license.c - any bytes as a licence, and as what stands in one
 *
 * The vendor is made at the start: what was signed before is of somebody else.
 */
#include <stdlib.h>

#include "x509/license.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);

static X509 *
make_vendor(void)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x = X509_new();

	if (key == NULL || x == NULL || X509_set_pubkey(x, key) != 1)
		abort();
	EVP_PKEY_free(key);
	return x;
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	static X509 *vendor;
	struct arena *a = arena_new();
	struct err e = { 0 };
	struct license l;

	if (vendor == NULL)
		vendor = make_vendor();
	if (license_read(a, data, len, vendor, &l, &e) == 0)
		abort();
	err_clear(&e);
	if (license_content(a, data, len, &l, &e) == 0 &&
	    (l.tenants < -1 || l.tenants > LICENSE_MAX || l.components < -1 ||
		l.components > LICENSE_MAX || l.ends_at < 0))
		abort();
	arena_free(a);
	return 0;
}
