/*
 * items.h - the single things that a request asks or a certificate says
 *
 * One list for both, under the names of the disposition records, so that
 * asking and granting are compared like with like. Each item stands once.
 */
#pragma once

#include "x509/csr.h"

struct item {
	const char	*name;		/* "subject.O", "san.dns:...", "ku.keyAgreement" */
	const char	*value;		/* raw UTF-8; NULL: never shown */
	const char	*fault;		/* malformed, in words, or NULL */
	const struct san *san;		/* the alternative name, or NULL */
	unsigned	 times;		/* how often it was said */
};

struct items {
	struct arena	*arena;
	struct item	*v;
	size_t		 n, cap;
};

void	items_of_request(struct arena *, const struct csr *, struct items *);
/* What the items of a certificate are made of; all borrowed. */
struct cert_parts {
	const struct subject *subject;
	const struct san_list *sans;
	const STACK_OF(X509_EXTENSION) *extensions;
	const char	*key, *key_size;	/* values of these two items */
	const char	*signature;
	int64_t		 not_before, not_after;
};
/* The alternative names among them, each as in sans_of; the list is kept by items. */
struct san_list *sans_of_extensions(struct arena *, const STACK_OF(X509_EXTENSION) *);
void	items_of_parts(struct arena *, const struct cert_parts *, struct items *);
/* The names of the certificate are at most LIMIT_SANS (cert_parse). */
void	items_of_certificate(struct arena *, X509 *, struct items *);
/* "ku.digitalSignature" ... in the order of the bits (RFC 5280 4.2.1.3). */
#define KEY_USAGES 9
extern const char *const key_usage_items[KEY_USAGES];

/* Is it this one ("subject.OU"), or a later one of its type ("subject.OU#2")? */
bool	item_is(const struct item *, const char *name);
struct item *items_find(const struct items *, const char *name);

/* "sha256WithRSAEncryption", or a dotted OID */
const char *algorithm_text(struct arena *, const X509_ALGOR *);
/* Days of a life whose last second counts (BR 6.3.2), rounded down. */
int64_t	life_days(int64_t not_before, int64_t not_after);
int64_t	asn1_seconds(const ASN1_TIME *);	/* INT64_MIN: malformed */
