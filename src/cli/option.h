/*
 * option.h - the table of commands and options, and who reads it
 *
 * Parsing, usage, --help and the completion come from these rows; each
 * cmd_*.c has those of its group, commands.c lists the groups. An option's
 * name has the same kind of value wherever it appears (a test checks it), so
 * options may stand anywhere, before the command too.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"

struct cli;

struct option {
	const char	*name;		/* without dashes */
	char		 letter;	/* 'o' for -o, or 0 */
	bool		 many;		/* may be given more than once */
	bool		 required;
	const char	*value;		/* "FILE"; NULL for a switch */
	const char	*choices;	/* "a|b|c" for the completion, or NULL */
	const char	*help;
};

struct command {
	const char	*name;		/* "regenerate"; NULL: the group itself */
	const char	*words;		/* "", "FILE", "[ID]", "FILE..." */
	const struct option *options;	/* ends with { 0 }; NULL for none */
	int		(*run)(struct cli *);	/* returns the exit code */
	const char	*help;
};

struct group {
	const char	*name;
	const char	*help;
	const struct command *commands;	/* ends with { 0 } */
};

extern const struct group *const groups[];	/* ends with NULL */
extern const struct option global_options[];	/* ends with { 0 } */

struct given {
	const struct option *option;
	const char	*value;		/* "" for a switch */
};

struct args {
	const struct group *group;	/* NULL only with --help, --version */
	const struct command *command;
	struct given	*given;
	size_t		 ngiven;
	const char	**words;	/* after the command */
	size_t		 nwords;
};

/* R_USAGE with a hint. With --help, --version or --completion the command
 * may be missing, and neither words nor required options are checked. */
int	args_parse(struct args *, struct arena *, int argc, char **argv, struct err *);
/* The (first) value of an option, or NULL when not given. */
const char *args_value(const struct args *, const char *name);
bool	args_has(const struct args *, const char *name);
/* What `words` asks for; *max is SIZE_MAX for "FILE...". */
void	words_count(const char *words, size_t *min, size_t *max);

/* help.c. group, command: NULL for the level above. The texts end with \n. */
char	*help_text(struct arena *, const struct group *, const struct command *);
char	*usage_line(struct arena *, const struct group *, const struct command *);
char	*completion_text(struct arena *);	/* bash */
