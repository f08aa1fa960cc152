/*
 * bundle.h - certificates out of anything that a CA sends
 */
#pragma once

#include "reader/reader.h"

struct bundle_file {
	const unsigned char	*name, *data;
	size_t			 name_len, len;
};

/* Fills rd->certs, repairs and notes; -1 when there is no certificate. */
int	bundle_read(struct reading *, const struct bundle_file *, size_t n);

/* Any content under a label: decides by its bytes. */
int	bundle_content(struct reading *, const char *from, const unsigned char *, size_t);
/* One DER or BER object of any kind. */
int	bundle_der(struct reading *, const char *from, const unsigned char *, size_t);
/* A certificate; duplicates are taken once. */
int	bundle_cert(struct reading *, const char *from, const unsigned char *, size_t);
/*
 * After a -1: what is only damaged, not dangerous, becomes a note (0), as
 * long as a certificate is found elsewhere; anything else stays a -1.
 */
int	bundle_soften(struct reading *);
void	bundle_note(struct reading *, const char *fmt, ...) PRINTF(2, 3);

/* pkcs7.c, zip.c, mail.c */
int	pkcs7_read(struct reading *, const char *from, const unsigned char *, size_t);
int	zip_read(struct reading *, const char *from, const unsigned char *, size_t);
bool	mail_has_parts(const char *text);
/*
 * Parts with a Content-Transfer-Encoding, wherever they stand: text parts
 * are put back in place (the result), others go to bundle_content.
 */
int	mail_parts(struct reading *, const char *from, const char *text, char **out);
