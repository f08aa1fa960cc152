/*
 * purpose.h - what a key may sign: bits, authenticated with its wrapping
 */
#pragma once

enum key_purpose {
	PURPOSE_CSR =		1 << 0,
	PURPOSE_TLS_SERVER =	1 << 1,
	PURPOSE_SELF_SIGNED =	1 << 2,
	PURPOSE_AUDIT =		1 << 3,
	PURPOSE_CERT =		1 << 4,
	PURPOSE_CRL =		1 << 5,
	PURPOSE_OCSP =		1 << 6,
	PURPOSE_SUB_CA =	1 << 7,	/* a permission of a key for cert: CA certificates */
	PURPOSE_DELIVER =	1 << 8,	/* a permission: to go to a target of this host */
};
#define PURPOSE_ALL	(PURPOSE_CSR | PURPOSE_TLS_SERVER | PURPOSE_SELF_SIGNED | PURPOSE_AUDIT | \
			    PURPOSE_CERT | PURPOSE_CRL | PURPOSE_OCSP | PURPOSE_SUB_CA | \
			    PURPOSE_DELIVER)
/* What the keys of a CA are made for. */
#define PURPOSE_ISSUER	(PURPOSE_CSR | PURPOSE_CERT | PURPOSE_CRL)
#define PURPOSE_ROOT	(PURPOSE_ISSUER | PURPOSE_SUB_CA)	/* an intermediate CA, too */
