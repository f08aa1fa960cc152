/*
 * bundle.h - the security bundle: a whole installation in one encrypted file
 *
 * A ZIP file whose members are CMS AuthEnvelopedData (RFC 5083): a key under the
 * passphrase (RFC 5652 section 6.2.4); under this key a manifest, and each file in
 * parts (section 6.2.3). docs/bundle.md has the format, and how to open it without us.
 */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "base/next.h"

#define BUNDLE_PART	  (32u << 20) /* bytes of a file in one member */
#define BUNDLE_PASSPHRASE 12	      /* bytes at least: it opens every key */
#define BUNDLE_KEY	  32	      /* bytes */
#define BUNDLE_FILES	  4

struct bundle_file {
	enum next_file	 file;
	int		 fd;		/* to read from; -1 when there is none */
	uint64_t	 size;		/* bytes from its beginning that belong to it */
	unsigned char	 sha256[32];
};

struct bundle {
	char		 made[24];	/* "2026-11-27T03:12:00Z" */
	char		 instance[64];	/* of the installation */
	unsigned char	 key[BUNDLE_KEY];	/* whoever has it is to wipe it */
	struct bundle_file files[BUNDLE_FILES];
};

/* For each: `out` grows. R_SECURITY_BUNDLE_DAMAGED */
int	bundle_seal(const void *, size_t, const unsigned char key[BUNDLE_KEY],
	    struct buf *out, struct err *);
int	bundle_open(const void *, size_t, const unsigned char key[BUNDLE_KEY],
	    struct buf *out, struct err *);
/* The key itself, in hex. R_SECURITY_BUNDLE_PASSPHRASE: a wrong one */
int	bundle_seal_key(const unsigned char key[BUNDLE_KEY], const char *passphrase,
	    struct buf *out, struct err *);
int	bundle_open_key(const void *, size_t, const char *passphrase,
	    unsigned char key[BUNDLE_KEY], struct err *);

/* "kek.1.cms": the member of this part of a file, counted from 1. */
const char *bundle_member(char out[64], enum next_file, uint64_t part);
uint64_t bundle_parts(uint64_t size);
/* The manifest as text. Malloc'd. */
char	*bundle_manifest(const struct bundle *);
int	bundle_take_manifest(struct bundle *, const char *, size_t, struct err *);

/* Files that may grow: `size` bytes of each count. A key is made, digests are filled
 * in. Mode 0600, on stable storage, whole or not there; one that is there already stays. */
int	bundle_write(const char *path, struct bundle *, const char *passphrase,
	    struct err *);
/* What it says of itself, and that the passphrase opens it.
 * R_SECURITY_BUNDLE_PASSPHRASE, R_SECURITY_BUNDLE_DAMAGED, R_SECURITY_BUNDLE_NONE: no bundle */
int	bundle_look(const char *path, const char *passphrase, struct bundle *, struct err *);
/*
 * Of one that was looked at, all is opened and compared with its digests. `dir`: the
 * data directory, where it is left for the next start (next_brought) with its owner;
 * -1: nowhere. As bundle_look.
 */
int	bundle_read(const char *path, const struct bundle *, int dir, struct err *);
