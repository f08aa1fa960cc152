/*
 * cmd_ca_history.c - what a CA issued and revoked before it came here
 */
#include "base/limits.h"
#include "base/text.h"
#include "cli/cmd_ca.h"
#include "cli/history_files.h"
#include "cli/show.h"

#define PART_MAX ((size_t)512 * 1024) /* bytes of a request, before its base64 */

static const char *const totals[] = { "imported", "completed", "revoked", "known", "skipped" };
static const struct shown remarks[] = {
	{ "source", "SOURCE" },
	{ "serial", "SERIAL" },
	{ "action", "ACTION" },
	{ "reason", "REASON" },
	{ 0 },
};

/* One request that is being filled, and what all answers said. */
struct part {
	struct cli *cli;
	const char *path;
	json_t *files;
	struct buf index;
	size_t bytes, lines, first_line;
	const char *crl_number;
	json_t *sum;
};

static void
add_up(json_t *sum, const json_t *answer)
{
	json_t *items = json_object_get(sum, "items");
	const char *name;
	json_t *one;

	json_object_foreach ((json_t *)(uintptr_t)answer, name, one) {
		if (strcmp(name, "items") == 0)
			json_array_extend(items, one);
		else if (json_is_integer(one) && strcmp(name, "crl_number") != 0)
			json_object_set_new(sum, name,
			    json_integer(json_integer_value(one) +
				json_integer_value(json_object_get(sum, name))));
		else
			json_object_set(sum, name, one);
	}
}

static int
flush(struct part *p)
{
	AUTO_ANSWER struct answer a = { 0 };
	json_t *body;
	int rc;

	if (json_array_size(p->files) == 0 && p->lines == 0 && p->crl_number == NULL)
		return 0;
	body = json_pack("{s:o, s:s, s:I, s:b}", "files", p->files, "index", buf_text(&p->index),
	    "first_line", (json_int_t)p->first_line, "dry_run", args_has(&p->cli->args, "dry-run"));
	if (p->crl_number != NULL)
		json_object_set_new(body, "crl_number", json_string(p->crl_number));
	p->files = json_array();
	buf_reset(&p->index);
	p->bytes = p->lines = p->first_line = 0;
	p->crl_number = NULL;
	if ((rc = api_call(p->cli, "POST", p->path, body, &a)) == 0)
		add_up(p->sum, a.json);
	return rc;
}

static void
add_line(struct part *p, struct history_index_line *l)
{
	if (!l->sent)
		buf_put(&p->index, l->text, l->len);
	buf_put_text(&p->index, "\n");
	p->bytes += l->sent ? 1 : l->len + 1;
	p->lines++;
	l->sent = true;
}

/* A certificate goes with its line: what was revoked is never good for a while. */
static int
send_certificates(struct part *p, const struct history_files *f)
{
	int rc;

	for (size_t i = 0; i < f->ncerts; i++) {
		const struct history_cert *c = &f->certs[i];
		struct history_index_line **lines = NULL;
		size_t n = 0, more = c->len + 200;

		if (c->serial != NULL)
			lines = history_lines_of(f, c->serial, &n);
		for (size_t k = 0; k < n; k++)
			more += lines[k]->len + 1;
		if ((json_array_size(p->files) == LIMIT_HISTORY_FILES ||
			p->lines + n > LIMIT_HISTORY_LINES || p->bytes + more > PART_MAX) &&
		    (rc = flush(p)) != 0)
			return rc;
		for (size_t k = 0; k < n; k++)
			add_line(p, lines[k]);
		json_array_append_new(p->files,
		    json_pack("{s:s, s:s}", "name", c->name, "content",
			base64_encode(p->cli->arena, c->der, c->len)));
		p->bytes += c->len + 200;
	}
	return flush(p);
}

/* Those that went already are empty lines here, so that the numbers are right. */
static int
send_lines(struct part *p, const struct history_files *f)
{
	int rc;

	for (size_t i = 0; i < f->nlines; i++) {
		if (p->lines == 0 && f->lines[i].sent)
			continue;
		if ((p->lines == LIMIT_HISTORY_LINES || p->bytes + f->lines[i].len > PART_MAX) &&
		    (rc = flush(p)) != 0)
			return rc;
		if (p->lines == 0)
			p->first_line = f->lines[i].number;
		add_line(p, &f->lines[i]);
	}
	return flush(p);
}

static void
say(struct cli *cli, const json_t *sum)
{
	json_t *all = json_object_get(sum, "items"), *some = json_array(), *one;
	size_t i;

	for (i = 0; i < nitems(totals); i++)
		show_line(cli, "%-10s %lld", totals[i],
		    (long long)json_integer_value(json_object_get(sum, totals[i])));
	json_array_foreach (all, i, one)
		if (!json_is_null(json_object_get(one, "reason")))
			json_array_append(some, one);
	if (json_array_size(some) > 0) {
		show_line(cli, "%s", "");
		show_table(cli, some, remarks);
	}
	json_decref(some);
	if (args_has(&cli->args, "dry-run"))
		show_line(cli, "%s", "a dry run: nothing was changed");
}

int
ca_import_history(struct cli *cli)
{
	struct history_files f;
	struct part p = { .cli = cli, .path = api_path(cli, "/cas/%s/history", word(cli, 0)) };
	int rc;

	if ((rc = history_files(cli, word(cli, 1), &f)) != 0)
		return rc;
	p.files = json_array();
	p.sum = json_pack("{s:[]}", "items");
	p.crl_number = f.crl_number;
	if ((rc = send_certificates(&p, &f)) == 0 && (rc = send_lines(&p, &f)) == 0) {
		if (cli->json)
			show_json(cli, p.sum);
		else
			say(cli, p.sum);
		rc = json_integer_value(json_object_get(p.sum, "skipped")) > 0 ? EXIT_AMENDED : 0;
	}
	json_decref(p.files);
	json_decref(p.sum);
	buf_free(&p.index);
	return rc;
}
