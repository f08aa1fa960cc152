/*
 * lint_view.h - a TBSCertificate as the rows of the lint look at it
 *
 * Taken apart once, by hand; all pieces are borrowed.
 */
#pragma once

#include "x509/lint.h"
#include "x509/tbs.h"

enum lint_extension {
	EXT_OTHER, EXT_SUBJECT_KEY_ID, EXT_KEY_USAGE, EXT_ALT_NAMES, EXT_BASIC_CONSTRAINTS,
	EXT_NAME_CONSTRAINTS, EXT_CRL_ADDRESS, EXT_POLICIES, EXT_AUTHORITY_KEY_ID,
	EXT_EXTENDED_USAGE, EXT_ACCESS, EXT_NO_CHECK, EXT_KINDS
};
enum lint_purpose {
	FOR_SERVERS = 1, FOR_CLIENTS = 2, FOR_OCSP = 4, FOR_ANY = 8, FOR_OTHER = 16
};
enum lint_key { LINT_KEY_OTHER, LINT_KEY_RSA, LINT_KEY_EC, LINT_KEY_EDWARDS };

/* Key usage: its first eight bits. */
#define USE_SIGN	0x80
#define USE_ENCIPHER	0x20
#define USE_DATA	0x10
#define USE_AGREE	0x08
#define USE_CERT_SIGN	KEY_CERT_SIGN
#define USE_CRL_SIGN	CRL_SIGN

struct lint_view {
	const struct lint_input *in;
	char		 day[DAY_SIZE];
	bool		 parsed;	/* else nothing of the rest is filled in */
	struct tbs	 tbs;
	bool		 distinct;	/* its extensions are well-formed, and no two of a kind */
	bool		 critical_unknown;
	bool		 there[EXT_KINDS], critical[EXT_KINDS];
	struct der	 value[EXT_KINDS];
	bool		 basic_fit, is_ca;
	int		 path_len;	/* -1: none */
	bool		 usage_fit;
	unsigned char	 usage;
	bool		 purposes_fit;	/* well-formed, and at least one */
	unsigned	 purposes;
	bool		 self_issued;
	enum lint_key	 key;
	int64_t		 days;		/* of the life, rounded up: what is begun counts */
};

void	lint_view_of(struct lint_view *, const struct lint_input *);
/* The next attribute of a Name's contents: 1, at the end 0, malformed -1. */
int	lint_attribute(struct der *name, struct der *rdn, struct der *id, unsigned char *tag,
	    struct der *value);
/* Contents of the Name. */
struct der lint_name(const struct der *whole);
/* The names of the certificate, for der_next; empty when there are none. */
struct der lint_names(const struct lint_view *);
bool	lint_is_id(const struct der *id, unsigned char last);	/* 2.5.4.last */
/* Characters of a text of this tag; -1: not of that kind. */
int64_t	lint_characters(unsigned char tag, const struct der *value);
