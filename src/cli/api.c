/*
 * api.c - questions to the API, and what its answers mean for the exit code
 */
#include <stdarg.h>

#include <openssl/sha.h>

#include "base/text.h"
#include "cli/http.h"
#include "cli/show.h"

#define API "/api/v1"

void
answer_free(struct answer *a)
{
	buf_free(&a->body);
	json_decref(a->json);
	a->json = NULL;
}

int
exit_of_status(long status)
{
	switch (status) {
	case 401:
	case 403:
		return EXIT_DENIED;
	case 404:
		return EXIT_NOTFOUND;
	case 409:
		return EXIT_CONFLICT;
	case 422:
		return EXIT_REFUSED;
	case 429:
		return EXIT_LIMIT;
	case 502:
	case 503:
	case 504:
		return EXIT_UNREACHABLE;
	default:
		return status >= 400 && status < 500 ? EXIT_INPUT : EXIT_INTERNAL;
	}
}

int
exit_of_verdict(const char *verdict)
{
	static const struct {
		const char *verdict;
		int code;
	} table[] = {
		{ "issue", 0 },
		{ "amend", EXIT_AMENDED },
		{ "hold", EXIT_HELD },
		{ "refuse", EXIT_REFUSED },
		{ "same", 0 },
		{ "harmless", EXIT_AMENDED },
		{ "breaking", EXIT_REFUSED },
	};

	for (size_t i = 0; verdict != NULL && i < nitems(table); i++) {
		if (strcmp(table[i].verdict, verdict) == 0)
			return table[i].code;
	}
	return EXIT_INTERNAL;
}

/* Unreserved characters of RFC 3986 stay; a word is one segment. */
static void
put_segment(struct buf *b, const char *s)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789-._~";

	for (; *s != '\0'; s++) {
		if (strchr(plain, *s) != NULL)
			buf_put(b, s, 1);
		else
			buf_printf(b, "%%%02X", (unsigned)(unsigned char)*s);
	}
}

char *
api_path(struct cli *cli, const char *fmt, ...)
{
	AUTO_BUF struct buf b = { 0 };
	va_list ap;

	va_start(ap, fmt);
	for (; *fmt != '\0'; fmt++) {
		if (fmt[0] == '%' && fmt[1] == 's') {
			put_segment(&b, va_arg(ap, const char *));
			fmt++;
		} else {
			buf_put(&b, fmt, 1);
		}
	}
	va_end(ap);
	return arena_strdup(cli->arena, buf_text(&b));
}

static bool
has_option(const struct command *c, const char *name)
{
	for (const struct option *o = c->options; o != NULL && o->name != NULL; o++) {
		if (strcmp(o->name, name) == 0)
			return true;
	}
	return false;
}

/* " (--common-name)" when the fault is at a field that is an option here. */
static const char *
option_of_field(struct cli *cli, const char *field)
{
	static const struct {
		const char *field;
		const char *option;
	} others[] = {
		{ "names", "name" },
		{ "name", "user" },
		{ "password", "password-file" },
		{ "passphrase", "passphrase-file" },
	};
	const struct command *c = cli->args.command;
	char *name;

	if (field == NULL || c == NULL)
		return "";
	name = arena_strdup(cli->arena, field);
	for (char *p = name; *p != '\0'; p++)
		*p = *p == '_' ? '-' : *p;
	for (size_t i = 0; !has_option(c, name) && i < nitems(others); i++) {
		if (strcmp(others[i].field, field) == 0)
			name = arena_strdup(cli->arena, others[i].option);
	}
	return has_option(c, name) ? arena_printf(cli->arena, " (--%s)", name) : "";
}

/* A problem (RFC 9457), or whatever else a server says with such a status. */
static int
refused(struct cli *cli, const struct answer *a)
{
	const char *what = json_string_value(json_object_get(a->json, "detail"));
	const char *field = json_string_value(json_object_get(a->json, "field"));

	if (what == NULL || what[0] == '\0')
		what = json_string_value(json_object_get(a->json, "title"));
	if (what == NULL || what[0] == '\0')
		what = arena_printf(cli->arena, "the server answered with status %ld", a->status);
	return cli_say(cli, exit_of_status(a->status),
	    json_string_value(json_object_get(a->json, "hint")), "%s%s", what,
	    option_of_field(cli, field));
}

static int
send(struct cli *cli, const struct sending *s, bool json, struct answer *a)
{
	json_error_t e;
	int rc = http_send(cli, s, a);

	if (rc != 0)
		return rc;
	if (json || a->status >= 400)
		a->json = json_loadb(
		    (const char *)a->body.data, a->body.len, JSON_REJECT_DUPLICATES, &e);
	if (a->status >= 300 || a->status < 200)
		return refused(cli, a);
	if (!json)
		return 0;
	if (a->json == NULL && a->body.len == 0)
		a->json = json_object();
	if (a->json == NULL)
		return cli_say(cli, EXIT_INTERNAL, "is this a Certwright server?",
		    "the answer is not JSON: %s", e.text);
	return 0;
}

/* In the tenant that --tenant names. */
static char *
at_api(struct cli *cli, const char *path)
{
	const char *tenant = args_value(&cli->args, "tenant");

	return tenant == NULL
	    ? arena_printf(cli->arena, API "%s", path)
	    : arena_printf(cli->arena, "%s%s", api_path(cli, API "/t/%s", tenant), path);
}

int
api_call(struct cli *cli, const char *method, const char *path, json_t *body, struct answer *a)
{
	struct sending s = { .method = method, .path = at_api(cli, path) };
	char *text = NULL;
	int rc;

	if (body != NULL) {
		text = json_dumps(body, JSON_COMPACT | JSON_SORT_KEYS);
		json_decref(body);
		if (text == NULL)
			return cli_say(cli, EXIT_INPUT, NULL, "the words are not valid UTF-8 text");
		s.type = "application/json";
		s.body = text;
		s.len = strlen(text);
	}
	rc = send(cli, &s, true, a);
	if (text != NULL)
		explicit_bzero(text, s.len);
	free(text);
	return rc;
}

int
api_act(struct cli *cli, const char *method, const char *path, json_t *body, const char *done)
{
	AUTO_ANSWER struct answer a = { 0 };
	int rc;

	if ((rc = api_call(cli, method, path, body, &a)) != 0)
		return rc;
	if (cli->json)
		show_json(cli, a.json);
	show_line(cli, "%s: %s", word(cli, 0), done);
	return 0;
}

int
api_send(
    struct cli *cli, const char *path, const char *type, const struct buf *body, struct answer *a)
{
	struct sending s = { .method = "POST", .type = type, .body = body->data, .len = body->len };

	s.path = at_api(cli, path);
	return send(cli, &s, true, a);
}

int
api_send_once(
    struct cli *cli, const char *path, const char *type, const struct buf *body, struct answer *a)
{
	struct sending s = { .method = "POST", .type = type, .body = body->data, .len = body->len };
	unsigned char sha256[SHA256_DIGEST_LENGTH];

	SHA256(body->data, body->len, sha256);
	s.path = at_api(cli, path);
	s.once = hex_of(cli->arena, sha256, sizeof(sha256));
	return send(cli, &s, true, a);
}

int
api_download(struct cli *cli, const char *path, struct answer *a)
{
	struct sending s = { .method = "GET", .path = at_api(cli, path) };

	return send(cli, &s, false, a);
}

const char *
api_query(struct cli *cli, const char *path, const char *const *options, size_t n)
{
	const char *value, *mark = "?";
	char *name;

	for (size_t i = 0; i < n; i++) {
		if ((value = args_value(&cli->args, options[i])) == NULL)
			continue;
		name = arena_strdup(cli->arena, options[i]);
		for (char *c = name; *c != '\0'; c++)
			if (*c == '-') /* --keep-key is keep_key there */
				*c = '_';
		path = arena_printf(
		    cli->arena, "%s%s%s=%s", path, mark, name, url_encode(cli->arena, value));
		mark = "&";
	}
	return path;
}
