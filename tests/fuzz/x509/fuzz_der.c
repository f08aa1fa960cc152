/*
 * fuzz_der.c - any bytes to the DER reader and the reader of public keys
 */
#include "x509/der.h"
#include "x509/keyspec.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	struct der d = der_of(data, len), c;
	EVP_PKEY *key = NULL;
	struct err e = { 0 };
	unsigned char tag;
	uint64_t number;
	int64_t when;

	der_check(data, len);
	der_time(&d, &when);
	d = der_of(data, len);
	der_uint(&d, &number);
	d = der_of(data, len);
	while (der_next(&d, &tag, &c, NULL) == 0)
		if (c.data < data || c.data + c.len > data + len)
			abort();
	if (spki_parse(data, len, &key, &e) == 0)
		key_check(key, NULL, true, &e);
	EVP_PKEY_free(key);
	return 0;
}
