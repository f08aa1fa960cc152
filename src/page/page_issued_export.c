/*
 * page_issued_export.c - what our own authorities issued, as CSV or JSON
 *
 * CSV is that of RFC 4180. A text that a spreadsheet would take for a formula
 * begins with an apostrophe in it.
 */
#include "base/jsonput.h"
#include "page/page_issued.h"
#include "page/page_people.h"

const struct field export_query[] = {
	{ "format", "Format", FIELD_TEXT, 4, false, NULL, "csv, or json; csv when left out" },
	{ "text", "Text", FIELD_TEXT, 120, false, NULL, "as in the list" },
	{ "state", "State", FIELD_TEXT, 10, false, NULL, "as in the list" },
	{ "before", "Before", FIELD_TEXT, ID_SIZE, false, NULL, "id of the last one seen" }, { 0 }
};

struct export
{
	struct request rq;
	struct buf *out;
	bool csv;
	size_t n, most;
};

/* ---- CSV ---------------------------------------------------------------------------- */

static const char *const columns[] = { "serial", "state", "name", "names", "subject", "profile",
	"not_before", "not_after", "days_left", "revoked", "reason", "sha256", "created", "id" };

static void
put_cell(struct buf *out, const char *text, bool last)
{
	bool quoted = text[strcspn(text, "\",\r\n")] != '\0' || text[0] == ' ';

	if (quoted)
		buf_put_text(out, "\"");
	if (text[0] != '\0' && strchr("=+-@\t\r", text[0]) != NULL)
		buf_put_text(out, "'");
	for (size_t n; *text != '\0'; text += n) {
		n = strcspn(text, "\"");
		buf_put(out, text, n);
		if (text[n] == '"') {
			buf_put_text(out, "\"\"");
			n++;
		}
	}
	if (quoted)
		buf_put_text(out, "\"");
	buf_put_text(out, last ? "\r\n" : ",");
}

/* A member of the row as it stands in a cell: names one after another. */
static const char *
cell_of(struct ctx *cx, const json_t *v)
{
	const char *all = "";
	const json_t *one;
	size_t i;

	if (json_is_integer(v))
		return arena_printf(cx->arena, "%lld", (long long)json_integer_value(v));
	json_array_foreach (v, i, one)
		all = arena_printf(
		    cx->arena, "%s%s%s", all, i > 0 ? " " : "", json_string_value(one));
	return json_is_array(v) ? all : json_is_string(v) ? json_string_value(v) : "";
}

static void
put_csv_row(struct export *e, struct ctx *cx, const json_t *row)
{
	for (size_t i = 0; i < nitems(columns); i++)
		put_cell(e->out, cell_of(cx, json_object_get(row, columns[i])),
		    i + 1 == nitems(columns));
}

/* ---- each row ------------------------------------------------------------------------ */

static void
put_row(void *arg, struct ctx *cx, const struct issued_row *i)
{
	struct export *e = arg;
	json_t *row;

	if (++e->n > e->most) /* the one more says that there are more */
		return;
	row = json_object();
	put_issued(cx, &e->rq, row, i);
	put_text(row, "name", i->name);
	if (e->csv) {
		put_csv_row(e, cx, row);
	} else {
		json_object_del(row, "name");
		buf_put_text(e->out, e->n > 1 ? ",\n" : "\n");
		json_put(e->out, row);
	}
	json_decref(row);
}

static int
format_of(struct ctx *cx, const struct request *rq, bool *csv)
{
	const char *format = request_query(rq, "format");

	*csv = format == NULL || format[0] == '\0' || strcmp(format, "csv") == 0;
	if (*csv || strcmp(format, "json") == 0)
		return 0;
	err_set(&cx->err, R_FIELD_CHOICE, "format", "there is no format %.20s", format);
	return err_hint(&cx->err, "csv or json");
}

static void
head(struct export *e)
{
	if (!e->csv)
		buf_put_text(e->out, "{\"issued\": [");
	for (size_t i = 0; e->csv && i < nitems(columns); i++)
		put_cell(e->out, columns[i], i + 1 == nitems(columns));
}

int
issued_export(struct ctx *cx, const struct request *rq, json_t *view)
{
	AUTO_BUF struct buf out = { 0 };
	struct export e = { .rq = *rq, .out = &out, .most = EXPORT_MAX };
	struct issued_query q;
	bool cut;

	if (format_of(cx, rq, &e.csv) < 0 || issued_query(cx, rq, EXPORT_MAX, EXPORT_MAX, &q) < 0)
		return -1;
	e.rq.face = FACE_API; /* a file is for programs */
	q.limit = e.most + 1;
	head(&e);
	if (op_issued_each(cx, &q, put_row, &e) < 0)
		return -1;
	cut = e.n > e.most;
	if (!e.csv)
		buf_printf(&out, "],\n\"more\": %s}\n", cut ? "true" : "false");
	view_download(view,
	    arena_printf(cx->arena, "certificates%s.%s",
		cut ? arena_printf(cx->arena, "-newest-%d", EXPORT_MAX) : "",
		e.csv ? "csv" : "json"),
	    e.csv ? "text/csv; charset=utf-8" : "application/json", out.data, out.len);
	return 0;
}
