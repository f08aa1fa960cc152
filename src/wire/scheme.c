/*
 * scheme.c - how a key signs: one number for algorithm, digest and padding
 */
#include "wire/scheme.h"

#define DER(text)                                                                 \
	{                                                                         \
		.data = (const unsigned char *)(text), .len = sizeof(text "") - 1 \
	}

/* AlgorithmIdentifiers of RFC 4055, RFC 5758, RFC 8410 */
static const struct scheme schemes[] = {
	{ SCHEME_RSA_PKCS1_SHA256, "RSA", 256, false,
	    DER("\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b\x05\x00") },
	{ SCHEME_RSA_PKCS1_SHA384, "RSA", 384, false,
	    DER("\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0c\x05\x00") },
	{ SCHEME_RSA_PKCS1_SHA512, "RSA", 512, false,
	    DER("\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0d\x05\x00") },
	{ SCHEME_RSA_PSS_SHA256, "RSA", 256, true, { NULL, 0 } },
	{ SCHEME_RSA_PSS_SHA384, "RSA", 384, true, { NULL, 0 } },
	{ SCHEME_RSA_PSS_SHA512, "RSA", 512, true, { NULL, 0 } },
	{ SCHEME_ECDSA_SHA256, "EC", 256, false,
	    DER("\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02") },
	{ SCHEME_ECDSA_SHA384, "EC", 384, false,
	    DER("\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x03") },
	{ SCHEME_ECDSA_SHA512, "EC", 512, false,
	    DER("\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x04") },
	{ SCHEME_ED25519, "ED25519", 0, false, DER("\x30\x05\x06\x03\x2b\x65\x70") },
};

const struct scheme *
scheme_of_number(uint8_t number)
{
	for (size_t i = 0; i < nitems(schemes); i++)
		if (schemes[i].number == number)
			return &schemes[i];
	return NULL;
}

const struct scheme *
scheme_for(const char *key, unsigned md, bool pss)
{
	for (size_t i = 0; i < nitems(schemes); i++)
		if (strcmp(schemes[i].key, key) == 0 && schemes[i].md == md &&
		    schemes[i].pss == pss)
			return &schemes[i];
	return NULL;
}
