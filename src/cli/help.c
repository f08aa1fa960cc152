/*
 * help.c - usage, --help and the completion, from the table of commands
 */
#include "base/buf.h"
#include "cli/option.h"

#define COLUMN 30 /* where explanations start */
#define WIDTH  96

/* Words from column `at` on; further lines start at `indent`. */
static void
put_wrapped(struct buf *b, size_t at, size_t indent, const char *text)
{
	const char *gap = "";
	size_t n;

	for (; *text != '\0'; text += n + strspn(text + n, " ")) {
		n = strcspn(text, " ");
		if (at + strlen(gap) + n > WIDTH) {
			buf_printf(b, "\n%*s", (int)indent, "");
			at = indent;
			gap = "";
		}
		buf_printf(b, "%s%.*s", gap, (int)n, text);
		at += strlen(gap) + n;
		gap = " ";
	}
	buf_put_text(b, "\n");
}

/* `left`, and what it means in the second column. */
static void
put_row(struct buf *b, const char *left, const char *text)
{
	size_t at = strlen(left);

	if (at + 2 > COLUMN)
		buf_printf(b, "%s\n%*s", left, COLUMN, "");
	else
		buf_printf(b, "%-*s", COLUMN, left);
	put_wrapped(b, COLUMN, COLUMN, text);
}

static void
put_options(struct buf *b, struct arena *a, const struct option *o)
{
	char *left;

	for (; o != NULL && o->name != NULL; o++) {
		if (o->letter != 0)
			left = arena_printf(a, "  -%c, --%s", o->letter, o->name);
		else
			left = arena_printf(a, "      --%s", o->name);
		if (o->value != NULL)
			left = arena_printf(a, "%s %s", left, o->value);
		put_row(b, left,
		    o->choices == NULL ? o->help : arena_printf(a, "%s: %s", o->help, o->choices));
	}
}

char *
usage_line(struct arena *a, const struct group *g, const struct command *c)
{
	char *s;

	if (g == NULL)
		return arena_strdup(a, "certwright [OPTIONS] COMMAND [OPTIONS] [--json]");
	if (c == NULL)
		return arena_printf(a, "certwright %s COMMAND [OPTIONS] [--json]", g->name);
	s = arena_printf(a, "certwright %s", g->name);
	if (c->name != NULL)
		s = arena_printf(a, "%s %s", s, c->name);
	if (c->words[0] != '\0')
		s = arena_printf(a, "%s %s", s, c->words);
	for (const struct option *o = c->options; o != NULL && o->name != NULL; o++) {
		char *one = o->value == NULL ? arena_printf(a, "--%s", o->name)
					     : arena_printf(a, "--%s %s", o->name, o->value);

		if (!o->required)
			one = arena_printf(a, "[%s]", one);
		s = arena_printf(a, "%s %s%s", s, one, o->many ? "..." : "");
	}
	return s;
}

static void
put_commands(struct buf *b, struct arena *a, const struct group *g)
{
	char *left;

	for (const struct command *c = g->commands; c->run != NULL; c++) {
		left = arena_printf(a, "  %s %s", g->name, c->name == NULL ? "" : c->name);
		if (c->words[0] != '\0')
			left = arena_printf(a, "%s %s", left, c->words);
		put_row(b, left, c->help);
	}
}

char *
help_text(struct arena *a, const struct group *g, const struct command *c)
{
	AUTO_BUF struct buf b = { 0 };

	buf_put_text(&b, "usage: ");
	put_wrapped(&b, 7, 11, usage_line(a, g, c));
	buf_put_text(&b, "\n");
	if (c != NULL) {
		buf_printf(&b, "%s\n", c->help);
		if (c->options != NULL) {
			buf_put_text(&b, "\noptions:\n");
			put_options(&b, a, c->options);
		}
	} else if (g != NULL) {
		buf_printf(&b, "%s\n\n", g->help);
		put_commands(&b, a, g);
	} else {
		buf_put_text(
		    &b, "Keys, certificate signing requests and certificates of servers.\n\n");
		for (size_t i = 0; groups[i] != NULL; i++)
			put_commands(&b, a, groups[i]);
	}
	buf_put_text(&b, "\noptions that stand anywhere:\n");
	put_options(&b, a, global_options);
	if (g == NULL)
		buf_put_text(&b,
		    "\nexit codes: 0 done, 1 internal, 2 usage, 3 amended or harmless, "
		    "4 held,\n5 breaking or refused, 6 invalid input, 7 denied, "
		    "8 not found, 9 conflict,\n10 limit, 11 unreachable. "
		    "See certwright(1).\n");
	return arena_strdup(a, buf_text(&b));
}

static void
put_option_words(struct buf *b, const struct option *o)
{
	for (; o != NULL && o->name != NULL; o++)
		buf_printf(b, " --%s", o->name);
}

/* "|--a|--b|": the options whose value is of this kind (NULL: any). */
static void
put_valued(struct buf *b, struct arena *a, const struct option *o, const char *value)
{
	for (; o != NULL && o->name != NULL; o++) {
		if (o->value == NULL || (value != NULL && strcmp(o->value, value) != 0) ||
		    strstr(buf_text(b), arena_printf(a, "|--%s|", o->name)) != NULL)
			continue;
		buf_printf(b, "--%s|", o->name);
		if (o->letter != 0)
			buf_printf(b, "-%c|", o->letter);
	}
}

/* As a pattern of bash's case. */
static char *
valued(struct arena *a, const char *value)
{
	AUTO_BUF struct buf b = { 0 };
	char *text;

	buf_put_text(&b, "|");
	put_valued(&b, a, global_options, value);
	for (size_t i = 0; groups[i] != NULL; i++) {
		for (const struct command *c = groups[i]->commands; c->run != NULL; c++)
			put_valued(&b, a, c->options, value);
	}
	text = arena_strdup(a, buf_text(&b) + 1);
	text[strlen(text) - 1] = '\0';
	return text;
}

static void
put_choices(struct buf *b, const struct option *o)
{
	for (; o != NULL && o->name != NULL; o++) {
		if (o->choices == NULL)
			continue;
		buf_printf(b, "\t--%s)\n\t\t_certwright_of \"", o->name);
		for (const char *p = o->choices; *p != '\0'; p++)
			buf_put(b, *p == '|' ? " " : p, 1);
		buf_put_text(b, "\"\n\t\treturn ;;\n");
	}
}

static const char completion_head[] =
    "# bash completion of certwright(1), made by certwright --completion\n"
    "# a word may hold colons (rsa:2048), at which bash splits\n"
    "_certwright_of() {\n"
    "\tlocal word=$cur\n"
    "\tif [[ $cur == : ]]; then word=${COMP_WORDS[COMP_CWORD-1]}:; fi\n"
    "\tif [[ $prev == : ]]; then word=${COMP_WORDS[COMP_CWORD-2]}:$cur; fi\n"
    "\tmapfile -t COMPREPLY < <(compgen -W \"$1\" -- \"$word\")\n"
    "\tif [[ $word == *:* ]]; then COMPREPLY=(\"${COMPREPLY[@]#*:}\"); fi\n"
    "}\n"
    "_certwright() {\n"
    "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
    "\tlocal i w words=() option=$prev\n"
    "\tCOMPREPLY=()\n"
    "\tif [[ $cur == : ]]; then option=${COMP_WORDS[COMP_CWORD-2]}; fi\n"
    "\tif [[ $prev == : ]]; then option=${COMP_WORDS[COMP_CWORD-3]}; fi\n";

static const char completion_tail[] = "\tesac\n"
				      "\tif [[ $cur == -* ]]; then\n"
				      "\t\t_certwright_of \"$options\"\n"
				      "\telif [[ -n $commands ]]; then\n"
				      "\t\t_certwright_of \"$commands\"\n"
				      "\telse\n"
				      "\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
				      "\tfi\n"
				      "}\n"
				      "complete -o filenames -F _certwright certwright\n";

/* What may follow an option: choices, files, folders, or anything. */
static void
put_values(struct buf *b, struct arena *a)
{
	buf_put_text(b, "\tcase $option in\n");
	for (size_t i = 0; groups[i] != NULL; i++) {
		for (const struct command *c = groups[i]->commands; c->run != NULL; c++)
			put_choices(b, c->options);
	}
	buf_printf(b,
	    "\t%s)\n\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
	    "\t\treturn ;;\n",
	    valued(a, "FILE"));
	buf_printf(b,
	    "\t%s)\n\t\tmapfile -t COMPREPLY < <(compgen -d -- \"$cur\")\n"
	    "\t\treturn ;;\n\tesac\n",
	    valued(a, "DIR"));
	buf_printf(b, "\tcase $prev in\n\t%s) return ;;\n\tesac\n", valued(a, NULL));
}

/* The commands of a group, and the options of each. */
static void
put_group(struct buf *b, const struct group *g)
{
	const struct command *c = g->commands;

	if (c->name == NULL)
		return;
	buf_printf(b, "\t'%s') commands=\"", g->name);
	for (; c->run != NULL; c++)
		buf_printf(b, " %s", c->name);
	buf_put_text(b, "\" ;;\n");
	for (c = g->commands; c->run != NULL; c++) {
		if (c->options == NULL)
			continue;
		buf_printf(b, "\t'%s %s') options+=\"", g->name, c->name);
		put_option_words(b, c->options);
		buf_put_text(b, "\" ;;\n");
	}
}

char *
completion_text(struct arena *a)
{
	AUTO_BUF struct buf b = { 0 };

	buf_put_text(&b, completion_head);
	put_values(&b, a);
	buf_printf(&b,
	    "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n\t\tw=${COMP_WORDS[i]}\n"
	    "\t\tcase $w in\n\t\t%s) ((i++)) ;;\n\t\t-?*) ;;\n"
	    "\t\t*) words+=(\"$w\") ;;\n\t\tesac\n\tdone\n"
	    "\tlocal options=\"",
	    valued(a, NULL));
	put_option_words(&b, global_options);
	buf_put_text(&b, "\" commands=\"\"\n\tcase \"${words[*]:0:2}\" in\n\t'') commands=\"");
	for (size_t i = 0; groups[i] != NULL; i++)
		buf_printf(&b, " %s", groups[i]->name);
	buf_put_text(&b, "\" ;;\n");
	for (size_t i = 0; groups[i] != NULL; i++)
		put_group(&b, groups[i]);
	buf_put_text(&b, completion_tail);
	return arena_strdup(a, buf_text(&b));
}
