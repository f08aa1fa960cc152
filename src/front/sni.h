/*
 * sni.h - which certificate for which name (RFC 6066 3, RFC 6125 6.4.3)
 *
 * A listener that presents one pair to whoever does not say what he wants, and
 * those of the identities to who does: the exact name, else the wildcard that
 * covers it. Of two identities with one name the later one has it; a tenant's never
 * stands before one of the system. All of it is safe from any thread.
 */
#pragma once

#include <openssl/ssl.h>

#include "base/text.h"
#include "op/house.h"

#define SNI_OPEN	16384	/* pairs kept parsed, some 9 KiB each; others are bytes */

struct sni;

/* open: so many pairs are kept parsed, at least 1. */
struct sni *sni_new(size_t open);
void	sni_free(struct sni *);
/* In place of what the identity had. It is read when somebody asks for it. */
void	sni_put(struct sni *, const struct sni_offer *);
void	sni_remove(struct sni *, const char *identity);
/* Is the certificate of this SHA-256 the identity's, with a name that leads to it? */
bool	sni_presents(struct sni *, const char *identity, const unsigned char sha256[32]);
/* For SSL_CTX_set_cert_cb: the pair of the name that was asked for, or what the
 * context has. Always 1. */
int	sni_choose(SSL *, void *sni);
/* Whose it would choose for this name; false: nobody's. */
bool	sni_leads(struct sni *, const char *name, char identity[ID_SIZE]);
