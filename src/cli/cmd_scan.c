/*
 * cmd_scan.c - which certificates are out there: servers that are asked, files that are read
 *
 * Of a file only its certificates are sent; a private key never leaves this host.
 */
#include <dirent.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "base/io.h"
#include "base/limits.h"
#include "base/text.h"
#include "cli/cmd_scan.h"
#include "cli/show.h"

#define BEGIN	  "-----BEGIN CERTIFICATE-----"
#define END	  "-----END CERTIFICATE-----"
#define LOOK_MS	  500
#define ONE_MS	  4000 /* a server that does not answer takes so long */
#define FILES_MAX 1000

static const struct shown found[] = {
	{ "state", "STATE" },
	{ "place", "PLACE" },
	{ "names", "NAMES" },
	{ "issuer", "ISSUER" },
	{ "days_left", "DAYS LEFT" },
	{ "identity", "IDENTITY" },
	{ "message", "MESSAGE" },
	{ "id", "ID" },
	{ 0 },
};

/* ---- files ------------------------------------------------------------------------------ */

static bool
is_certificate_file(const char *name)
{
	return text_ends(name, ".pem") || text_ends(name, ".crt");
}

/* The blocks that are certificates, and nothing between them. */
static const char *
certificates_of(struct cli *cli, const char *text)
{
	const char *all = "", *from = text, *to;

	while ((from = strstr(from, BEGIN)) != NULL && (to = strstr(from, END)) != NULL) {
		to += strlen(END);
		all = arena_printf(cli->arena, "%s%.*s\n", all, (int)(to - from), from);
		from = to;
	}
	return all;
}

static int
send_file(struct cli *cli, const char *path)
{
	AUTO_ANSWER struct answer a = { 0 };
	AUTO_BUF struct buf text = { 0 };
	const char *certs;

	if (file_read(&text, path, LIMIT_BUNDLE, &cli->err) < 0)
		return cli_fail(cli);
	if (strstr(buf_text(&text), "PRIVATE KEY-----") != NULL)
		show_line(cli, "note: %s has a private key; it is not sent", path);
	certs = certificates_of(cli, buf_text(&text));
	if (certs[0] == '\0') {
		show_line(cli, "note: %s has no certificate", path);
		return 0;
	}
	return api_call(cli, "POST", "/found/files",
	    json_pack("{s:s, s:s}", "name", path, "content", certs), &a);
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int
send_folder(struct cli *cli, const char *folder)
{
	const char **names = arena_new_array(cli->arena, FILES_MAX, const char *);
	DIR *d = opendir(folder);
	struct dirent *e;
	size_t n = 0;
	int rc = 0;

	if (d == NULL)
		return cli_say(cli, EXIT_USAGE, NULL, "%s cannot be read", folder);
	while (n < FILES_MAX && (e = readdir(d)) != NULL)
		if (is_certificate_file(e->d_name))
			names[n++] = arena_printf(cli->arena, "%s/%s", folder, e->d_name);
	closedir(d);
	qsort(names, n, sizeof(*names), by_name);
	for (size_t i = 0; i < n && rc == 0; i++)
		rc = send_file(cli, names[i]);
	return rc;
}

/* ---- servers -------------------------------------------------------------------------------- */

static void
add_lines(struct cli *cli, json_t *servers, char *text)
{
	char *rest = NULL;

	for (char *line = strtok_r(text, "\n", &rest); line != NULL;
	     line = strtok_r(NULL, "\n", &rest))
		if (line[strspn(line, " \t\r")] != '\0' && line[0] != '#')
			json_array_append_new(servers, json_string(line));
}

/* A word is a folder, a file of certificates, a file of servers, or a server. */
static int
take(struct cli *cli, const char *word, json_t *servers)
{
	AUTO_BUF struct buf text = { 0 };
	struct stat st;

	if (stat(word, &st) < 0) {
		json_array_append_new(servers, json_string(word));
		return 0;
	}
	if (S_ISDIR(st.st_mode))
		return send_folder(cli, word);
	if (is_certificate_file(word))
		return send_file(cli, word);
	if (file_read(&text, word, LIMIT_BUNDLE, &cli->err) < 0)
		return cli_fail(cli);
	add_lines(cli, servers, arena_strdup(cli->arena, buf_text(&text)));
	return 0;
}

static int
wait_for_all(struct cli *cli, size_t n)
{
	const struct timespec t = { LOOK_MS / 1000, LOOK_MS % 1000 * 1000000L };
	int rc;

	for (size_t i = 0; i < n * ONE_MS / LOOK_MS + 20; i++) {
		AUTO_ANSWER struct answer a = { 0 };

		if ((rc = api_call(cli, "GET", "/found", NULL, &a)) != 0)
			return rc;
		if (json_integer_value(json_object_get(a.json, "waiting")) == 0)
			break;
		nanosleep(&t, NULL);
	}
	return component_found(cli);
}

int
component_found(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	int rc;

	if ((rc = api_call(cli, "GET", "/found", NULL, &a)) != 0)
		return rc;
	return show(cli, &a, "found", found);
}

int
component_scan(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	const char *starttls = args_value(&cli->args, "starttls");
	json_t *servers = json_array(), *body;
	size_t n;
	int rc = 0;

	for (size_t i = 0; i < cli->args.nwords && rc == 0; i++)
		rc = take(cli, word(cli, i), servers);
	n = json_array_size(servers);
	if (rc != 0 || n == 0) {
		json_decref(servers);
		return rc != 0 ? rc : component_found(cli);
	}
	body = json_pack("{s:o}", "servers", servers);
	if (starttls != NULL)
		json_object_set_new(body, "starttls", json_string(starttls));
	if ((rc = api_call(cli, "POST", "/found", body, &a)) != 0)
		return rc;
	return wait_for_all(cli, n);
}

int
component_forget(struct cli *cli)
{
	return api_act(cli, "DELETE", api_path(cli, "/found/%s", word(cli, 0)), NULL, "forgotten");
}

const struct option scan_options[] = {
	{ .name = "starttls",
	    .value = "PROTOCOL",
	    .choices = "smtp",
	    .help = "TLS begins after STARTTLS at these servers: smtp" },
	{ 0 },
};
