/*
 * fuzz_targets.c - any text as the list of targets
 *
 * Whatever it says: of a target that is taken, programs and files are absolute
 * paths, and nothing runs without a limit.
 */
#include "deliver/targets.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);

static void
judge(const struct target *t)
{
	if (t->name[0] == '\0' || t->timeout_s < 1 || t->timeout_s > TARGET_TIMEOUT_MAX ||
	    (t->kind == TARGET_FILES && t->nfiles == 0) || t->nfiles > 2 ||
	    (t->kind == TARGET_HAPROXY && t->socket == NULL))
		abort();
	for (size_t i = 0; i < t->nfiles; i++)
		if (t->files[i].path[0] != '/')
			abort();
	if ((t->test[0] != NULL && t->test[0][0] != '/') ||
	    (t->reload[0] != NULL && t->reload[0][0] != '/'))
		abort();
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	struct arena *a = arena_new();
	char *text = arena_alloc(a, len + 1);
	struct targets all = { 0 };
	struct err e = { 0 };

	memcpy(text, data, len);
	text[len] = '\0';
	if (targets_parse(&all, text, a, &e) == 0) {
		if (all.n > TARGETS_MAX)
			abort();
		for (size_t i = 0; i < all.n; i++)
			judge(&all.v[i]);
	} else if (e.refusal != R_TARGETS) {
		abort();
	}
	arena_free(a);
	return 0;
}
