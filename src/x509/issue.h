/*
 * issue.h - the sheet becomes a certificate (RFC 5280 section 4.1)
 *
 * The sheet of examine() is the plan of the TBSCertificate: each granted
 * value is put there and nothing else, but for what the authority itself
 * decides (serial, issuer, algorithm). Whether the plan and the certificate
 * are the same is checked on the certificate's own bytes before it is signed.
 */
#pragma once

#include <openssl/x509.h>

#include "base/buf.h"
#include "x509/disposition.h"
#include "x509/name.h"
#include "x509/signing.h"

#define SERIAL_SIZE 16			/* 128 random bits, from the keeper */

struct issue_input {
	const unsigned char *issuer;	/* Name, DER: the subject of the issuing CA */
	size_t		 issuer_len;
	const unsigned char *key_id;	/* its subjectKeyIdentifier */
	size_t		 key_id_len;
	const struct signing *signing;	/* how its key signs */
	unsigned char	 serial[SERIAL_SIZE];
	int64_t		 when;		/* notBefore */
	const unsigned char *spki;	/* of the subject, DER */
	size_t		 spki_len;
	/* addresses of the authority; NULL: none */
	const char	*crl_url, *ocsp_url, *issuer_url;
};

/* Can an item of this name be put into a certificate here? */
bool	issue_can(const char *item);
/* Is it the authority's to decide, so that a profile may add it and not grant it? */
bool	issue_decides(const char *item);
/* What the authority itself adds goes onto the sheet first: addresses. */
void	issue_plan(struct sheet *, const struct issue_input *);
/* Replaces `out` by the TBSCertificate. R_ISSUE_PLAN: a value that does not fit. */
int	issue_tbs(struct buf *out, const struct sheet *, const struct issue_input *,
	    struct err *);
/*
 * A TBSCertificate taken apart. The key is not decoded: its bytes are compared,
 * and libcrypto would try every decoder on them.
 */
struct tbs_parts {
	STACK_OF(X509_EXTENSION) *extensions;	/* owned: tbs_parts_clear */
	struct subject	 subject;	/* in the arena, as all below */
	struct san_list	 sans;
	const char	*serial;	/* hex */
	const char	*signature;
	int64_t		 not_before, not_after;
	const unsigned char *spki;	/* whole */
	size_t		 spki_len;
};
/* -1: it is none. */
int	tbs_parts_read(struct arena *, const void *tbs, size_t, struct tbs_parts *);
void	tbs_parts_clear(struct tbs_parts *);
static inline void
auto_clear_tbs(struct tbs_parts *p)
{
	tbs_parts_clear(p);
}
/* AUTO_TBS struct tbs_parts p = { 0 }; */
#define AUTO_TBS	__attribute__((cleanup(auto_clear_tbs)))
/*
 * Is this TBSCertificate what the sheet says, to the last item? Fills in what
 * was decided while building ("by the authority"), and the parts. R_ISSUE_PLAN
 * names the item.
 */
int	issue_check(struct sheet *, const struct buf *tbs, const struct issue_input *,
	    struct tbs_parts *, struct err *);
