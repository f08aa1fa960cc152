/*
 * fuzz_json.c - JSON that the scan lets pass costs no more than it says
 */
#include <jansson.h>

#include "base/limits.h"
#include "front/jsonscan.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);

static size_t
values(const json_t *v, size_t depth)
{
	size_t n = 1, i;
	const char *key;
	json_t *item;

	if (depth > LIMIT_JSON_DEPTH + 1)
		abort();
	json_array_foreach ((json_t *)(uintptr_t)v, i, item)
		n += values(item, depth + 1);
	json_object_foreach ((json_t *)(uintptr_t)v, key, item)
		n += values(item, depth + 1);
	return n;
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	struct err e = { 0 };
	json_t *v;

	if (json_scan((const char *)data, len, &e) < 0) {
		if (e.refusal != R_JSON_COST)
			abort();
		return 0;
	}
	v = json_loadb((const char *)data, len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, NULL);
	if (v != NULL && values(v, 1) > LIMIT_JSON_VALUES + 1)
		abort();
	json_decref(v);
	return 0;
}
