/*
 * limits.h - the size of everything that a stranger controls, in one place
 *
 * Sizes are bytes as read, before any decoding. P31: no input up to
 * LIMIT_BODY costs a long-lived process more than 50 ms or 32 MiB.
 */
#pragma once

#define LIMIT_BODY		(1024 * 1024)	/* any HTTP body */
#define LIMIT_BODIES		(64 * 1024 * 1024)	/* in all, of what each has above LIMIT_CSR */
#define LIMIT_CSR		(64 * 1024)	/* CSR or single PEM file */
#define LIMIT_BUNDLE		(256 * 1024)	/* bundle, PKCS#12, ZIP */
#define LIMIT_FILES		16		/* files in one upload */
#define LIMIT_HEADERS		64
#define LIMIT_HEADER_BYTES	(16 * 1024)
#define LIMIT_PATH		1024
#define LIMIT_FORM_FIELDS	64
#define LIMIT_JSON_DEPTH	32
#define LIMIT_JSON_VALUES	10000
#define LIMIT_PEM_OBJECTS	32
#define LIMIT_ASN1_DEPTH	32
#define LIMIT_SANS		1000		/* hard; a policy asks for 100 */
#define LIMIT_SANS_FORM		100
#define LIMIT_CHAIN		8		/* certificates above the leaf */
#define LIMIT_PBE_ITERATIONS	1000000
#define LIMIT_RSA_MIN		2048
#define LIMIT_RSA_MAX_CSR	4096
#define LIMIT_RSA_MAX_CHAIN	8192
#define LIMIT_ZIP_ENTRIES	32
#define LIMIT_PASSPHRASE	1024
#define LIMIT_PASSWORD		1024
#define LIMIT_LICENSE		(16 * 1024)	/* a licence, CMS in DER */
#define LIMIT_LICENSE_TEXT	"16 kB"
#define LIMIT_BANNER		2000	/* characters */
#define LIMIT_NAME		64		/* account, identity, token names */
#define LIMIT_LOGIN		128		/* name@tenant */
#define LIMIT_CLAIMS		200		/* names that a tenant says are its own */
#define LIMIT_DNS_NAME		253
#define LIMIT_DNS_LABEL		63
#define LIMIT_BLOCKED_KEYS	1000000		/* in weak-keys/spki-sha256 */
#define LIMIT_MODULI		100000		/* RSA moduli that are remembered */
#define LIMIT_CARD		(128 * 1024)	/* a capability card */
#define LIMIT_CARDS		100
#define LIMIT_OCSP		(4 * 1024)	/* an OCSP request */
#define LIMIT_HISTORY_FILES	50		/* certificates of another CA in one request */
#define LIMIT_HISTORY_LINES	500		/* of its index.txt */
#define LIMIT_CONNECTIONS	4096
#define LIMIT_SOURCE		3072		/* of these, from one source */
#define LIMIT_PLAIN		1024		/* connections to --http-listen */
#define LIMIT_PLAIN_SOURCE	512		/* of these, from one source */
#define LIMIT_WORKERS		256
#define RENEW_AT_ONCE_MAX	16
