/*
 * fuzz_ca.h - CAs whose keys and certificates are the same each time
 */
#pragma once

#include <openssl/x509v3.h>

#include "base/buf.h"

/* The Ed25519 key whose private bytes are 2, 0, 0, ...: caller frees. */
EVP_PKEY *fuzz_key(void);
/*
 * A CA's certificate (DER) of this key and name, valid until 2040; constraints
 * as X509V3_EXT_conf says it, NULL for none.
 */
void	fuzz_ca(struct buf *out, const char *name, const char *basic, const char *constraints);
