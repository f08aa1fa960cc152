/*
 * op_pki.h - what relying parties fetch: CRLs, OCSP answers, CA certificates
 *
 * Made when they are asked for and older than they should be, by one thread
 * while others wait for it, and kept until something changes.
 */
#pragma once

#include "base/buf.h"
#include "base/ctx.h"

#define CRL_LIFE	(7 * 86400)	/* nextUpdate - thisUpdate, seconds */
#define CRL_LAST_LIFE	(365 * 86400)	/* of the last one before a root's key goes offline */
#define CRL_FRESH	86400		/* a new one at the latest after that */
#define DELTA_LIFE	(2 * 86400)	/* as CRL_LIFE, of a delta */
#define OCSP_LIFE	(3 * 86400)
#define OCSP_FRESH	(12 * 3600)

/*
 * The addresses that certificates of this CA carry, in the arena; NULL each
 * when neither --http-url nor --http-listen says where they would be.
 */
int	pki_addresses(struct ctx *, struct arena *, const char *ca, const char **crl,
	    const char **ocsp, const char **issuer);
/* "http://host:port" in front of them all, or NULL. */
const char *pki_base(struct ctx *, struct arena *);
/*
 * A list of a CA. shard 0: of all of its certificates, 1 and up: of those that
 * name this one; delta: only what changed since an older one (RFC 5280 5.2.4).
 */
#define SHARDS_MAX	64
struct crl_which {
	const char	*ca;
	int64_t		 shard;
	bool		 delta;
};
const char *pki_crl_address(struct arena *, const char *base, const struct crl_which *);
/* "/crl/ID.crl", "/crl/ID.2.delta.crl" and the like. False: it is no such path. */
bool	pki_crl_path(const char *path, char ca[ID_SIZE], struct crl_which *);
/* After the commit: what was said of this certificate is true no more. */
void	pki_changed(const char *ca, const char *serial, int64_t shard);

void	crl_changed(const char *ca, int64_t shard);	/* op_crl.c */
void	crl_all_changed(const char *ca);
/* The lists that stand for this CA while its key is away. */
int	crl_make_last(struct ctx *, const char *ca);

struct pki_answer {
	struct buf	*out;		/* given; replaced by the DER */
	int64_t		 fresh_until;	/* may be kept by caches until then */
};
int	op_crl(struct ctx *, const struct crl_which *, struct pki_answer *);
int	op_ca_der(struct ctx *, const char *ca, struct pki_answer *);
/*
 * An OCSPResponse (RFC 6960) to this OCSPRequest, DER. A request that is
 * malformed or not for this CA gets an answer that says so, without signature;
 * -1 with cx->err: there is no such CA, or nothing can be signed.
 */
int	op_ocsp(struct ctx *, const char *ca, const void *request, size_t, struct pki_answer *);
