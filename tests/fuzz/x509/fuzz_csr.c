/*
 * fuzz_csr.c - any bytes as a CSR: parsed, checked, shown
 */
#include "x509/csr.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	AUTO(arena) struct arena *a = arena_new();
	AUTO(csr) struct csr *csr = NULL;
	struct sheet sheet;
	struct err e = { 0 };

	if (csr_parse_unproved(&csr, data, len, &e) < 0) {
		if (e.message[0] == '\0')
			abort();
		return 0;
	}
	sheet_init(&sheet, a);
	csr_check(csr, NULL, &sheet, &e);
	for (size_t i = 0; i < sheet.n; i++)
		if (sheet_find(&sheet, sheet.v[i].item) != &sheet.v[i])
			abort(); /* each item once */
	csr_text(a, csr);
	return 0;
}
