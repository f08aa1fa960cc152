/*
 * requested.h - requests for extensions: attributes of a CSR, in two dialects
 *
 * PKCS #9 (RFC 2985 section 5.4.2) and Microsoft's, which mean the same. What a
 * CSR says twice in different words, parsers take differently.
 */
#pragma once

#include <stdbool.h>

#include <openssl/x509.h>

/* Does this attribute ask for extensions? */
bool	attribute_asks(const X509_ATTRIBUTE *);
/* Attribute i says, to the byte, what the other dialect's says. */
bool	request_repeats(const STACK_OF(X509_ATTRIBUTE) *, int i);
/* What is wrong with attribute i of any kind, in words, or NULL. */
const char *attribute_fault(const STACK_OF(X509_ATTRIBUTE) *, int i);
/* The value, which is one whole element of strict DER; else NULL. For X509V3_EXT_d2i
 * what follows the element is no fault. */
void	*extension_read(const X509_EXTENSION *);
