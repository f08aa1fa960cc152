/*
 * crl.c - certificate revocation lists (RFC 5280 section 5)
 */
#include <ctype.h>

#include "base/text.h"
#include "x509/crl.h"
#include "x509/der_put.h"

#define SERIAL_MAX 20 /* octets, RFC 5280 4.1.2.2 */

static const char *const reasons[] = { "unspecified", "keyCompromise", "cACompromise",
	"affiliationChanged", "superseded", "cessationOfOperation", "certificateHold", NULL,
	"removeFromCRL", "privilegeWithdrawn", "aACompromise" };

const char *
crl_reason_name(enum crl_reason r)
{
	return (size_t)r < nitems(reasons) ? reasons[r] : NULL;
}

/* "key-compromise", "Key Compromise" and "keyCompromise" are the same. */
static bool
reason_fits(const char *name, const char *typed)
{
	for (;; name++, typed++) {
		while (*typed == '-' || *typed == '_' || *typed == ' ')
			typed++;
		if (tolower((unsigned char)*name) != tolower((unsigned char)*typed))
			return false;
		if (*name == '\0')
			return true;
	}
}

/* It is a reason, but not of what is revoked here. */
static int
other_reason(enum crl_reason r, struct err *e)
{
	err_set(e, R_REASON, "reason", "%s is no reason to revoke a certificate of a public key",
	    crl_reason_name(r));
	if (r == REASON_REMOVE)
		return err_hint(e, "a hold is taken back by `certificate release`");
	return err_hint(e,
	    "RFC 5280 has it for attribute certificates: say keyCompromise, or privilegeWithdrawn");
}

int
crl_reason_parse(const char *typed, enum crl_reason *out, struct err *e)
{
	for (size_t i = 0; i < nitems(reasons); i++) {
		if (reasons[i] == NULL || !reason_fits(reasons[i], typed))
			continue;
		if (i == REASON_REMOVE || i == REASON_AA_COMPROMISE)
			return other_reason((enum crl_reason)i, e);
		*out = (enum crl_reason)i;
		return 0;
	}
	err_set(
	    e, R_REASON, "reason", "%.40s is no reason to revoke (RFC 5280 section 5.3.1)", typed);
	return err_hint(e,
	    "one of: unspecified, keyCompromise, cACompromise, affiliationChanged,"
	    " superseded, cessationOfOperation, certificateHold,"
	    " privilegeWithdrawn");
}

void
crl_begin(struct buf *entries)
{
	buf_reset(entries);
}

void
crl_entry(struct buf *entries, const char *serial, int64_t at, enum crl_reason reason)
{
	/* Extensions { { id-ce-cRLReasons, OCTET STRING { ENUMERATED } } } */
	unsigned char why[] = { 0x30, 12, 0x30, 10, 6, 3, 0x55, 0x1d, 0x15, 4, 3, 10, 1,
		(unsigned char)reason };
	unsigned char number[SERIAL_MAX];
	struct buf one = { 0 };
	size_t n = 0;
	unsigned char room[80]; /* on the stack: there may be a million entries */

	one.data = room;
	one.cap = sizeof(room);
	if (hex_decode(number, sizeof(number), serial, &n) < 0 || n == 0)
		return; /* the store holds no such serial */
	der_put_unsigned(&one, number, n);
	der_put_time(&one, at);
	if (reason != REASON_UNSPECIFIED)
		buf_put(&one, why, sizeof(why));
	der_put(entries, DER_SEQUENCE, one.data, one.len);
}

static void
put_extensions(struct buf *b, const struct crl_input *in)
{
	AUTO_BUF struct buf all = { 0 }, value = { 0 };

	der_put_authority_key_id(&all, in->key_id, in->key_id_len);
	der_put_uint(&value, in->number);
	der_put_extension(&all, "2.5.29.20", false, &value);
	if (in->base != 0) {
		buf_reset(&value);
		der_put_uint(&value, in->base);
		der_put_extension(&all, "2.5.29.27", true, &value);
	}
	if (in->npoints > 0) {
		buf_reset(&value);
		for (size_t i = 0; i < in->npoints; i++)
			der_put_uri(&value, in->points[i]);
		der_wrap(&value, DER_CONTEXT(0)); /* fullName */
		der_wrap(&value, DER_CONTEXT(0)); /* distributionPoint */
		der_wrap(&value, DER_SEQUENCE);
		der_put_extension(&all, "2.5.29.28", true, &value);
	}
	if (in->freshest != NULL)
		der_put_points(&all, "2.5.29.46", in->freshest);
	der_wrap(&all, DER_SEQUENCE);
	der_put(b, DER_CONTEXT(0), all.data, all.len);
}

void
crl_tbs(struct buf *out, const struct buf *entries, const struct crl_input *in)
{
	buf_reset(out);
	der_put_uint(out, 1); /* v2 */
	buf_put(out, in->signing->alg, in->signing->len);
	buf_put(out, in->issuer, in->issuer_len);
	der_put_time(out, in->this_update);
	der_put_time(out, in->next_update);
	if (entries->len > 0)
		der_put(out, DER_SEQUENCE, entries->data, entries->len);
	put_extensions(out, in);
	der_wrap(out, DER_SEQUENCE);
}
