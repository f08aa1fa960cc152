/*
 * op_compromised.h - keys whose private half others have
 *
 * Marked once, a key is refused on every path and in every tenant for good
 * (op_weak.h): in no CSR, no import, no certificate that is installed. What is
 * served stays, until a certificate with another key is installed; Attention
 * says so. There is no way back: what is known does not become unknown.
 */
#pragma once

#include "store/store.h"

struct compromised {
	struct compromised_row row;
	char		 key[ID_SIZE];		/* of this tenant, or "" */
};

/* A key that is here. note: NULL or "": none. Marked already: as it was. */
int	op_compromised_key(struct ctx *, const char *id, const char *note, struct compromised *);
/* That of a public key, a CSR or a certificate: PEM, one block. R_COMPROMISED_FILE */
int	op_compromised_pem(struct ctx *, const char *pem, const char *note, struct compromised *);
