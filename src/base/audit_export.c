/*
 * audit_export.c - judge an audit export offline (P29)
 */
#include <jansson.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/audit_export.h"
#include "base/text.h"

#define LINE_MAX_BYTES (1024 * 1024)

/* What is known while the lines are walked. */
struct walk {
	struct audit_report *report;
	unsigned char hash[AUDIT_HASH_SIZE]; /* of the last right event */
	int64_t want_sequence;		     /* --head; 0 = not given */
	unsigned char want_hash[AUDIT_HASH_SIZE];
	bool want_seen;
	bool head_seen;
};

static void PRINTF(4, 5)
    judge(struct walk *w, enum audit_verdict v, size_t line, const char *fmt, ...)
{
	va_list ap;

	w->report->verdict = v;
	w->report->line = line;
	w->report->sequence = v == AUDIT_BROKEN ? w->report->events + 1 : 0;
	va_start(ap, fmt);
	vsnprintf(w->report->message, sizeof(w->report->message), fmt, ap);
	va_end(ap);
}

static const char *
text_of(const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s == NULL ? "" : s;
}

static bool
hash_of(const json_t *o, unsigned char out[AUDIT_HASH_SIZE])
{
	size_t n;

	return hex_decode(out, AUDIT_HASH_SIZE, text_of(o, "hash"), &n) == 0 &&
	    n == AUDIT_HASH_SIZE;
}

/* What people read is what was hashed: the time is that of at_ms, and no member is
 * there that nobody vouches for. */
static bool
is_as_hashed(const json_t *o, int64_t at_ms)
{
	static const char *const members[] = { "sequence", "at_ms", "at", "tenant", "actor", "role",
		"source", "action", "object", "outcome", "detail", "hash" };
	char at[TIME_SIZE];
	size_t known = 0;

	for (size_t i = 0; i < nitems(members); i++)
		known += json_object_get(o, members[i]) != NULL;
	time_format(at, at_ms / 1000);
	return known == json_object_size(o) &&
	    (json_object_get(o, "at") == NULL || strcmp(text_of(o, "at"), at) == 0);
}

/* true when the event follows the one before it */
static bool
walk_event(struct walk *w, const json_t *o, size_t line)
{
	struct audit_event e = {
		.sequence = json_integer_value(json_object_get(o, "sequence")),
		.at_ms = json_integer_value(json_object_get(o, "at_ms")),
		.tenant = text_of(o, "tenant"),
		.actor = text_of(o, "actor"),
		.role = text_of(o, "role"),
		.source = text_of(o, "source"),
		.action = text_of(o, "action"),
		.object = text_of(o, "object"),
		.outcome = text_of(o, "outcome"),
		.detail = text_of(o, "detail"),
	};
	unsigned char said[AUDIT_HASH_SIZE], hash[AUDIT_HASH_SIZE];

	if (w->head_seen) {
		judge(w, AUDIT_BROKEN, line, "line %zu: an event follows the signed head", line);
		return false;
	}
	if (e.sequence != w->report->events + 1) {
		judge(w, AUDIT_BROKEN, line, "line %zu: event %lld stands where %lld belongs", line,
		    (long long)e.sequence, (long long)w->report->events + 1);
		return false;
	}
	audit_event_hash(w->hash, &e, hash);
	if (!hash_of(o, said) || memcmp(hash, said, sizeof(hash)) != 0 ||
	    !is_as_hashed(o, e.at_ms)) {
		judge(w, AUDIT_BROKEN, line,
		    "line %zu: event %lld was changed, or one before "
		    "it was removed",
		    line, (long long)e.sequence);
		return false;
	}
	memcpy(w->hash, hash, sizeof(hash));
	w->report->events++;
	if (e.sequence == w->want_sequence) {
		w->want_seen = true;
		if (memcmp(hash, w->want_hash, sizeof(hash)) != 0) {
			judge(w, AUDIT_BROKEN, line,
			    "line %zu: event %lld is not the one of "
			    "the head given",
			    line, (long long)e.sequence);
			return false;
		}
	}
	return true;
}

static bool
signature_fits(struct walk *w, const json_t *head, int64_t sequence)
{
	AUTO(arena) struct arena *a = arena_new();
	const char *key64 = text_of(head, "key"), *sig64 = text_of(head, "signature");
	unsigned char message[AUDIT_HEAD_SIZE], digest[32], *spki, *sig;
	const unsigned char *p;
	EVP_MD_CTX *md = NULL;
	EVP_PKEY *key = NULL;
	size_t spki_len, sig_len;
	bool ok = false;

	if (base64_decode(a, key64, strlen(key64), false, &spki, &spki_len) < 0 ||
	    base64_decode(a, sig64, strlen(sig64), false, &sig, &sig_len) < 0)
		return false;
	p = spki;
	audit_head_message(sequence, w->hash, message);
	if ((key = d2i_PUBKEY(NULL, &p, (long)spki_len)) != NULL &&
	    (md = EVP_MD_CTX_new()) != NULL &&
	    EVP_DigestVerifyInit(
		md, NULL, EVP_PKEY_is_a(key, "ED25519") ? NULL : EVP_sha256(), NULL, key) == 1)
		ok = EVP_DigestVerify(md, sig, sig_len, message, sizeof(message)) == 1;
	if (ok && EVP_Digest(spki, spki_len, digest, NULL, EVP_sha256(), NULL))
		hex_encode(w->report->key, digest, sizeof(digest));
	EVP_MD_CTX_free(md);
	EVP_PKEY_free(key);
	return ok;
}

static bool
walk_head(struct walk *w, const json_t *head, size_t line)
{
	int64_t sequence = json_integer_value(json_object_get(head, "sequence"));
	unsigned char said[AUDIT_HASH_SIZE];

	if (w->head_seen) {
		judge(w, AUDIT_BROKEN, line, "line %zu: a second signed head", line);
		return false;
	}
	w->head_seen = true;
	if (sequence != w->report->events) {
		judge(w, AUDIT_BROKEN, line,
		    "line %zu: the signed head is event %lld, but the "
		    "last one here is %lld",
		    line, (long long)sequence, (long long)w->report->events);
		return false;
	}
	if (!hash_of(head, said) || memcmp(said, w->hash, sizeof(said)) != 0) {
		judge(w, AUDIT_BROKEN, line, "line %zu: the signed head is not of these events",
		    line);
		return false;
	}
	if (!signature_fits(w, head, sequence)) {
		judge(w, AUDIT_BROKEN, line, "line %zu: the signature of the head is wrong", line);
		return false;
	}
	return true;
}

/* One line; an odd first line means that this is no export at all. */
static bool
walk_line(struct walk *w, const char *text, size_t len, size_t line)
{
	json_t *o = len > LINE_MAX_BYTES ? NULL
					 : json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
	json_t *head = json_object_get(o, "head");
	bool ok;

	if (json_is_object(head)) {
		ok = walk_head(w, head, line);
	} else if (json_is_integer(json_object_get(o, "sequence"))) {
		ok = walk_event(w, o, line);
	} else {
		if (line == 1)
			judge(w, AUDIT_UNREADABLE, line, "this is not an audit export");
		else
			judge(w, AUDIT_BROKEN, line, "line %zu: cut off or overwritten", line);
		ok = false;
	}
	json_decref(o);
	return ok;
}

static bool
head_parse(struct walk *w, const char *head)
{
	char *end;
	size_t n;

	if (head == NULL)
		return true;
	w->want_sequence = strtoll(head, &end, 10);
	return end != head && w->want_sequence > 0 && *end == ':' &&
	    hex_decode(w->want_hash, sizeof(w->want_hash), end + 1, &n) == 0 &&
	    n == sizeof(w->want_hash);
}

static void
conclude(struct walk *w, size_t lines)
{
	struct audit_report *r = w->report;

	if (lines == 0) {
		judge(w, AUDIT_UNREADABLE, 0, "the file is empty");
	} else if (w->want_sequence > 0 && !w->want_seen) {
		judge(w, AUDIT_BROKEN, lines,
		    "the tail was cut: the head given is event %lld, "
		    "the last one here is %lld",
		    (long long)w->want_sequence, (long long)r->events);
	} else if (!w->head_seen && w->want_sequence == 0) {
		judge(w, AUDIT_BROKEN, lines, "the signed head is missing: the tail may be cut");
	} else {
		snprintf(r->message, sizeof(r->message),
		    "whole: %lld events, each follows "
		    "the one before%s",
		    (long long)r->events, w->head_seen ? ", signed head" : "");
	}
	if (r->verdict == AUDIT_WHOLE && w->want_sequence == 0)
		snprintf(r->unseen, sizeof(r->unseen),
		    "not seen without --head: whether the "
		    "file was made anew with another key, or is an older export. Compare the "
		    "head and the key with what `certwright status` showed, or give --head");
}

void
audit_export_verify(const void *data, size_t len, const char *head, struct audit_report *r)
{
	struct walk w = { .report = r };
	const char *p = data == NULL ? "" : data, *end = p + len, *eol;
	char hex[2 * AUDIT_HASH_SIZE + 1];
	size_t line = 0;
	bool ok = true;

	memset(r, 0, sizeof(*r));
	if (!head_parse(&w, head)) {
		judge(&w, AUDIT_UNREADABLE, 0, "a head is SEQUENCE:HASH, as status shows it");
		return;
	}
	for (; ok && p < end; p = eol + 1) {
		if ((eol = memchr(p, '\n', (size_t)(end - p))) == NULL)
			eol = end;
		ok = walk_line(&w, p, (size_t)(eol - p), ++line);
		if (eol == end)
			break;
	}
	if (ok)
		conclude(&w, line);
	hex_encode(hex, w.hash, sizeof(w.hash));
	if (r->events > 0)
		snprintf(r->head, sizeof(r->head), "%lld:%s", (long long)r->events, hex);
}
