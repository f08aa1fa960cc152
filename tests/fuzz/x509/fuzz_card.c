/*
 * fuzz_card.c - any bytes as a capability card: read, or refused in words
 */
#include "x509/authority.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	AUTO(arena) struct arena *arena = arena_new();
	struct authority a;
	struct err e = { 0 };

	if (authority_parse(arena, (const char *)data, len, &a, &e) < 0) {
		if (e.refusal != R_CARD || e.message[0] == '\0')
			abort();
		return 0;
	}
	for (size_t i = 0; i < a.nprofiles; i++) {
		const struct profile *p = &a.profiles[i];

		if (p->nlife == 0 || p->life[0].days < 1 || p->key[KEY_NONE])
			abort();
		for (size_t k = 0; k < p->ngrants; k++)
			if (p->grants[k].item[0] == '\0' || p->grants[k].fact.reason[0] == '\0')
				abort();
	}
	if (authority_profile(&a, NULL, &e) == NULL)
		abort();
	return 0;
}
