/*
 * next.h - files of the data directory that take their places at the next start
 *
 * A backup that is put back, a bundle that is imported, a reset: each brings
 * files as next.NAME and then, as the last one, next.plan, which says what
 * becomes of which. The next start does it before anything is opened: what was
 * there goes into a folder of its own, what was brought takes its place. Each
 * step is a rename, and one that a power failure cut short is gone on with.
 */
#pragma once

#include "base/buf.h"
#include "base/err.h"

/* In the order in which they are moved. */
enum next_file {
	NEXT_WAL, NEXT_SHM, NEXT_DATABASE, NEXT_KEK, NEXT_JOURNAL, NEXT_SIGN_JOURNAL,
	NEXT_FILES,
};
enum { NEXT_LEFT, NEXT_TAKEN /* away */, NEXT_BROUGHT };

struct next {
	char	what[96];		/* for people: "the backup 20261126T190102Z" */
	char	aside[48];		/* folder for what is there: "replaced-20261126T190102Z" */
	bool	discard;		/* that folder is removed in the end */
	int64_t	since;			/* what is brought is of this time; 0: it does not matter */
	char	becomes[NEXT_FILES];
};

const char *next_name(enum next_file);		/* "certwright.db" */
const char *next_brought(enum next_file);	/* "next.certwright.db" */
/* aside: named after this time, which is in seconds since 1970. */
void	next_init(struct next *, int64_t at, const char *what);

/* The plan as the file has it. Of parsing, the text is changed. R_NEXT_PLAN */
void	next_text(struct buf *, const struct next *);
int	next_parse(struct next *, char *text, struct err *);

/* `dir`: the data directory, AT_FDCWD when it is the working directory. */

/* A file that is brought, empty and made anew: nobody has it open. What root makes is
 * the keeper's where it has its kek, else the folder's owner's. The descriptor; -1: errno. */
int	next_create(int dir, enum next_file);
/* From here on it is done at the next start; what was brought is on stable
 * storage already. */
int	next_save(int dir, const struct next *, struct err *);
/* 1: there is a plan, 0: none. R_NEXT_PLAN: it is malformed */
int	next_load(int dir, struct next *, struct err *);
/* Nothing happens at the next start; what was brought is removed. */
int	next_cancel(int dir, struct err *);
/* Of one that was carried out and has a time: 1, until it is forgotten. As next_load. */
int	next_done(int dir, struct next *, struct err *);
int	next_forget(int dir, struct err *);
/* At the start, before any file is opened: 1: done, *out says what; 0: nothing to do.
 * R_NEXT_PLAN: it is malformed, or what it brings is missing. */
int	next_apply(int dir, struct next *out, struct err *);
