/*
 * op_own.h - our own authorities, ready to sign
 *
 * Kept in memory, so that issuing reads nothing of the database, and made anew
 * when one of them changes. What an operation holds stays valid for as long as
 * an operation can last.
 */
#pragma once

#include "op/op_authority.h"
#include "x509/ca_make.h"

struct own {
	struct card	 card;		/* its id is the authority's name; card.own is this */
	char		 ca[ID_SIZE];	/* the CA certificate that signs now */
	const unsigned char *der;
	size_t		 der_len;
	const unsigned char *chain;	/* issuers above it, DER one after another, root last */
	size_t		 chain_len;
	struct ca_facts	 facts;
	struct issuer_limits limits;
	EVP_PKEY	*key;		/* signs certificates; the keeper holds it */
	EVP_PKEY	*public_key;	/* what is signed is verified with it */
	const struct signing *signing;
	const char	*crl_url, *ocsp_url, *issuer_url;	/* NULL: no address is known */
	const struct own *root;		/* signs certificates of CAs; NULL: its key is not here */
	int64_t		 shards;	/* parts of the CRL that certificates name; 0: none */
	const char	**shard_urls;	/* of each, from shard 1 on */
};

/* Which part of the CRL a certificate of this serial names; 0: the full one. */
static inline int64_t
own_shard(const struct own *o, const unsigned char *serial)
{
	return o->shards == 0 ? 0 : 1 + (serial[14] << 8 | serial[15]) % o->shards;
}

static inline const char *
own_crl_url(const struct own *o, int64_t shard)
{
	return shard == 0 ? o->crl_url : o->shard_urls[shard - 1];
}

/* Read them all again: at the start, and after a change was committed. */
int	op_owns_load(struct ctx *);
/* All of them, by name; they are the system's, and sign for each tenant. Borrowed for
 * this operation. */
const struct own *op_owns(struct ctx *, size_t *n);
/* Who signs under this profile: for a CA the root, else what issues. Without a root
 * the latter, whose limits then refuse. */
const struct own *own_signer(const struct own *, const struct profile *);
/* What it puts into a certificate for this key; the serial number is still to come. */
struct issue_input;
void	own_input(const struct own *, const struct csr *, int64_t when, struct issue_input *);
/* NULL: there is none of this name that can sign. */
const struct own *op_own_find(struct ctx *, const char *name);
