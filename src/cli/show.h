/*
 * show.h - answers in words: details, tables and sheets for people, JSON for scripts
 */
#pragma once

#include "cli/cli.h"

struct shown {
	const char	*path;		/* member; "a.b" of an inner object */
	const char	*label;
};
/* Ends with { 0 }. Absent members are left out, null is "-". */
void	show_details(struct cli *, const json_t *, const struct shown *);
/* An aligned table with these columns, a row an element. */
void	show_table(struct cli *, const json_t *array, const struct shown *);
/* --json: the answer. Else details or a table, by `member` (NULL: details). */
int	show(struct cli *, const struct answer *, const char *member,
	    const struct shown *);
void	show_json(struct cli *, const json_t *);
/* Any JSON value in words, without control or bidi control characters. */
char	*show_value(struct arena *, const json_t *);
char	*show_text(struct arena *, const char *);
size_t	show_width(const char *);	/* columns on a terminal */
/* Beside a list that goes on (its answer says "more"), on standard error: how the rest is
 * asked for. how: "--after ", with `member` of the last element behind it (NULL: nothing). */
void	show_more(struct cli *, const struct answer *, const char *list, const char *member,
	    const char *how);
/* One line for people; nothing with --json. */
void	show_line(struct cli *, const char *fmt, ...) PRINTF(2, 3);
/* It waits for a second custodian; `then`: what comes next. EXIT_HELD. */
bool	waits_for_second(const struct answer *);
int	show_held(struct cli *, const struct answer *, const char *then);
/* The disposition sheet; returns the verdict's exit code. */
int	show_sheet(struct cli *, const json_t *);
/* To -o FILE (mode as given), or to standard output. */
int	write_output(struct cli *, const void *, size_t, unsigned mode);
