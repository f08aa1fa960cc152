/*
 * house.h - what all threads share while the daemon runs
 *
 * Made once by certwrightd before the threads start. The front gives the
 * functions that reach down into the listeners; operations call them.
 */
#pragma once

#include <stdatomic.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/ctx.h"
#include "keys/keys.h"

struct tls_slot;			/* front/tls.h: the pair that listeners present */
struct sni;				/* front/sni.h: which certificate for which name */
struct fetcher;				/* fetch/fetch.h: asks outside */

/* What an identity presents for its names; bytes and texts of the caller. */
struct sni_offer {
	const char	*identity;	/* id */
	bool		 guest;		/* of a tenant: the system's names stand before its */
	const char	*names;		/* of the certificate, one a line */
	unsigned char	 sha256[32];	/* of the certificate */
	const void	*leaf, *chain, *blob, *spki;	/* DER; issuers one after another */
	size_t		 leaf_len, chain_len, blob_len, spki_len;
};

struct house {
	const char	*replaced;	/* what took the place of the data directory's files, or NULL */
	struct weak_house *weak;	/* op_weak.h */
	X509		*license_key;	/* who signs licences; NULL: nobody */
	struct cards	*cards;		/* op_authority.h */
	struct owns	*owns;		/* op_own.h: our own authorities */
	struct approvals *approvals;	/* op_approval.h */
	struct known	*known;		/* known.h: bearer tokens; NULL: none are kept */
	struct fetcher	*fetcher;	/* NULL in tests: R_FETCH_GONE */
	struct deliveries *deliveries;	/* op_deliver.h */
	struct clients	*clients;	/* op_client.h; NULL in tests */
	struct doors	*doors;		/* op_doors.h; NULL in tests: all is served everywhere */
	struct checks	*checks;	/* op_check.h; NULL in tests */
	struct renewals	*renewals;	/* op_renew.h; NULL in tests: nothing is renewed */
	atomic_uint	 hsts;		/* op_hsts.h */
	struct tls_slot	*tls;
	/*
	 * Swap the served pair in all listeners and loops at once: old or new
	 * complete pair at every instant (P5). Takes its own references.
	 */
	int		(*serve)(struct tls_slot *, X509 *leaf,
			    STACK_OF(X509) *chain, EVP_PKEY *, struct err *);
	/* Could it? R_TLS, and nothing is changed. */
	int		(*serve_check)(X509 *leaf, STACK_OF(X509) *chain, EVP_PKEY *,
			    struct err *);
	/* Do the listeners present the certificate of this SHA-256 now? */
	bool		(*serves)(struct tls_slot *, const unsigned char sha256[32]);
	/* To clients that ask for one of these names, in place of what the identity
	 * had. It was checked: it is read when it is asked for. */
	struct sni	*sni;
	void		(*present)(struct sni *, const struct sni_offer *);
	/* Which identity's for this name? false: the portal's. */
	bool		(*leads)(struct sni *, const char *name, char identity[ID_SIZE]);
	void		(*withdraw)(struct sni *, const char *identity);
	bool		(*presents)(struct sni *, const char *identity,
			    const unsigned char sha256[32]);
	const unsigned char *audit_blob;	/* key of the audit heads */
	size_t		 audit_blob_len;
	const unsigned char *audit_spki;
	size_t		 audit_spki_len;
	const char	*instance;	/* id of this installation */
	const char	**addresses;	/* "127.0.0.1:8443" as bound */
	size_t		 naddresses;
	const char	*sandbox;	/* level reached, in words */
	bool		 no_sandbox;
	int64_t		 started_at;
};
