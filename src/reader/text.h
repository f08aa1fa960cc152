/*
 * text.h - text as mail, editors and chat deform it, and the PEM within
 */
#pragma once

#include "reader/reader.h"

/*
 * UTF-8 text with LF line ends, in the arena, NUL-terminated; false when the
 * bytes are not text. Byte order marks, UTF-16 and CR are mended.
 */
bool	text_prepare(struct reading *, const void *, size_t, char **, size_t *);
bool	text_is_html(const char *);
/* Base64 and nothing else, decoded; false if it is not. */
bool	text_bare_base64(struct reading *, const char *, unsigned char **, size_t *);

struct pem_block {
	const char	*label;		/* "CERTIFICATE" */
	enum asn1_kind	 kind;		/* by label; KIND_UNKNOWN: content decides */
	const char	*headers;	/* "Proc-Type: ..." lines, or NULL */
	unsigned char	*der;
	size_t		 len;
	enum { PEM_GOOD, PEM_CUT, PEM_BASE64 } fault;
};
/* The next block at or after *at; false at the end. All in the arena. */
bool	pem_next(struct reading *, const char **at, struct pem_block *);
bool	pem_any(const char *text);		/* is there a BEGIN line? */
int	pem_fault(struct reading *, struct err *, const struct pem_block *,
	    const char *what);

/* Quoted-printable of a whole text (RFC 2045 section 6.7), lenient. */
char	*mail_unquote(struct arena *, const char *, size_t, size_t *);
