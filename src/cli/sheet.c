/*
 * sheet.c - the disposition sheet: what became of every wish
 */
#include "cli/cli.h"
#include "cli/show.h"

#define SHOWN 20 /* of " sha256:..." */

static const struct shown columns[] = {
	{ "item", "ITEM" },
	{ "asked", "ASKED" },
	{ "granted", "GRANTED" },
	{ "outcome", "OUTCOME" },
	{ "weight", "WEIGHT" },
	{ 0 },
};

/* Of the file itself; of what an authority would make of it, and of what it made. */
static const struct {
	const char *verdict;
	const char *words, *preview, *issued;
} meanings[] = {
	{ "same", "as asked" },
	{ "harmless", "amended, and fit for use" },
	{ "breaking", "not fit for use" },
	{ "issue", "well-formed", "would be issued as asked", "issued as asked" },
	{ "amend", "well-formed, with notes", "would be issued, not as asked",
	    "issued, not as asked" },
	{ "hold", "waits for people", "waits for people" },
	{ "refuse", "refused", "would be refused" },
};

static const char *
meaning(const char *verdict, const json_t *o)
{
	for (size_t i = 0; i < nitems(meanings); i++) {
		if (strcmp(meanings[i].verdict, verdict) != 0)
			continue;
		if (meanings[i].issued != NULL && json_is_string(json_object_get(o, "serial")))
			return meanings[i].issued;
		return meanings[i].preview != NULL && json_object_get(o, "authority") != NULL
		    ? meanings[i].preview
		    : meanings[i].words;
	}
	return "";
}

static char *
text_of(struct cli *cli, const json_t *o, const char *name)
{
	return show_value(cli->arena, json_object_get(o, name));
}

/* Why, for each item that is not simply granted. */
static void
show_reasons(struct cli *cli, const json_t *dispositions)
{
	const json_t *d;
	size_t i;
	bool first = true;

	json_array_foreach (dispositions, i, d) {
		if (!json_is_string(json_object_get(d, "reason")))
			continue;
		if (first)
			fputc('\n', cli->out);
		first = false;
		fprintf(cli->out, "%s %s: %s\n    rule %s (%s), set by %s\n",
		    text_of(cli, d, "item"), text_of(cli, d, "outcome"), text_of(cli, d, "reason"),
		    text_of(cli, d, "rule"), text_of(cli, d, "reference"),
		    text_of(cli, d, "set_by"));
	}
}

/* Of "EC P-256 sha256:3fa2..." the beginning of the digest: two of them in full make a
 * line of two hundred columns. --json has all of it. */
static json_t *
shortened(struct cli *cli, const json_t *dispositions)
{
	static const char *const members[] = { "asked", "granted" };
	json_t *copy = json_deep_copy(dispositions), *d;
	const char *value, *digest;
	size_t i;

	json_array_foreach (copy, i, d)
		for (size_t m = 0; m < nitems(members); m++) {
			value = json_string_value(json_object_get(d, members[m]));
			digest = value == NULL ? NULL : strstr(value, " sha256:");
			if (digest == NULL || strlen(digest) <= SHOWN)
				continue;
			json_object_set_new(d, members[m],
			    json_string(arena_printf(
				cli->arena, "%.*s...", (int)(digest - value) + SHOWN, value)));
		}
	return copy;
}

static void
show_texts(struct cli *cli, const json_t *texts, const char *title)
{
	const json_t *one;
	size_t i;

	json_array_foreach (texts, i, one)
		fprintf(
		    cli->out, "%s%s: %s\n", i == 0 ? "\n" : "", title, show_value(cli->arena, one));
}

int
show_sheet(struct cli *cli, const json_t *o)
{
	const char *verdict = json_string_value(json_object_get(o, "verdict"));
	const json_t *dispositions = json_object_get(o, "dispositions");

	if (cli->json) {
		show_json(cli, o);
		return exit_of_verdict(verdict);
	}
	if (verdict != NULL)
		fprintf(cli->out, "Verdict: %s (%s)\n\n", show_text(cli->arena, verdict),
		    meaning(verdict, o));
	if (json_array_size(dispositions) > 0) {
		json_t *rows = shortened(cli, dispositions);

		show_table(cli, rows, columns);
		json_decref(rows);
	}
	show_reasons(cli, dispositions);
	show_texts(cli, json_object_get(o, "notes"), "note");
	show_texts(cli, json_object_get(o, "repairs"), "repaired");
	return exit_of_verdict(verdict);
}
