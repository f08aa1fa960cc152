/*
 * option.c - read the arguments by the table of commands
 */
#include "base/text.h"
#include "cli/option.h"

static const struct option *
find(const struct option *list, const char *name, size_t len, char letter)
{
	for (; list != NULL && list->name != NULL; list++) {
		if (letter != 0 ? list->letter == letter
				: strlen(list->name) == len && memcmp(list->name, name, len) == 0)
			return list;
	}
	return NULL;
}

/* Of any command: which one it will be is known only at the end. */
static const struct option *
find_anywhere(const char *name, size_t len, char letter)
{
	const struct option *o = find(global_options, name, len, letter);
	const struct command *c;

	for (size_t i = 0; o == NULL && groups[i] != NULL; i++) {
		for (c = groups[i]->commands; o == NULL && c->run != NULL; c++)
			o = find(c->options, name, len, letter);
	}
	return o;
}

static int
usage(struct err *e, const char *hint, const char *what, const char *name)
{
	err_set(e, R_USAGE, NULL, what, name);
	return err_hint(e, "%s", hint);
}

#define SEE_HELP "certwright --help lists the commands and their options"

/* argv[*i] is an option; *i moves on when the value is the next argument. */
static int
take_option(struct args *a, int argc, char **argv, int *i, struct err *e)
{
	const char *text = argv[*i], *name = text + 2, *value = NULL;
	struct given *g = &a->given[a->ngiven];
	size_t len;

	if (text[1] == '-') {
		len = strcspn(name, "=");
		g->option = find_anywhere(name, len, 0);
		if (name[len] == '=')
			value = name + len + 1;
	} else {
		g->option = find_anywhere(NULL, 0, text[1]);
		if (text[2] != '\0')
			value = text + 2;
	}
	if (g->option == NULL)
		return usage(e, SEE_HELP, "there is no option %s", text);
	if (g->option->value == NULL && value != NULL)
		return usage(e, SEE_HELP, "%s: this option takes no value", text);
	if (g->option->value != NULL && value == NULL) {
		if (*i + 1 >= argc)
			return usage(e, SEE_HELP, "%s needs a value", text);
		value = argv[++*i];
	}
	g->value = value == NULL ? "" : value;
	a->ngiven++;
	return 0;
}

const char *
args_value(const struct args *a, const char *name)
{
	for (size_t i = 0; i < a->ngiven; i++) {
		if (strcmp(a->given[i].option->name, name) == 0)
			return a->given[i].value;
	}
	return NULL;
}

bool
args_has(const struct args *a, const char *name)
{
	return args_value(a, name) != NULL;
}

/* The first words name the command. */
static int
take_command(struct args *a, bool asks, struct err *e)
{
	const struct command *c;
	size_t i;

	if (a->nwords == 0)
		return asks ? 0 : usage(e, SEE_HELP, "no command was given%s", "");
	for (i = 0; groups[i] != NULL && strcmp(groups[i]->name, a->words[0]) != 0; i++)
		;
	if ((a->group = groups[i]) == NULL)
		return usage(e, SEE_HELP, "there is no command %s", a->words[0]);
	a->words++;
	a->nwords--;
	for (c = a->group->commands; c->run != NULL; c++) {
		if (c->name == NULL || (a->nwords > 0 && strcmp(c->name, a->words[0]) == 0))
			break;
	}
	if (c->run == NULL) {
		if (asks && a->nwords == 0)
			return 0;
		if (a->nwords == 0)
			err_set(e, R_USAGE, NULL, "certwright %s needs a command", a->group->name);
		else
			err_set(e, R_USAGE, NULL, "there is no command %s %s", a->group->name,
			    a->words[0]);
		return err_hint(e, "certwright %s --help lists its commands", a->group->name);
	}
	a->command = c;
	if (c->name != NULL) {
		a->words++;
		a->nwords--;
	}
	return 0;
}

/* Each option belongs to the command, and stands there once. */
static int
check_options(const struct args *a, struct arena *arena, struct err *e)
{
	const char *name;

	for (size_t i = 0; i < a->ngiven; i++) {
		name = a->given[i].option->name;
		if (find(global_options, name, strlen(name), 0) == NULL &&
		    (a->command == NULL ||
			find(a->command->options, name, strlen(name), 0) == NULL)) {
			err_set(e, R_USAGE, NULL, "--%s is not an option of this command", name);
			return err_hint(e, "%s", usage_line(arena, a->group, a->command));
		}
		for (size_t k = 0; k < i; k++) {
			if (!a->given[i].option->many &&
			    strcmp(a->given[k].option->name, name) == 0)
				return usage(e, SEE_HELP, "--%s is given twice", name);
		}
	}
	return 0;
}

void
words_count(const char *words, size_t *min, size_t *max)
{
	const char *p = words;

	*min = *max = 0;
	while (*p != '\0') {
		*max += 1;
		if (*p != '[')
			*min += 1;
		p += strcspn(p, " ");
		p += strspn(p, " ");
	}
	if (strstr(words, "...") != NULL)
		*max = SIZE_MAX;
}

static int
check_complete(const struct args *a, struct arena *arena, struct err *e)
{
	const struct option *o = a->command->options;
	size_t min, max;

	words_count(a->command->words, &min, &max);
	if (a->nwords < min)
		err_set(e, R_USAGE, NULL, "%s is missing",
		    a->command->words + (a->nwords > 0 ? strcspn(a->command->words, " ") + 1 : 0));
	else if (a->nwords > max)
		err_set(e, R_USAGE, NULL, "%s is one argument too many", a->words[max]);
	for (size_t i = 0; i < a->nwords; i++) {
		if (a->words[i][0] == '\0')
			err_set(e, R_USAGE, NULL, "an argument is empty");
	}
	for (; o != NULL && o->name != NULL; o++) {
		if (o->required && !args_has(a, o->name))
			err_set(e, R_USAGE, NULL, "--%s is missing", o->name);
	}
	if (!err_is_set(e))
		return 0;
	return err_hint(e, "%s", usage_line(arena, a->group, a->command));
}

static int
check_globals(const struct args *a, struct err *e)
{
	bool server = args_has(a, "server");

	if (server && args_has(a, "data-dir"))
		return usage(e, SEE_HELP, "--server and --data-dir exclude each other%s", "");
	if (server && !args_has(a, "token-file"))
		return usage(e, "make one there: certwright token create",
		    "--server needs --token-file%s", "");
	for (size_t i = 0; !server && i < a->ngiven; i++) {
		const char *name = a->given[i].option->name;

		if (strcmp(name, "token-file") == 0 || strcmp(name, "ca-file") == 0 ||
		    strcmp(name, "fingerprint") == 0)
			return usage(e, SEE_HELP, "--%s needs --server", name);
	}
	if (args_has(a, "ca-file") && args_has(a, "fingerprint"))
		return usage(e, SEE_HELP, "--ca-file and --fingerprint exclude each other%s", "");
	return 0;
}

/* What goes into JSON is UTF-8; the name of a file may be anything. */
static int
check_utf8(const struct args *a, struct err *e)
{
	const char *value, *kind;

	for (size_t i = 0; i < a->ngiven; i++) {
		kind = a->given[i].option->value;
		value = a->given[i].value;
		if (kind != NULL && strcmp(kind, "FILE") != 0 && strcmp(kind, "DIR") != 0 &&
		    !utf8_valid(value, strlen(value)))
			return err_set(e, R_TEXT_UTF8, NULL, "--%s is not valid UTF-8 text",
			    a->given[i].option->name);
	}
	for (size_t i = 0; i < a->nwords; i++) {
		if (strstr(a->command->words, "FILE") == NULL &&
		    !utf8_valid(a->words[i], strlen(a->words[i])))
			return err_set(
			    e, R_TEXT_UTF8, NULL, "%s is not valid UTF-8 text", a->words[i]);
	}
	return 0;
}

int
args_parse(struct args *a, struct arena *arena, int argc, char **argv, struct err *e)
{
	bool ended = false, asks;

	memset(a, 0, sizeof(*a));
	a->given = arena_new_array(arena, (size_t)argc + 1, struct given);
	a->words = arena_new_array(arena, (size_t)argc + 1, const char *);
	for (int i = 1; i < argc; i++) {
		if (ended || argv[i][0] != '-' || argv[i][1] == '\0')
			a->words[a->nwords++] = argv[i];
		else if (strcmp(argv[i], "--") == 0)
			ended = true;
		else if (take_option(a, argc, argv, &i, e) < 0)
			return -1;
	}
	asks = args_has(a, "help") || args_has(a, "version") || args_has(a, "completion");
	if (take_command(a, asks, e) < 0)
		return -1;
	if (asks)
		return 0;
	if (check_options(a, arena, e) < 0 || check_globals(a, e) < 0 || check_utf8(a, e) < 0)
		return -1;
	return check_complete(a, arena, e);
}
