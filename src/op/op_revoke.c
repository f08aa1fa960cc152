/*
 * op_revoke.c - certificates of our own authorities that are good no more
 */
#include <ctype.h>
#include <string.h>

#include <openssl/sha.h>

#include <jansson.h>

#include "op/ca_make.h"
#include "op/op_issue.h"
#include "op/op_pki.h"
#include "op/op_revoke.h"
#include "op/op_sheet.h"
#include "op/op_weak.h"
#include "x509/cert.h"
#include "x509/der.h"
#include "x509/pem.h"

#define SERIAL_DIGITS 40 /* RFC 5280 4.1.2.2: 20 octets */

DEFINE_AUTO(X509, X509, X509_free)

/* As the store has it: lower case, whole octets, no zeros in front. */
static int
normalise(struct ctx *cx, const char *typed, const char **out)
{
	char digits[SERIAL_DIGITS + 2], *d = digits + 1;
	const char *p = typed;
	size_t n = 0;

	p += p[0] == '0' && (p[1] == 'x' || p[1] == 'X') ? 2 : 0;
	for (; *p != '\0' && n <= SERIAL_DIGITS; p++) {
		if (*p == ':' || *p == ' ' || (n == 0 && *p == '0'))
			continue;
		if (!isxdigit((unsigned char)*p))
			break;
		d[n++] = (char)tolower((unsigned char)*p);
	}
	if (*p != '\0' || n == 0 || n > SERIAL_DIGITS) {
		err_set(&cx->err, R_SERIAL, "serial", "\"%.60s\" is no serial number", typed);
		err_hint(&cx->err, "1 to %d hexadecimal digits; colons are fine", SERIAL_DIGITS);
		return -1;
	}
	d[n] = '\0';
	if (n % 2 == 1)
		*--d = '0';
	*out = arena_strdup(cx->arena, d);
	return 0;
}

/* Of one that was presumed only what was to be signed is known. */
static bool
has_tbs(const unsigned char *der, size_t len, const struct issued_row *row)
{
	struct der d = der_of(der, len), in, skip, tbs;

	return der_expect(&d, DER_SEQUENCE, &in) == 0 &&
	    der_expect_whole(&in, DER_SEQUENCE, &skip, &tbs) == 0 && tbs.len == row->der_len &&
	    memcmp(tbs.data, row->der, tbs.len) == 0;
}

static int
which_certificate(struct ctx *cx, const struct issued_which *w, struct issued_row *row)
{
	AUTO(X509) X509 *x = NULL;
	const unsigned char *der = w->certificate;
	const char *text = w->certificate;
	unsigned char hash[32], *decoded;
	struct pem_block block;
	size_t len = w->len;

	if (der[0] != 0x30) {
		if (pem_next(&text, &len, &block) != 1 || !pem_label_is(&block, "CERTIFICATE") ||
		    pem_decode(cx->arena, &block, &decoded, &len) < 0)
			return err_set(&cx->err, R_CERT_DER, "certificate",
			    "this is no certificate, neither PEM nor DER");
		der = decoded;
	}
	if (cert_parse(&x, der, len, &cx->err) < 0 ||
	    store_issued_find(cx, cert_serial(cx->arena, x), row) < 0)
		return -1;
	SHA256(der, len, hash);
	if (memcmp(hash, row->sha256, sizeof(hash)) == 0 ||
	    (issued_presumed(row) && has_tbs(der, len, row)))
		return 0;
	err_set(&cx->err, R_NOT_FOUND, "certificate", "this certificate was not issued here");
	return err_hint(&cx->err, "another one of the same serial number was");
}

int
op_issued_which(struct ctx *cx, const struct issued_which *w, struct issued_row *row)
{
	const char *serial = NULL;

	if (w->len > 0)
		return which_certificate(cx, w, row);
	if (w->serial == NULL || w->serial[0] == '\0') {
		err_set(&cx->err, R_FIELD_REQUIRED, "serial", "a serial number is required");
		return err_hint(&cx->err, "or the certificate itself");
	}
	return normalise(cx, w->serial, &serial) < 0 ? -1 : store_issued_find(cx, serial, row);
}

int
op_issued_load(struct ctx *cx, const struct issued_which *w, struct issued_row *row)
{
	if (op_issued_which(cx, w, row) == 0)
		return 0;
	if (cx->err.refusal != R_SERIAL)
		return -1;
	err_clear(&cx->err);
	return store_issued_find(cx, "", row); /* says it in the same words */
}

static int
record(struct ctx *cx, const char *action, const struct issued_row *row)
{
	json_t *o = json_pack("{ss,ss,ss,ss}", "serial", row->serial, "ca", row->ca, "subject",
	    row->subject, "reason",
	    row->revoked_at == 0 ? "" : crl_reason_name((enum crl_reason)row->reason));

	return audit(cx, action, row->serial, json_text(cx, o));
}

/* Who has the private half has it for good: no path takes this key again (M36). */
int
issued_note_key(struct ctx *cx, const struct issued_row *row)
{
	if (row->der_len == 0 || strcmp(row->state, "revoked") != 0 ||
	    (row->reason != REASON_KEY_COMPROMISE && row->reason != REASON_CA_COMPROMISE))
		return 0;
	return op_weak_mark_compromised(cx, row->spki_sha256,
	    arena_printf(cx->arena, "certificate %s was revoked: %s", row->serial,
		crl_reason_name((enum crl_reason)row->reason)));
}

static int
change(struct ctx *cx, const char *action, const struct issued_row *row)
{
	if (store_issued_set_state(cx, row) < 0 || issued_note_key(cx, row) < 0 ||
	    record(cx, action, row) < 0 || db_commit(cx) < 0)
		return -1;
	pki_changed(row->ca, row->serial, row->shard);
	return 0;
}

bool
issued_is_ca(const struct issued_row *row)
{
	AUTO(X509) X509 *x = NULL;
	struct err ignored = { 0 };

	return strcmp(row->profile, "ca") == 0 ||
	    (!issued_presumed(row) && cert_parse(&x, row->der, row->der_len, &ignored) == 0 &&
		X509_check_ca(x) == 1);
}

/* BR 7.2.2 (SC61): what follows the Requirements is revoked, or it is not. */
static int
check_hold(struct ctx *cx, const struct issued_row *row)
{
	IN_TENANT(cx, TENANT_SYSTEM); /* whose the CA is */
	struct err ignored = { 0 };
	const struct profile *p;
	const struct own *own;
	struct ca_row ca;

	if (store_ca_load(cx, row->ca, &ca) < 0)
		return -1;
	if ((own = op_own_find(cx, ca.authority)) == NULL ||
	    (p = authority_profile(&own->card.authority, row->profile, &ignored)) == NULL ||
	    p->rules == VALIDATION_PRIVATE)
		return 0;
	err_set(&cx->err, R_REVOKE_HOLD, "reason",
	    "certificates of the profile %s are never put on hold (BR 7.2.2; SC61)", p->name);
	return err_hint(&cx->err, "revoke it for good, or not at all");
}

/* A hold is made final; of a key that others have it is said later, too (BR 7.2.2). */
static bool
may_follow(const struct issued_row *row, enum crl_reason why)
{
	return strcmp(row->state, "held") == 0
	    ? why != REASON_HOLD
	    : why == REASON_KEY_COMPROMISE && row->reason != REASON_KEY_COMPROMISE;
}

static int
revoke(struct ctx *cx, const struct issued_which *w, enum crl_reason why, struct issued_row *row)
{
	if (db_begin(cx) < 0 || op_issued_which(cx, w, row) < 0)
		return -1;
	if (row->revoked_at != 0 && !may_follow(row, why)) {
		err_set(&cx->err, R_REVOKED, NULL, "it is revoked already (%s)",
		    crl_reason_name((enum crl_reason)row->reason));
		return err_hint(&cx->err, "nothing is left to be done");
	}
	if (why == REASON_HOLD && check_hold(cx, row) < 0)
		return -1;
	row->state = why == REASON_HOLD ? "held" : "revoked";
	if (row->revoked_at == 0) /* of one on hold, the time of the hold stays */
		row->revoked_at = cx->now;
	row->reason = why;
	if (issued_is_ca(row) && ca_revoked(cx, row) < 0)
		return -1;
	return change(cx, "certificate.revoke", row);
}

int
op_revoke(struct ctx *cx, const struct issued_which *w, const char *reason, struct issued_row *row)
{
	enum crl_reason why = REASON_UNSPECIFIED;

	if (reason != NULL && reason[0] != '\0' && crl_reason_parse(reason, &why, &cx->err) < 0)
		return -1;
	if (op_issued_which(cx, w, row) < 0)
		return -1;
	if (!issued_is_ca(row))
		return revoke(cx, w, why, row);
	ca_change_begin();
	return ca_change_end(cx, revoke(cx, w, why, row));
}

int
op_release(struct ctx *cx, const struct issued_which *w, struct issued_row *row)
{
	if (db_begin(cx) < 0 || op_issued_which(cx, w, row) < 0)
		return -1;
	if (strcmp(row->state, "held") != 0) {
		err_set(&cx->err, R_NOT_HELD, NULL, "it is not on hold but %s", row->state);
		return err_hint(&cx->err, "only certificateHold can be taken back");
	}
	row->state = issued_presumed(row) ? "presumed" : "issued";
	row->revoked_at = 0;
	row->reason = REASON_UNSPECIFIED;
	return change(cx, "certificate.release", row);
}

int
op_issued_list(struct ctx *cx, const struct issued_query *q, struct issued_row **out, size_t *n)
{
	return store_issued_list(cx, q, out, n);
}
