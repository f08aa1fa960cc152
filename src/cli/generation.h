/*
 * generation.h - a key and its certificate as one folder, old or new and never both
 *
 * DIR/current and DIR/previous are symbolic links to folders gen-*, each with
 * key.pem (0600), cert.pem, chain.pem and fullchain.pem. DIR/key.pem and so on lead
 * through `current`. A new folder is on stable storage before `current` is renamed
 * onto it, so that at every instant it leads to one complete pair.
 */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

struct generation {
	const struct buf *key, *cert, *chain;	/* PEM; chain: the issuers alone */
};

/* DIR, made when it is not there, and its lock: held while *fd is open.
 * R_CONFIG when another run has it. */
int	generation_lock(const char *dir, int *fd, struct err *);
/* Write it and make it the current one; what was it is the previous one then. */
int	generation_put(struct arena *, const char *dir, const struct generation *, struct err *);
/* The previous one is the current one again; without one there is none then.
 * *there: was there one? */
int	generation_back(struct arena *, const char *dir, bool *there, struct err *);
/* Remove the folders that neither link leads to. */
int	generation_prune(struct arena *, const char *dir, struct err *);
