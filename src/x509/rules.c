/*
 * rules.c - the rule table
 */
#include "x509/rules.h"

#define PRODUCT	  "product rule"
#define AUTHORITY "the authority"
#define PROFILE	  "authority profile"

const struct rule rules[] = {
	/* csr check: is the wish well-formed? */
	{ "csr.subject.country", "the country is a two-letter code of ISO 3166",
	    "RFC 5280 appendix A.1; ISO 3166-1", PRODUCT },
	{ "csr.subject.length", "the value is longer than its upper bound", "RFC 5280 appendix A.1",
	    PRODUCT },
	{ "csr.subject.text", "the value is not clean text", "RFC 5280 section 4.1.2.4", PRODUCT },
	{ "csr.subject.email", "the value is not an e-mail address", "RFC 5280 section 4.1.2.6",
	    PRODUCT },
	{ "csr.san.text", "the name is not clean text", "RFC 5280 section 4.2.1.6", PRODUCT },
	{ "csr.san.dns", "the name is not a DNS name that a server can have",
	    "RFC 5280 section 4.2.1.6; BR 7.1.4.2", PRODUCT },
	{ "csr.san.email", "the name is not an e-mail address", "RFC 5280 section 4.2.1.6",
	    PRODUCT },
	{ "csr.san.uri", "the name is not an absolute URI", "RFC 5280 section 4.2.1.6", PRODUCT },
	{ "csr.key", "the key is refused", "BR 6.1.1.3, 6.1.5 and 6.1.6", PRODUCT },
	{ "csr.key.blocked", "the key is on this site's block list", "BR 6.1.1.3", PRODUCT },
	{ "csr.key.compromised", "others have the private half of the key",
	    "BR 6.1.1.3 and 4.9.1.1", PRODUCT },
	{ "csr.key.shared-factor", "the modulus has a prime in common with that of another key",
	    "Heninger et al. 2012, Mining your Ps and Qs; BR 6.1.1.3", PRODUCT },
	{ "csr.key.size", "the size of the key is refused", "BR 6.1.5", PRODUCT },
	{ "csr.proof",
	    "the CSR's own signature does not verify: possession of the key is not proved",
	    "RFC 2986 section 4.2", PRODUCT },
	{ "csr.signature.weak", "the CSR is signed with a broken hash", "BR 7.1.3.2; SC-097",
	    PRODUCT },
	{ "csr.extension", "the extension is malformed", "RFC 5280 section 4.2", PRODUCT },
	{ "csr.attribute", "the attribute is malformed", "RFC 2986 section 4.1", PRODUCT },
	/* compare: is what came back fit for use? */
	{ "compare.key.other", "the certificate is for another key", "RFC 5280 section 4.1.2.7",
	    PRODUCT },
	{ "compare.key.weak", "the key of the certificate is refused",
	    "BR 6.1.1.3, 6.1.5 and 6.1.6", PRODUCT },
	{ "compare.key.size", "the key is smaller than asked", "BR 6.1.5", PRODUCT },
	{ "compare.signature.broken",
	    "the signature does not verify under the issuer's key: the certificate is damaged or forged",
	    "RFC 5280 section 6.1.3", PRODUCT },
	{ "compare.signature.weak", "the certificate is signed with a broken hash",
	    "BR 7.1.3.2; SC-097", PRODUCT },
	{ "compare.signature.authority", "the authority signs with its own key and algorithm",
	    "RFC 5280 section 4.1.1.2", AUTHORITY },
	{ "compare.issuer.missing",
	    "the signature could not be checked, since the issuer's certificate is not here",
	    "RFC 5280 section 6.1", PRODUCT },
	{ "compare.root.unknown", "a public authority's answer under a root that is not known here",
	    "RFC 5280 section 6.1.1", PRODUCT },
	{ "compare.san.missing", "clients that use this name will refuse the certificate",
	    "RFC 9525 section 6.1", PRODUCT },
	{ "compare.san.covered", "a wildcard of the certificate covers this name",
	    "RFC 9525 section 6.3", AUTHORITY },
	{ "compare.san.added", "the authority added this name; it harms nothing",
	    "RFC 5280 section 4.2.1.6", AUTHORITY },
	{ "compare.san.dropped", "the authority left out this name; TLS clients do not look for it",
	    "RFC 9525 section 6.1", AUTHORITY },
	{ "compare.subject.amended", "the authority changed this; TLS clients do not look at it",
	    "RFC 9525 section 6.1", AUTHORITY },
	{ "compare.subject.dropped", "the authority left this out; TLS clients do not look at it",
	    "RFC 9525 section 6.1", AUTHORITY },
	{ "compare.subject.added", "the authority added this; TLS clients do not look at it",
	    "RFC 9525 section 6.1", AUTHORITY },
	{ "compare.cn.in-san", "the name stands among the alternative names, where clients look",
	    "RFC 9525 section 6.1", AUTHORITY },
	{ "compare.cn.missing",
	    "the name stands neither in the subject nor among the alternative names",
	    "RFC 9525 section 6.1", PRODUCT },
	{ "compare.ku.digital-signature",
	    "TLS 1.3 needs a key that may make signatures, and this one may not",
	    "RFC 8446 section 4.4.2.2", PRODUCT },
	{ "compare.ku.ca", "the certificate of a server must not be able to sign others",
	    "RFC 5280 section 4.2.1.3", PRODUCT },
	{ "compare.usage.added", "the authority added this usage; a server may have it",
	    "RFC 5280 section 4.2.1.3 and 4.2.1.12", AUTHORITY },
	{ "compare.usage.dropped", "the authority left out this usage; a server does not need it",
	    "RFC 5280 section 4.2.1.3 and 4.2.1.12", AUTHORITY },
	{ "compare.eku.server-auth",
	    "clients refuse a server whose certificate does not allow server authentication",
	    "RFC 5280 section 4.2.1.12", PRODUCT },
	{ "compare.ca", "this is a CA certificate; a server must not hold one",
	    "RFC 5280 section 4.2.1.9", PRODUCT },
	{ "compare.ca.dropped", "the authority made a certificate that cannot sign others",
	    "RFC 5280 section 4.2.1.9", AUTHORITY },
	{ "compare.validity", "a CSR cannot ask for a life; the authority sets it",
	    "RFC 5280 section 4.1.2.5", AUTHORITY },
	{ "compare.validity.expired", "the certificate has expired", "RFC 5280 section 4.1.2.5",
	    PRODUCT },
	{ "compare.validity.future", "the certificate is not yet valid", "RFC 5280 section 4.1.2.5",
	    PRODUCT },
	{ "compare.extension.added", "authorities add this to their certificates",
	    "RFC 5280 section 4.2", AUTHORITY },
	{ "compare.extension.dropped", "the authority did not take over this extension",
	    "RFC 5280 section 4.2", AUTHORITY },
	{ "compare.extension.amended", "the authority set its own value for this extension",
	    "RFC 5280 section 4.2", AUTHORITY },
	{ "compare.extension.critical",
	    "clients refuse a certificate with a critical extension that they do not know",
	    "RFC 5280 section 4.2", PRODUCT },
	{ "compare.malformed", "this part of the certificate is malformed; clients may refuse it",
	    "RFC 5280 section 4", PRODUCT },
	{ "compare.attribute", "an attribute of the request is for the authority only",
	    "RFC 2986 section 4.1", PRODUCT },
	/* examine: what will become of the wish? */
	{ "examine.not-granted", "no line of this profile grants it",
	    "what a profile does not name is not issued", PROFILE },
	{ "examine.cn-in-names", "clients look among the names only: the common name joins them",
	    "RFC 9525 section 6.1", PRODUCT },
	{ "examine.cn-first", "no common name was asked: the first name becomes it",
	    "the profile's common_name", PROFILE },
	{ "examine.nameless", "neither a subject nor a name would say whom the certificate is for",
	    "RFC 5280 section 4.1.2.6", PRODUCT },
	{ "examine.ca-nameless", "a CA is found by its name, and has to have one",
	    "RFC 5280 section 4.1.2.6", PRODUCT },
	{ "examine.not-before", "the moment of issuance; some authorities set it an hour back",
	    "RFC 5280 section 4.1.2.5", AUTHORITY },
	{ "examine.profile-gone", "the policy has no profile of this name any more",
	    "the policy's own profiles", PROFILE },
	/* issue: what our own authority decides */
	{ "issue.not-made", "this authority makes no certificates with it", "RFC 5280 section 4.2",
	    PRODUCT },
	{ "issue.decides", "the authority decides this itself, and takes no value for it",
	    "RFC 5280 section 4.2", PRODUCT },
	{ "issue.ca-profile", "only a profile for CAs makes the certificate of a CA",
	    "RFC 5280 section 4.2.1.9", PRODUCT },
	{ "issue.path-length",
	    "no CA may be below the one that would sign, or its path is too short; the root's key can, while it is here",
	    "RFC 5280 section 4.2.1.9", PRODUCT },
	{ "issue.email-in-names", "an e-mail address of the subject stands among the names, too",
	    "RFC 5280 section 4.1.2.6", PRODUCT },
	{ "issue.issuer-ends", "no certificate outlives the authority's own",
	    "RFC 5280 section 6.1", PRODUCT },
	{ "issue.name-constraints", "the name lies outside of those that the authority may certify",
	    "RFC 5280 section 4.2.1.10", PRODUCT },
	{ "issue.crl-address", "where the authority's list of revoked certificates is",
	    "RFC 5280 section 4.2.1.13", PRODUCT },
	{ "issue.access-address", "where the authority answers about its certificates",
	    "RFC 5280 section 4.2.2.1", PRODUCT },
	{ NULL, NULL, NULL, NULL }
};

const struct rule *
rule_find(const char *id)
{
	for (const struct rule *r = rules; r->id != NULL; r++)
		if (strcmp(r->id, id) == 0)
			return r;
	abort(); /* a mistake in the program: every id above has its row */
}

void
rule_apply(
    struct sheet *s, struct disposition *d, enum weight weight, const char *id, const char *reason)
{
	const struct rule *r = rule_find(id);

	sheet_decide(d, weight, r->id,
	    reason == NULL ? r->sentence : arena_strdup(s->arena, reason), r->reference, r->set_by);
}
