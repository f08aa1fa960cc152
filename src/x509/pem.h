/*
 * pem.h - text armour (RFC 7468)
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"

/* "-----BEGIN label-----", lines of 64, in the arena. */
char	*pem_encode(struct arena *, const char *label, const void *der, size_t len);

/* One block of a text: label and contents borrowed from it, still in base64. */
struct pem_block {
	const char	*label;
	size_t		 label_len;
	const char	*body;
	size_t		 body_len;
};
/* The next block: 1 found (*text moves behind it), 0 none, -1 no END line. */
int	pem_next(const char **text, size_t *len, struct pem_block *);
bool	pem_label_is(const struct pem_block *, const char *label);
/* Contents of a block: -1 when its base64 is malformed. */
int	pem_decode(struct arena *, const struct pem_block *, unsigned char **, size_t *);
