/*
 * ca_make.h - the certificates of our own authorities (RFC 5280 sections 4.1, 4.2)
 */
#pragma once

#include "x509/constraints.h"
#include "x509/issue.h"
#include "x509/name.h"

struct ca_wish {
	const char	*common_name;	/* at most 64 characters */
	bool		 root;		/* self-issued: the input's issuer is not looked at */
	int		 path_length;	/* -1: none */
	int64_t		 not_after;
	const char	**permitted;	/* dNSName subtrees; then no address is permitted */
	size_t		 npermitted;
	struct der	 below;		/* RDNs before the common name; or empty */
};

#define CA_PERMITTED_MAX 100

/* The Name, DER, of a CA of this common name. Appends. */
void	ca_name(struct buf *, const char *common_name);
/* Replaces `out` by the TBSCertificate of a CA. in->when: notBefore. */
void	ca_tbs(struct buf *out, const struct ca_wish *, const struct issue_input *);
/* The same of a delegated OCSP signer (RFC 6960 section 4.2.2.2): nobody asks
 * whether it is revoked (4.2.2.2.1), its life is short. */
void	ocsp_signer_tbs(struct buf *out, const struct ca_wish *, const struct issue_input *);
/* SHA-1 of the key bits of this SPKI (method 1 of 4.2.1.2). -1: no SPKI. */
int	spki_key_id(const void *spki, size_t, unsigned char out[20]);
/* What a CA's certificate lets it do, into the arena. R_CA_CERT: it is none. */
struct ca_facts {
	const unsigned char *subject;	/* Name, DER */
	size_t		 subject_len;
	const unsigned char *key_id;	/* subjectKeyIdentifier, or made of the key */
	size_t		 key_id_len;
	int		 path_length;	/* -1: none */
	const char	**permitted;	/* dNSName subtrees */
	size_t		 npermitted;
	struct name_limits names;	/* of what it certifies */
	bool		 for_servers, for_clients;	/* of TLS; both without extended key usage */
};
int	ca_facts(struct arena *, X509 *, struct ca_facts *, struct err *);
