/*
 * config.c - what the daemon was told: one table of options
 */
#include <arpa/inet.h>

#include <ctype.h>
#include <stdio.h>

#include "base/address.h"
#include "base/config.h"
#include "base/io.h"
#include "base/limits.h"
#include "base/text.h"

enum kind { KIND_LIST, KIND_NETS, KIND_TEXT, KIND_NUMBER, KIND_FLAG };

static const struct option {
	const char *name;
	enum kind kind;
	size_t offset;
	int64_t least, most;
	bool in_file;
	const char *value, *help;
	size_t count; /* of a list: where its length is */
} options[] = {
#define AT(m) offsetof(struct config, m)
	{ "listen", KIND_LIST, AT(listen), 0, 0, true, "ADDR:PORT",
	    "serve HTTPS here; may be given often (127.0.0.1:8443)", AT(nlisten) },
	{ "http-listen", KIND_LIST, AT(http_listen), 0, 0, true, "ADDR:PORT",
	    "serve CRLs, OCSP and CA certificates here, without TLS; may be given often",
	    AT(nhttp_listen) },
	{ "http-url", KIND_TEXT, AT(http_url), 0, 0, true, "URL",
	    "base of their addresses in certificates (http:// and the first http-listen)" },
	{ "outbound-allow", KIND_NETS, AT(outbound_allow), 0, 0, true, "NET",
	    "connect to these addresses, too, private or of this host (10.0.0.0/8); may be given "
	    "often",
	    AT(noutbound_allow) },
	{ "resolver", KIND_TEXT, AT(resolver), 0, 0, true, "ADDR[:PORT]",
	    "ask this name server (those of the system)" },
	{ "proof-port", KIND_NUMBER, AT(proof_port), 1, 65535, true, "PORT",
	    "where the file that proves a name is asked for (80)" },
	{ "data-dir", KIND_TEXT, AT(data_dir), 0, 0, true, "DIR",
	    "where the data lie (/var/lib/certwright)" },
	{ "share-dir", KIND_TEXT, AT(share_dir), 0, 0, true, "DIR",
	    "where templates and static files lie (beside the program)" },
	{ "targets", KIND_TEXT, AT(targets), 0, 0, true, "FILE",
	    "deliver certificates to what this list names (none)" },
	{ "license-key", KIND_TEXT, AT(license_key), 0, 0, true, "FILE",
	    "certificate of the vendor that signs licences, PEM (none)" },
	{ "workers", KIND_NUMBER, AT(workers), 1, LIMIT_WORKERS, true, "N",
	    "threads that answer requests (64)" },
	{ "renew-at-once", KIND_NUMBER, AT(renew_at_once), 1, RENEW_AT_ONCE_MAX, true, "N",
	    "certificates that are renewed at the same time (4)" },
	{ "renew-spread", KIND_NUMBER, AT(renew_spread), 0, 20, true, "N",
	    "percent of its life over which a renewal is put off (3)" },
	{ "loops", KIND_NUMBER, AT(loops), 0, 64, true, "N",
	    "threads that speak HTTPS (0: as many as there are cores)" },
	{ "no-sandbox", KIND_FLAG, AT(no_sandbox), 0, 0, true, NULL,
	    "go on without a sandbox: for debugging only" },
	{ "config", KIND_TEXT, AT(file), 0, 0, false, "FILE",
	    "read options from a file, name = value" },
	{ "check-config", KIND_FLAG, AT(check_config), 0, 0, false, NULL,
	    "say what would be used, and end" },
	{ "dump-routes", KIND_FLAG, AT(dump_routes), 0, 0, false, NULL,
	    "print the table of routes as JSON, and end" },
	{ "help", KIND_FLAG, AT(help), 0, 0, false, NULL, "this text" },
	{ "version", KIND_FLAG, AT(version), 0, 0, false, NULL, "the version" },
#undef AT
};

int
config_address(const char *text, char host[64], char port[8], struct err *e)
{
	const char *colon = strrchr(text, ':');
	unsigned char raw[16];
	size_t n;
	long number;
	char *end;

	if (colon == NULL || colon == text || strlen(colon + 1) > 5)
		return err_set(e, R_CONFIG, "listen", "\"%s\" is not ADDR:PORT", text);
	number = strtol(colon + 1, &end, 10);
	if (!isdigit((unsigned char)colon[1]) || *end != '\0' || number < 1 || number > 65535)
		return err_set(e, R_CONFIG, "listen", "the port of \"%s\" is not 1 to 65535", text);
	n = (size_t)(colon - text);
	if (text[0] == '[' && text[n - 1] == ']') {
		text++;
		n -= 2;
	}
	if (n == 0 || n >= 64)
		return err_set(e, R_CONFIG, "listen", "\"%s\" is not ADDR:PORT", text);
	memcpy(host, text, n);
	host[n] = '\0';
	snprintf(port, 8, "%ld", number);
	if (inet_pton(AF_INET, host, raw) != 1 && inet_pton(AF_INET6, host, raw) != 1) {
		err_set(e, R_CONFIG, "listen", "\"%s\" is not an IP address", host);
		return err_hint(e, "an IPv6 address stands in brackets: [::1]:8443");
	}
	return 0;
}

int
config_server(const char *text, int otherwise, char host[64], char port[8], struct err *e)
{
	bool bare = strchr(text, ':') == NULL || text[strlen(text) - 1] == ']' ||
	    (text[0] != '[' && strchr(text, ':') != strrchr(text, ':'));
	char whole[80];

	snprintf(whole, sizeof(whole), "%.70s:%d", text, otherwise);
	return config_address(bare ? whole : text, host, port, e);
}

static const struct option *
find(const char *name, size_t len)
{
	for (size_t i = 0; i < nitems(options); i++)
		if (strlen(options[i].name) == len && memcmp(options[i].name, name, len) == 0)
			return &options[i];
	return NULL;
}

static int
set_number(struct config *c, const struct option *o, const char *value, struct err *e)
{
	char *end;
	long v = strtol(value, &end, 10);

	if (end == value || *end != '\0' || v < o->least || v > o->most)
		return err_set(e, R_CONFIG, o->name, "%s must be %lld to %lld, not \"%s\"", o->name,
		    (long long)o->least, (long long)o->most, value);
	*(int64_t *)(void *)((char *)c + o->offset) = v;
	return 0;
}

static int
set_flag(struct config *c, const struct option *o, const char *value, struct err *e)
{
	bool on = value == NULL || strcmp(value, "yes") == 0;

	if (!on && strcmp(value, "no") != 0)
		return err_set(e, R_CONFIG, o->name, "%s is yes or no, not \"%s\"", o->name, value);
	*(bool *)(void *)((char *)c + o->offset) = on;
	return 0;
}

static int
set(struct config *c, const struct option *o, const char *value, struct err *e)
{
	size_t *n = (size_t *)(void *)((char *)c + o->count);
	char host[64], port[8];
	struct address_net net;

	switch (o->kind) {
	case KIND_FLAG:
		return set_flag(c, o, value, e);
	case KIND_NUMBER:
		return set_number(c, o, value, e);
	case KIND_TEXT:
		if (value[0] == '\0')
			return err_set(e, R_CONFIG, o->name, "%s is empty", o->name);
		*(const char **)(void *)((char *)c + o->offset) = value;
		return 0;
	case KIND_NETS:
	case KIND_LIST:
		if (o->kind == KIND_LIST ? config_address(value, host, port, e) < 0
					 : address_net_parse(value, &net, e) < 0)
			return -1;
		if (*n == LISTEN_MAX)
			return err_set(e, R_CONFIG, o->name, "at most %d addresses", LISTEN_MAX);
		((const char **)(void *)((char *)c + o->offset))[(*n)++] = value;
		return 0;
	}
	return -1;
}

static int
read_arguments(struct config *c, int argc, char **argv, bool *given, struct err *e)
{
	for (int i = 1; i < argc; i++) {
		const char *name = argv[i] + 2, *eq = strchr(argv[i], '='), *value = NULL;
		const struct option *o = NULL;

		if (strncmp(argv[i], "--", 2) == 0)
			o = find(name, eq == NULL ? strlen(name) : (size_t)(eq - name));
		if (o == NULL) {
			err_set(e, R_USAGE, NULL, "unknown option \"%s\"", argv[i]);
			return err_hint(e, "certwrightd --help lists all options");
		}
		if (eq != NULL)
			value = eq + 1;
		else if (o->kind != KIND_FLAG && (value = argv[++i]) == NULL)
			return err_set(e, R_USAGE, o->name, "option --%s needs a value", o->name);
		if (set(c, o, value, e) < 0)
			return -1;
		given[o - options] = true;
	}
	return 0;
}

static int
read_line(struct config *c, char *line, int number, const bool *given, struct err *e)
{
	char *eq, *name = text_trim(line);
	const struct option *o;
	struct err why = { 0 };

	if (*name == '\0' || *name == '#')
		return 0;
	if ((eq = strchr(name, '=')) == NULL)
		return err_set(e, R_CONFIG, NULL, "%s line %d: no \"=\"", c->file, number);
	*eq = '\0';
	name = text_trim(name);
	if ((o = find(name, strlen(name))) == NULL || !o->in_file)
		return err_set(
		    e, R_CONFIG, NULL, "%s line %d: unknown option \"%s\"", c->file, number, name);
	if ((given != NULL && given[o - options]) || set(c, o, text_trim(eq + 1), &why) == 0)
		return 0;
	err_set(e, why.refusal, why.field, "%s line %d: %s", c->file, number, why.message);
	return err_hint(e, "%s", why.hint);
}

static int
read_lines(struct config *c, char *text, const bool *given, struct err *e)
{
	char *line;
	int number = 0;

	while ((line = strsep(&text, "\n")) != NULL)
		if (read_line(c, line, ++number, given, e) < 0)
			return -1;
	return 0;
}

int
config_text(struct config *c, char *text, struct err *e)
{
	return read_lines(c, text, NULL, e);
}

static int
read_file(struct config *c, const bool *given, struct err *e)
{
	if (file_read(&c->text, c->file, 65536, e) < 0) {
		e->refusal = R_CONFIG;
		e->kind = ERR_USAGE;
		return -1;
	}
	buf_text(&c->text);
	if (strlen((char *)c->text.data) != c->text.len)
		return err_set(e, R_CONFIG, NULL, "%s is no text: it has a NUL byte", c->file);
	return read_lines(c, (char *)c->text.data, given, e);
}

/* RFC 5280 4.2.1.13: relying parties fetch it over HTTP, not HTTPS. */
static int
check_url(const struct config *c, struct err *e)
{
	const char *url = c->http_url;
	size_t n = url == NULL ? 0 : strlen(url);

	if (url == NULL)
		return 0;
	if (strncmp(url, "http://", 7) != 0 || n < 8 || n > 200 || url[n - 1] == '/' ||
	    strcspn(url, " \"<>\\^`{|}#?") != n) {
		err_set(e, R_CONFIG, "http-url", "\"%.200s\" is no base of addresses", url);
		return err_hint(e, "like http://pki.example.com, without a final slash");
	}
	return 0;
}

static int
check_resolver(const struct config *c, struct err *e)
{
	char host[64], port[8];

	return c->resolver == NULL ? 0 : config_server(c->resolver, 53, host, port, e);
}

int
config_read(struct config *c, int argc, char **argv, struct err *e)
{
	bool given[nitems(options)] = { false };

	*c = (struct config){ .data_dir = "/var/lib/certwright",
		.workers = 64,
		.renew_at_once = 4,
		.renew_spread = 3,
		.proof_port = 80 };
	if (read_arguments(c, argc, argv, given, e) < 0 ||
	    (c->file != NULL && read_file(c, given, e) < 0))
		return -1;
	if (c->nlisten == 0)
		c->listen[c->nlisten++] = "127.0.0.1:8443";
	return check_resolver(c, e) < 0 ? -1 : check_url(c, e);
}

void
config_free(struct config *c)
{
	buf_free(&c->text);
}

void
config_usage(void)
{
	char left[40];

	puts("usage: certwrightd [OPTION]...\n\nThe Certwright daemon: portal and API.\n");
	for (size_t i = 0; i < nitems(options); i++) {
		snprintf(left, sizeof(left), "--%s%s%s", options[i].name,
		    options[i].value == NULL ? "" : " ",
		    options[i].value == NULL ? "" : options[i].value);
		printf("  %-22s %s\n", left, options[i].help);
	}
	puts("\nManual: certwrightd(8), certwrightd.conf(5)");
}

static size_t
list_length(const struct config *c, const struct option *o)
{
	return *(const size_t *)(const void *)((const char *)c + o->count);
}

void
config_each(const struct config *c, config_fn *fn, void *arg)
{
	char text[32];

	for (size_t i = 0; i < nitems(options); i++) {
		const struct option *o = &options[i];
		const void *at = (const char *)c + o->offset;
		const char *value = text;

		if (!o->in_file)
			continue;
		for (size_t j = 0; o->count != 0 && j < list_length(c, o); j++)
			fn(arg, o->name, ((const char *const *)at)[j], true);
		if (o->kind == KIND_FLAG)
			value = *(const bool *)at ? "yes" : "no";
		else if (o->kind == KIND_NUMBER)
			snprintf(text, sizeof(text), "%lld", (long long)*(const int64_t *)at);
		else
			value = o->kind == KIND_TEXT ? *(const char *const *)at : NULL;
		if (value != NULL)
			fn(arg, o->name, value, false);
	}
}
