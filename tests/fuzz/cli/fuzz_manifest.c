/*
 * fuzz_manifest.c - any bytes as what a security bundle says is in it
 */
#include "cli/bundle.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	struct bundle b = { 0 }, same = { 0 };
	struct err e = { 0 };
	char *text;

	if (bundle_take_manifest(&b, (const char *)data, len, &e) == 0) {
		if (b.files[0].file != NEXT_KEK || b.files[0].size != 32)
			abort();
		text = bundle_manifest(&b);
		if (bundle_take_manifest(&same, text, strlen(text), &e) < 0 ||
		    strcmp(same.made, b.made) != 0 ||
		    memcmp(same.files, b.files, sizeof(b.files)) != 0)
			abort();
		free(text);
	} else if (e.refusal != R_SECURITY_BUNDLE_DAMAGED) {
		abort();
	}
	return 0;
}
