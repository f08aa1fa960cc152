/*
 * fuzz_exec_list.c - any bytes as an exec list
 */
#include "cli/exec_list.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	struct arena *a = arena_new();
	struct err e = { 0 };
	char **argv;
	int r = exec_list_find(a, (const char *)data, len, "reload", &argv, &e);

	if ((r < 0) != err_is_set(&e) || (r == 0 && argv[0][0] != '/'))
		abort();
	for (size_t i = 0; r == 0 && argv[i] != NULL; i++)
		if (argv[i][0] == '\0' || strpbrk(argv[i], " \t\n'\"\\`$") != NULL)
			abort();
	arena_free(a);
	return 0;
}
