/*
 * csr_impl.h - the inside of a CSR, for csr.c and csr_make.c
 */
#pragma once

#include "x509/csr.h"

struct csr {
	struct arena	*arena;		/* holds all texts and the DER */
	unsigned char	*der;
	size_t		 len;
	const unsigned char *spki;	/* into der */
	size_t		 spki_len;
	const unsigned char *info;	/* CertificationRequestInfo, whole: what is signed */
	size_t		 info_len;
	X509_REQ	*req;		/* made when first asked for: libcrypto decodes the key again */
	X509_NAME	*name;		/* these three by csr_parts(); NULL: an ordinary subject */
	STACK_OF(X509_ATTRIBUTE) *attributes;
	X509_ALGOR	*algorithm;
	const unsigned char *sig;
	size_t		 sig_len;
	EVP_PKEY	*key;		/* or NULL: key_fault */
	struct err	 key_fault;
	struct err	 name_fault;	/* of subject or names, if any */
	struct subject	 subject;
	struct san_list	 sans;
	STACK_OF(X509_EXTENSION) *extensions;
	const char	*signature;
	bool		 proof_ok;
};

struct csr *csr_new(void);

/* csr_parts.c: name, attributes and signature algorithm out of the DER. -1:
 * malformed, libcrypto's error tells where. */
int	csr_parts(struct csr *);
/* Extensions and names of them all. R_CSR_* */
int	csr_collect(struct csr *, struct err *);
bool	csr_verify(const struct csr *);
