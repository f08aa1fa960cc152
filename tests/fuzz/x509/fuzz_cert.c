/*
 * fuzz_cert.c - any bytes as certificates: parsed, chained, compared
 *
 * The input is DER certificates one after the other.
 */
#include "base/limits.h"
#include "x509/compare.h"
#include "x509/der.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	AUTO(arena) struct arena *a = arena_new();
	struct der all = der_of(data, len), contents, whole;
	struct cert_facts facts;
	struct chain chain;
	struct sheet sheet;
	X509 *pool[LIMIT_PEM_OBJECTS];
	struct err e = { 0 };
	unsigned char tag;
	size_t n = 0;

	sheet_init(&sheet, a);
	while (n < LIMIT_PEM_OBJECTS && der_next(&all, &tag, &contents, &whole) == 0)
		if (cert_parse(&pool[n], whole.data, whole.len, &e) == 0)
			cert_facts(a, pool[n++], &facts, &e);
	err_clear(&e);
	if (n > 0 && chain_build(a, pool, n, NULL, 0, NULL, &chain, &sheet, &e) == 0) {
		struct compare_input in = { .chain = &chain, .now = 1794960000 };

		compare(&in, &sheet, &e);
	}
	for (size_t i = 0; i < n; i++)
		X509_free(pool[i]);
	return 0;
}
