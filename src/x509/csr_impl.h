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
	X509_REQ	*req;		/* made when first asked for */
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
