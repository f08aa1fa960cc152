/*
 * reader.h - one request to a one-shot reader, and what its parts share
 *
 * A reader answers one question about files that a stranger made: "which
 * private key is in it?" (from the keeper) or "which certificates?" (from the
 * front), and ends. Nothing here opens a file, and no answer holds anything
 * of a private key but the one that was asked for.
 */
#pragma once

#include <openssl/evp.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "reader/asn1.h"

#define READER_KEY	'K'
#define READER_BUNDLE	'B'

/* Frame limits (PROTOCOL.keeper): a request is a body and its labels. */
#define READER_REQUEST_MAX	(LIMIT_BODY + 64 * 1024)
#define READER_NAME_MAX		255

struct passphrase {
	const char	*text;		/* NULL: none was given; NUL-terminated */
	int		 len;
};

struct found_cert {
	const unsigned char *der;
	size_t		 len;
	const char	*from;
};

struct reading {
	struct err	 err;
	struct arena	*arena;
	const char	*field;		/* "file" or "files": where faults stand */
	struct passphrase passphrase;
	/* bundles */
	struct found_cert certs[LIMIT_PEM_OBJECTS];
	size_t		 ncerts;
	unsigned	 objects;	/* of any kind, across all files */
	unsigned	 kinds;		/* 1 << enum asn1_kind: what else was there */
	unsigned	 repairs;	/* 1 << enum repair */
	const char	*notes[LIMIT_PEM_OBJECTS];
	size_t		 nnotes;
	struct err	 damage;	/* first thing that was left out, if any */
	bool		 in_zip;	/* a ZIP in a ZIP is not opened */
};

/* What had to be mended, said once each, in this order. */
enum repair {
	REPAIR_UTF16, REPAIR_BOM, REPAIR_CRLF, REPAIR_CR, REPAIR_QUOTES,
	REPAIR_SPACES, REPAIR_QP, REPAIR_BASE64, REPAIR_DASHES, REPAIR_ESCAPES,
	REPAIR_LINES, REPAIR_PROSE, REPAIR_NO_PEM, REPAIR_TRUST, REPAIR_COUNT
};
const char *repair_text(enum repair);

static inline void
repaired(struct reading *rd, enum repair r)
{
	rd->repairs |= 1u << r;
}

/*
 * What needs files, so before the sandbox, and once: an own library context
 * with the default and the legacy provider becomes this thread's default
 * one; the time zone (libzip asks for it) and jansson's hash seed are set.
 */
int	reader_prepare(struct err *);

/* A request's payload -> answer's payload; never fails: a refusal is one. */
void	reader_answer(char kind, const void *request, size_t, struct buf *answer);

/* A reader's life: one request from `fd`, one answer, the end. */
_Noreturn void reader_run(int fd, char kind, bool sandbox);

/* A label for messages out of a file name as given: no control characters. */
const char *reader_label(struct arena *, const unsigned char *, size_t,
	    const char *otherwise);
/* One more object of any kind; R_FILE_MANY beyond LIMIT_PEM_OBJECTS. */
int	reader_count(struct reading *);

/* ---- key.c -------------------------------------------------------------- */
/* The one private key in `data`: unencrypted PKCS#8 DER is put into `out`. */
int	key_read(struct reading *, const void *data, size_t, struct buf *out,
	    const char **found);

/* ---- jwk.c -------------------------------------------------------------- */
bool	jwk_looks_like(const unsigned char *, size_t);
int	jwk_read(struct reading *, const unsigned char *, size_t, EVP_PKEY **);

/* ---- pkcs12.c ----------------------------------------------------------- */
struct pkcs12_content {
	EVP_PKEY	*keys[2];	/* the first two; caller frees */
	size_t		 nkeys;
	X509		*certs[LIMIT_PEM_OBJECTS];	/* caller frees */
	size_t		 ncerts;
};
void	pkcs12_content_clear(struct pkcs12_content *);
/* want_keys: open the keys; otherwise they are only counted. */
int	pkcs12_read(struct reading *, const unsigned char *, size_t,
	    bool want_keys, struct pkcs12_content *);
