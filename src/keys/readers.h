/*
 * readers.h - hostile files, parsed elsewhere
 *
 * The spawner (certwright-reader, started before the sandbox closes) forks a
 * one-shot, sandboxed reader for each upload and passes a descriptor to it.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"

struct readers;				/* the spawner's socket; thread-safe */

struct readers	*readers_attach(int fd);
void		 readers_detach(struct readers *);

struct reader_file {
	const char	*name;		/* a label for messages, never a path */
	const void	*data;
	size_t		 len;
};
struct reader_object {
	const unsigned char *der;
	size_t		 len;
	const char	*from;		/* "mail.txt, PEM block 2" */
};
struct reader_bundle {
	struct reader_object *certs;	/* in the order found, no duplicates */
	size_t		 ncerts;
	const char	**repairs;	/* "CRLF line ends", "'>' quoting", ... */
	size_t		 nrepairs;
	const char	**notes;	/* "a private key was in it and was ignored" */
	size_t		 nnotes;
};
/*
 * Certificates out of anything that a CA sends: PEM among prose, mail bodies
 * (quoted-printable, base64), DER, PKCS#7, PKCS#12 (passphrase may be NULL),
 * ZIP. All in the arena. Limits of base/limits.h; 10 s, then ERR_LIMIT.
 */
int	readers_bundle(struct readers *, const struct reader_file *, size_t n,
	    const char *passphrase, struct arena *, struct reader_bundle *,
	    struct err *);
