/*
 * fuzz_csr.c - any bytes as a CSR: parsed, checked, shown
 */
#include "x509/csr.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);

/* A subject that was read by hand is the one that libcrypto reads. */
static void
same_subject(struct arena *a, const struct csr *csr)
{
	const X509_REQ *req = csr_name(csr) == NULL ? csr_x509_req(csr) : NULL;
	const struct subject *mine = csr_subject(csr);
	struct subject theirs;
	struct err e = { 0 };

	if (req == NULL)
		return;
	if (subject_of(a, X509_REQ_get_subject_name(req), &theirs, &e) < 0 || theirs.n != mine->n)
		abort();
	for (size_t i = 0; i < mine->n; i++)
		if (strcmp(mine->v[i].item, theirs.v[i].item) != 0 ||
		    strcmp(mine->v[i].value, theirs.v[i].value) != 0)
			abort();
}

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
	same_subject(a, csr);
	return 0;
}
