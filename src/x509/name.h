/*
 * name.h - what a certificate names: subject attributes and SANs
 *
 * Pure functions: no I/O. Names from people are checked here, on one path,
 * for portal, API and CLI (RFC 5280 upper bounds in characters; RFC 1123,
 * RFC 5890 for DNS names; ISO 3166 for the country).
 */
#pragma once

#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/arena.h"
#include "base/err.h"
#include "x509/der.h"

enum san_type { SAN_DNS, SAN_IP, SAN_URI, SAN_EMAIL, SAN_OTHER };

/*
 * One subject alternative name. item is the disposition item, canonical:
 * "san.dns:portal.example.com" (lower case), "san.ip:2001:db8::1" (RFC 5952),
 * "san.uri:...", "san.email:...", "san.OID:value" for otherName,
 * "san.dirName:...", "san.rid:...", "san.x400:...", "san.ediParty:...".
 */
struct san {
	enum san_type	 type;
	const char	*text;		/* what follows the colon; UTF-8 */
	const char	*unicode;	/* U-label form when it differs, else NULL */
	const char	*item;
	const char	*fault;		/* sans_of: what is wrong with it, or NULL */
};

struct san_list {
	struct san	*v;
	size_t		 n;
};

/* One attribute of a subject: item "subject.O", "subject.1.2.3.4", ... */
struct rdn {
	const char	*item;
	const char	*value;		/* UTF-8, byte for byte */
	const char	*fault;		/* subject_of: what is wrong with it, or NULL */
};

struct subject {
	struct rdn	*v;
	size_t		 n;
	bool		 together;	/* some of them stand in one RDN (X.501 9.3) */
};

/* The seven fields as typed, and the alternative names. NULL = not given. */
struct csr_wish {
	const char	*country, *state, *locality, *organization, *unit,
			*common_name, *email;
	struct san_list	 names;		/* from names_parse; CN included by it */
	const char	*digest;	/* "sha256" "sha384" "sha512"; NULL: by key */
};

/* Reads the public suffix list; once, before files become unreachable. */
void	names_load(void);

/*
 * Checks one field as typed. Nothing is trimmed or re-cased, but `us` is
 * refused with the hint to use `US`; `UK` and `USA` name the right code.
 * An IDN common name becomes its A-label in *out (Unicode in *unicode).
 * Error: at `field`.
 */
int	name_check_country(struct err *, const char *field, const char *value);
/* RFC 5280 appendix A upper bounds, no control or bidi controls, not empty. */
int	name_check_text(struct err *, const char *field, const char *label,
	    const char *value, size_t max_chars);
int	name_check_email(struct err *, const char *field, const char *value);
/*
 * A DNS name, FQDN of at least two labels, maybe a wildcard: lower-cased,
 * A-labels; URL, port, IP, underscore, trailing dot, bare "*", wildcard not
 * the whole left-most label, wildcard directly below a public suffix: refused,
 * each with its own message.
 */
int	name_check_dns(struct err *, const char *field, const char *value,
	    struct arena *, const char **out, const char **unicode);
/* DNS name or IP address (v4, v6). */
int	name_parse_san(struct err *, const char *field, const char *value,
	    struct arena *, struct san *out);
/*
 * Lines (or an array joined by newlines) of names -> list without
 * duplicates. The CN, when it is a DNS name of at most 64 characters, is put
 * in front if it is not there (visible in the result). At most
 * LIMIT_SANS_FORM. Error: at `field`, naming the line.
 */
int	names_parse(struct err *, const char *field, const char *lines,
	    const char *common_name, struct arena *, struct san_list *out);

/* A name below no top-level domain of the Internet: nobody can prove it. */
bool	name_is_internal(const char *);
bool	name_is_address(const char *);	/* IPv4, IPv6; brackets are fine */
/* An address of IANA's special-purpose registries (RFC 6890) or multicast. */
bool	address_is_reserved(const char *);
/* Is `name` one that `pattern` (perhaps a wildcard) covers? RFC 9525 6.3 */
bool	name_covers(const char *pattern, const char *name);

/*
 * From OpenSSL's objects; text in the arena, hostile bytes as \xNN. All are
 * listed, also the faulty ones. -1: there are faults, `err` says the first.
 * A second attribute of one type has the item "subject.OU#2".
 */
int	subject_of(struct arena *, const X509_NAME *, struct subject *, struct err *);
int	sans_of(struct arena *, const GENERAL_NAMES *, struct san_list *, struct err *);
/*
 * The same of a Name in DER that der_check walked, without libcrypto, which takes
 * ten times as long. false: something rare stands in it (an old encoding, an
 * attribute without a name, too many), or a fault: d2i_X509_NAME and subject_of tell.
 */
bool	subject_of_der(struct arena *, struct der name, struct subject *);
/* "CN=portal.example.com, O=Example Video, Inc., C=US" for people */
char	*subject_line(struct arena *, const struct subject *);
char	*subject_text(struct arena *, const X509_NAME *);
