/*
 * fuzz_config.c - any text as a configuration file
 */
#include "base/config.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);

static void
look(void *arg, const char *name, const char *value, bool many)
{
	*(size_t *)arg += strlen(name) + strlen(value);
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	struct config c = { .file = "fuzzed", .data_dir = "/", .workers = 1 };
	char *text = malloc(len + 1), host[64], port[8];
	struct err e = { 0 };
	size_t n = 0;

	memcpy(text, data, len);
	text[len] = '\0';
	if (config_text(&c, text, &e) < 0 && (e.message[0] == '\0' || e.kind != ERR_USAGE))
		abort();
	config_each(&c, look, &n);
	for (size_t i = 0; i < c.nlisten; i++)
		if (config_address(c.listen[i], host, port, &e) < 0)
			abort();
	if (c.workers < 1 || c.workers > 256 || c.nlisten > LISTEN_MAX)
		abort();
	free(text);
	return 0;
}
