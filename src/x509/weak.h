/*
 * weak.h - between weak.c and its lists
 */
#pragma once

#include "base/buf.h"
#include "x509/keyspec.h"

/* Name of the published example key with this SPKI hash, or NULL. */
const char *published_key(const unsigned char spki_sha256[SPKI_SHA256_SIZE]);

/* Is this hash (10, 20 or 32 bytes) in a list of the site? */
bool	weak_listed(struct weak_lists *, const unsigned char *hash, size_t len);

/* ---- blocked.c: SPKI hashes, each with the reason that the site gave ------- */
#define BLOCKED_NOTE_SIZE	201	/* bytes, with NUL */
struct blocked {
	struct buf entries;		/* sorted: the hash, and where its note begins */
	struct buf notes;		/* ended by NUL each */
};
/* Lines "HASH" or "HASH NOTE", empty ones, and such that begin with #.
 * R_WEAK_LIST: message and line number; the caller names the file. */
int	blocked_parse(struct blocked *, const char *text, size_t len, struct err *);
void	blocked_clear(struct blocked *);
/* Its note (perhaps ""), borrowed; NULL: it is not blocked. */
const char *blocked_find(const struct blocked *, const unsigned char spki_sha256[SPKI_SHA256_SIZE]);
