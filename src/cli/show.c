/*
 * show.c - answers for people (lists, tables) and for scripts (JSON)
 *
 * A CA chooses what stands in a certificate, so no text reaches a terminal
 * with control or bidi control characters in it.
 */
#include <sys/stat.h>

#include <fcntl.h>
#include <stdarg.h>
#include <unistd.h>
#include <wchar.h>

#include "base/io.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/show.h"

#define CELL_MAX    48 /* a longer cell is not cut, it shifts its row */
#define COLUMNS_MAX 12

char *
show_text(struct arena *a, const char *s)
{
	AUTO_BUF struct buf b = { 0 };
	const char *from;
	uint32_t c;

	if (!utf8_valid(s, strlen(s))) {
		for (; *s != '\0'; s++)
			buf_printf(
			    &b, *s >= ' ' && *s <= '~' ? "%c" : "\\x%02x", (unsigned char)*s);
		return arena_strdup(a, buf_text(&b));
	}
	while (from = s, (c = utf8_next(&s)) != 0) {
		if (text_is_control(c) || text_is_bidi_control(c))
			buf_printf(&b, "\\u%04x", c);
		else
			buf_put(&b, from, (size_t)(s - from));
	}
	return arena_strdup(a, buf_text(&b));
}

size_t
show_width(const char *s)
{
	size_t width = 0;
	uint32_t c;
	int w;

	while ((c = utf8_next(&s)) != 0) {
		w = wcwidth((wchar_t)c);
		width += w < 0 ? 1 : (size_t)w;
	}
	return width;
}

static char *
show_array(struct arena *a, const json_t *v)
{
	char *s = NULL;
	const json_t *one;
	size_t i;

	json_array_foreach (v, i, one) {
		char *text = show_value(a, one);

		s = s == NULL ? text : arena_printf(a, "%s, %s", s, text);
	}
	return s == NULL ? arena_strdup(a, "-") : s;
}

static char *
add_member(struct arena *a, char *s, const char *name, const json_t *one)
{
	char *text;

	if (one == NULL || json_is_null(one) ||
	    (json_is_string(one) && json_string_length(one) == 0))
		return s;
	text = arena_printf(a, "%s=%s", show_text(a, name), show_value(a, one));
	return s == NULL ? text : arena_printf(a, "%s, %s", s, text);
}

/* Attributes of a subject in the order of the seven fields, then all else. */
static char *
show_object(struct arena *a, const json_t *v)
{
	static const char *const first[] = { "C", "ST", "L", "O", "OU", "CN", "emailAddress" };
	char *s = NULL;
	const char *name;
	json_t *one;

	for (size_t i = 0; i < nitems(first); i++)
		s = add_member(a, s, first[i], json_object_get(v, first[i]));
	json_object_foreach ((json_t *)(uintptr_t)v, name, one) {
		bool shown = false;

		for (size_t i = 0; i < nitems(first); i++)
			shown |= strcmp(first[i], name) == 0;
		if (!shown)
			s = add_member(a, s, name, one);
	}
	return s == NULL ? arena_strdup(a, "-") : s;
}

char *
show_value(struct arena *a, const json_t *v)
{
	int64_t when;

	switch (v == NULL ? JSON_NULL : json_typeof(v)) {
	case JSON_STRING:
		if (json_string_length(v) == TIME_SIZE - 1 &&
		    time_parse(json_string_value(v), &when) == 0)
			return time_minute(a, when);
		return show_text(a, json_string_value(v));
	case JSON_INTEGER:
		return arena_printf(a, "%lld", (long long)json_integer_value(v));
	case JSON_REAL:
		return arena_printf(a, "%g", json_real_value(v));
	case JSON_TRUE:
		return arena_strdup(a, "yes");
	case JSON_FALSE:
		return arena_strdup(a, "no");
	case JSON_ARRAY:
		return show_array(a, v);
	case JSON_OBJECT:
		return show_object(a, v);
	default:
		return arena_strdup(a, "-");
	}
}

/* "a.b": member b of member a; NULL when it is not there. */
static const json_t *
member(const json_t *o, const char *path)
{
	const char *dot = strchr(path, '.');
	char name[64];

	if (dot == NULL)
		return json_object_get(o, path);
	snprintf(name, sizeof(name), "%.*s", (int)(dot - path), path);
	return member(json_object_get(o, name), dot + 1);
}

static void
pad(struct cli *cli, const char *text, size_t width)
{
	fputs(text, cli->out);
	for (size_t n = show_width(text); n < width; n++)
		fputc(' ', cli->out);
}

void
show_details(struct cli *cli, const json_t *o, const struct shown *what)
{
	const struct shown *w;
	const json_t *v;
	size_t width = 0;

	for (w = what; w->path != NULL; w++) {
		if (member(o, w->path) != NULL && strlen(w->label) > width)
			width = strlen(w->label);
	}
	for (w = what; w->path != NULL; w++) {
		if ((v = member(o, w->path)) == NULL)
			continue;
		pad(cli, arena_printf(cli->arena, "%s:", w->label), width + 2);
		fprintf(cli->out, "%s\n", show_value(cli->arena, v));
	}
}

void
show_table(struct cli *cli, const json_t *array, const struct shown *what)
{
	size_t n = 0, rows = json_array_size(array), width[COLUMNS_MAX], w;
	char **cells;

	while (what[n].path != NULL && n < COLUMNS_MAX) {
		width[n] = show_width(what[n].label);
		n++;
	}
	cells = arena_new_array(cli->arena, n * rows + 1, char *);
	for (size_t i = 0; i < n * rows; i++) {
		cells[i] = show_value(
		    cli->arena, member(json_array_get(array, i / n), what[i % n].path));
		w = show_width(cells[i]);
		if (w > width[i % n])
			width[i % n] = w > CELL_MAX ? CELL_MAX : w;
	}
	for (size_t i = 0; i < n * (rows + 1); i++) {
		const char *text = i < n ? what[i].label : cells[i - n];

		if (i % n == n - 1)
			fprintf(cli->out, "%s\n", text);
		else
			pad(cli, arena_printf(cli->arena, "%s ", text), width[i % n] + 2);
	}
}

void
show_json(struct cli *cli, const json_t *v)
{
	json_dumpf(v, cli->out, JSON_INDENT(2) | JSON_ENCODE_ANY);
	fputc('\n', cli->out);
}

int
show(struct cli *cli, const struct answer *a, const char *list, const struct shown *what)
{
	if (cli->json)
		show_json(cli, a->json);
	else if (list != NULL)
		show_table(cli, json_object_get(a->json, list), what);
	else
		show_details(cli, a->json, what);
	return 0;
}

void
show_more(
    struct cli *cli, const struct answer *a, const char *list, const char *member, const char *how)
{
	const json_t *all = json_object_get(a->json, list);
	size_t n = json_array_size(all);
	const json_t *last = json_object_get(json_array_get(all, n - 1), member);

	if (!cli->json && json_is_true(json_object_get(a->json, "more")))
		fprintf(stderr, "there are more: %s%s\n", how,
		    last == NULL ? "" : show_value(cli->arena, last));
}

void
show_line(struct cli *cli, const char *fmt, ...)
{
	va_list ap;
	char *text;

	if (cli->json)
		return;
	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		abort();
	va_end(ap);
	fprintf(cli->out, "%s\n", show_text(cli->arena, text));
	free(text);
}

/* A file is replaced whole; what is none (/dev/null, a pipe) is written to. */
static int
write_to(const char *path, const void *data, size_t len, unsigned mode, struct err *e)
{
	AUTO_CLOSE int fd = -1;
	struct stat st;

	if (stat(path, &st) < 0 || S_ISREG(st.st_mode))
		return file_write(path, data, len, mode, e);
	if ((fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY)) < 0 || write_full(fd, data, len) < 0)
		return err_errno(e, "write %s", path);
	return 0;
}

bool
waits_for_second(const struct answer *a)
{
	return json_is_true(json_object_get(a->json, "waiting"));
}

int
show_held(struct cli *cli, const struct answer *a, const char *then)
{
	if (cli->json)
		show_json(cli, a->json);
	show_line(cli, "waiting for a second custodian until %s; %s",
	    show_value(cli->arena, json_object_get(a->json, "expires")), then);
	return EXIT_HELD;
}

int
write_output(struct cli *cli, const void *data, size_t len, unsigned mode)
{
	const char *path = args_value(&cli->args, "output");
	json_t *said;

	if (path == NULL || strcmp(path, "-") == 0) {
		fwrite(data, 1, len, cli->out);
		return 0;
	}
	if (write_to(path, data, len, mode, &cli->err) < 0) {
		cli->err.kind = ERR_USAGE; /* the path is the caller's */
		return cli_fail(cli);
	}
	if (cli->json) {
		said = json_pack("{s:s, s:I}", "file", path, "bytes", (json_int_t)len);
		show_json(cli, said);
		json_decref(said);
	}
	return 0;
}
