/*
 * exec_list.h - the programs that may be run after a certificate was put in place
 *
 * A text file of the host's administrator, one program a line: a name, white
 * space, an absolute path, arguments. No quotes and no backslashes: there is no
 * shell that would read them. '#' begins a comment line.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"

#define EXEC_LIST_FILE	"/etc/certwright/exec-list"
#define EXEC_LIST_MAX	((size_t)64 * 1024)
#define EXEC_ARGS_MAX	32	/* words of one program, its path among them */
#define EXEC_NAME_MAX	64
#define EXEC_TIMEOUT_S	60

/* argv of `name`, ends with NULL, in the arena. The whole text is judged, not that
 * line alone. R_CONFIG with the line's number, or when the name is not there. */
int	exec_list_find(struct arena *, const char *text, size_t len, const char *name,
	    char ***argv, struct err *);
/* The same of a file: regular, of root or of the caller, writable by nobody else. */
int	exec_list_load(struct arena *, const char *path, const char *name, char ***argv,
	    struct err *);
/*
 * Run it: empty environment, standard input empty, what it prints on standard
 * error, no other descriptor; it and its children are killed after `seconds`.
 * 0 when it ended with 0; else -1, and *why is one line.
 */
int	exec_run(struct arena *, char *const *argv, int seconds, const char **why);
