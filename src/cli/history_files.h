/*
 * history_files.h - what another CA left in a file or folder
 *
 * index.txt, crlnumber and every certificate below, whatever its folder is
 * called; private/ and reqs/ are not looked into, links are not followed, and
 * of a file nothing but its certificates is taken, so that no key leaves it.
 */
#pragma once

#include "cli/cli.h"

struct history_cert {
	const char	*name;		/* of the file, for people */
	const void	*der;
	size_t		 len;
	const char	*serial;	/* as in index.txt, no zeros in front; NULL: unreadable */
};
struct history_index_line {
	const char	*text;		/* without its end */
	size_t		 len, number;
	const char	*serial;	/* NULL: it has none */
	bool		 sent;
};
struct history_files {
	struct history_cert *certs;
	size_t		 ncerts, certs_cap;
	struct history_index_line *lines;	/* in their order */
	struct history_index_line **by_serial;	/* those that have one */
	size_t		 nlines, nserials;
	const char	*crl_number;	/* hex, or NULL */
};

/* Exit code of what was said; 0. All in cli->arena. */
int	history_files(struct cli *, const char *path, struct history_files *);
/* The lines of this serial: the first of *n in by_serial, or NULL. */
struct history_index_line **history_lines_of(const struct history_files *, const char *serial,
	    size_t *n);
