/*
 * key.h - a private key from DER, and what is said of files that hold none
 */
#pragma once

#include "reader/reader.h"

/* ---- key_decode.c ------------------------------------------------------- */
/* DER of a known kind -> key. Caller frees. */
int	key_of_der(struct reading *, enum asn1_kind, const unsigned char *,
	    size_t, EVP_PKEY **);
/* A kind that is supported, and its parts belong together. */
int	key_supported(struct reading *, EVP_PKEY *);

/* ---- key_fault.c -------------------------------------------------------- */
int	key_malformed(struct reading *, const char *what);
int	key_unsupported(struct reading *, const char *what);
/* R_FILE_ITERATIONS when the passphrase check of this DER costs too much. */
int	key_cost(struct reading *, const unsigned char *, size_t);
int	reader_passphrase_needed(struct reading *, const char *what);
/* After a failed decryption: wrong passphrase, or a cipher unknown here. */
int	reader_passphrase_failed(struct reading *, const char *what);
/* A file that holds no key: the message for what it is. */
int	key_refuse_kind(struct reading *, unsigned kinds);
