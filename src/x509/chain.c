/*
 * chain.c - sort what the CA sent: by signature, not by name (RFC 5280 6.1)
 *
 * A depth-first walk from the leaf over every certificate whose name and key
 * fit as issuer. Several paths may exist (cross-signed issuers, two issuers
 * of one name); the best is taken, the next ones are kept apart.
 */
#include <stdio.h>

#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "base/text.h"
#include "x509/cert.h"

#define CHECKS_MAX 100 /* signatures verified in one go (P31) */
#define STEPS_MAX  500 /* certificates visited */
#define PATHS_MAX  4

enum checked { UNKNOWN, FITS, OTHER, BROKEN };

struct walk {
	X509 **certs; /* pool first, then extra; no two are equal */
	size_t n, npool;
	unsigned char *checked; /* enum checked of [child * n + issuer] */
	unsigned checks, steps;
	size_t path[LIMIT_CHAIN + 2];
	size_t depth;
	struct arena *arena;
	struct chain *found[PATHS_MAX];
	size_t nfound;
};

static bool
same_name(const X509_NAME *a, const X509_NAME *b)
{
	return X509_NAME_cmp(a, b) == 0;
}

/* Keys whose signatures are checked here: the cost of others has no bound. */
static bool
is_checkable(const EVP_PKEY *key)
{
	if (key == NULL)
		return false;
	if (EVP_PKEY_is_a(key, "RSA") || EVP_PKEY_is_a(key, "RSA-PSS"))
		return EVP_PKEY_get_bits(key) <= LIMIT_RSA_MAX_CHAIN;
	return EVP_PKEY_is_a(key, "EC") || EVP_PKEY_is_a(key, "ED25519") ||
	    EVP_PKEY_is_a(key, "ED448");
}

/* Does the key identifier that the child names differ from the issuer's? */
static bool
names_other_key(X509 *child, X509 *issuer)
{
	const ASN1_OCTET_STRING *wanted = X509_get0_authority_key_id(child);
	const ASN1_OCTET_STRING *has = X509_get0_subject_key_id(issuer);

	return wanted != NULL && has != NULL && ASN1_OCTET_STRING_cmp(wanted, has) != 0;
}

static enum checked
check(struct walk *w, size_t child, size_t issuer)
{
	unsigned char *known = &w->checked[child * w->n + issuer];
	X509 *c = w->certs[child], *i = w->certs[issuer];
	EVP_PKEY *key;

	if (*known != UNKNOWN)
		return *known;
	*known = OTHER;
	if (!same_name(X509_get_issuer_name(c), X509_get_subject_name(i)))
		return OTHER;
	key = X509_get0_pubkey(i);
	if (!is_checkable(key) || w->checks == CHECKS_MAX)
		return OTHER;
	w->checks++;
	if (X509_verify(c, key) == 1)
		*known = FITS;
	else if (!names_other_key(c, i))
		*known = BROKEN;
	ERR_clear_error();
	return *known;
}

static bool
on_path(const struct walk *w, size_t cert)
{
	for (size_t i = 0; i < w->depth; i++)
		if (w->path[i] == cert)
			return true;
	return false;
}

static bool
is_root(struct walk *w, size_t cert)
{
	return check(w, cert, cert) == FITS;
}

/* Better paths first: known root, complete, nothing broken, short. */
static bool
better(const struct chain *a, const struct chain *b)
{
	if (a->root_known != b->root_known)
		return a->root_known;
	if (a->complete != b->complete)
		return a->complete;
	if (a->broken_signature != b->broken_signature)
		return b->broken_signature;
	return a->n < b->n;
}

static void
keep(struct walk *w, struct chain *c)
{
	size_t at = w->nfound;

	while (at > 0 && better(c, w->found[at - 1]))
		at--;
	if (at == PATHS_MAX)
		return;
	if (w->nfound < PATHS_MAX)
		w->nfound++;
	for (size_t i = w->nfound - 1; i > at; i--)
		w->found[i] = w->found[i - 1];
	w->found[at] = c;
}

/* The path ends here: at a root, where no issuer is, or where it began. */
static void
end_path(struct walk *w, bool root, bool broken, bool circle)
{
	struct chain *c = arena_alloc(w->arena, sizeof(*c));
	size_t last = w->path[w->depth - 1];
	X509 *end = w->certs[last];

	c->leaf = w->certs[w->path[0]];
	for (size_t i = 1; i < w->depth && c->n < LIMIT_CHAIN; i++)
		if (!root || i < w->depth - 1)
			c->issuers[c->n++] = w->certs[w->path[i]];
	if (root) {
		c->root = end;
		c->root_known = last >= w->npool;
		c->complete = true;
	} else if (!circle) {
		c->broken_signature = broken;
		c->missing = subject_text(w->arena, X509_get_issuer_name(end));
		c->missing_aia = cert_aia_issuers(w->arena, end);
	}
	keep(w, c);
}

static void
follow(struct walk *w, size_t cert)
{
	bool found = false, broken = false, circle = false;

	w->path[w->depth++] = cert;
	w->steps++;
	if (is_root(w, cert))
		end_path(w, true, false, false);
	else {
		for (size_t i = 0; i < w->n && w->steps < STEPS_MAX; i++) {
			enum checked fit = check(w, cert, i);

			broken = broken || fit == BROKEN;
			circle = circle || (fit == FITS && on_path(w, i));
			if (fit != FITS || on_path(w, i) || w->depth == LIMIT_CHAIN + 2)
				continue;
			found = true;
			follow(w, i);
		}
		if (!found)
			end_path(w, false, broken, circle);
	}
	w->depth--;
}

/* Extra certificates that are self-signed are the roots trusted here: one of
 * them that was also sent counts as known. */
static void
mark_known_roots(struct walk *w, X509 **extra, size_t nextra)
{
	for (size_t i = 0; i < w->nfound; i++)
		for (size_t j = 0; j < nextra && w->found[i]->root != NULL; j++)
			if (X509_cmp(w->found[i]->root, extra[j]) == 0)
				w->found[i]->root_known = true;
}

static bool
has_cert(const struct walk *w, size_t from, X509 *cert)
{
	for (size_t i = from; i < w->n; i++)
		if (X509_cmp(w->certs[i], cert) == 0)
			return true;
	return false;
}

static void
gather(struct walk *w, X509 **pool, size_t npool, X509 **extra, size_t nextra, struct sheet *notes)
{
	w->certs = arena_new_array(w->arena, npool + nextra, X509 *);
	for (size_t i = 0; i < npool; i++) {
		if (has_cert(w, 0, pool[i]))
			sheet_note(notes, "%s was sent more than once",
			    subject_text(w->arena, X509_get_subject_name(pool[i])));
		else
			w->certs[w->n++] = pool[i];
	}
	w->npool = w->n;
	for (size_t i = 0; i < nextra; i++)
		if (!has_cert(w, 0, extra[i]))
			w->certs[w->n++] = extra[i];
	w->checked = arena_alloc(w->arena, w->n * w->n);
}

static const char *
name_of(struct walk *w, size_t i)
{
	return subject_text(w->arena, X509_get_subject_name(w->certs[i]));
}

static int
refuse_two(struct walk *w, size_t a, size_t b, struct err *e)
{
	err_set(e, R_CHAIN_TWO, "files",
	    "two certificates for the same key in one answer: serial %.64s, %.120s and serial %.64s, "
	    "%.120s",
	    cert_serial(w->arena, w->certs[a]), name_of(w, a), cert_serial(w->arena, w->certs[b]),
	    name_of(w, b));
	return err_hint(e, "give only the one that is to be installed");
}

/* None fits the key that is asked for: say which key the leaf is for. */
static int
refuse_other_key(struct walk *w, struct err *e)
{
	unsigned char hash[SPKI_SHA256_SIZE];

	for (size_t i = 0; i < w->npool; i++) {
		const EVP_PKEY *key = X509_get0_pubkey(w->certs[i]);

		if (cert_is_ca(w->certs[i]))
			continue;
		cert_spki_sha256(w->certs[i], hash);
		err_set(e, R_CHAIN_OTHER_KEY, "files",
		    "the certificate %.120s is for another key: %s, SPKI SHA-256 %.16s...",
		    name_of(w, i), key == NULL ? "unknown" : key_label(w->arena, key),
		    hex_of(w->arena, hash, sizeof(hash)));
		return err_hint(e, "it answers a request made with that key");
	}
	err_set(e, R_CHAIN_NONE, "files", "there is no server certificate in the answer");
	return err_hint(e, "only certificates of authorities were found; ask the CA for yours");
}

static int
leaf_for_key(struct walk *w, const unsigned char *spki, size_t *leaf, struct err *e)
{
	unsigned char hash[SPKI_SHA256_SIZE];
	size_t found = 0;

	for (size_t i = 0; i < w->npool; i++) {
		cert_spki_sha256(w->certs[i], hash);
		if (memcmp(hash, spki, sizeof(hash)) != 0)
			continue;
		if (found++ > 0)
			return refuse_two(w, *leaf, i, e);
		*leaf = i;
	}
	return found == 0 ? refuse_other_key(w, e) : 0;
}

static int
only_leaf(struct walk *w, size_t *leaf, struct err *e)
{
	unsigned char one[SPKI_SHA256_SIZE], other[SPKI_SHA256_SIZE];
	size_t found = 0;

	for (size_t i = 0; i < w->npool; i++) {
		if (cert_is_ca(w->certs[i]) && w->npool > 1)
			continue;
		if (found++ == 0) {
			*leaf = i;
			continue;
		}
		cert_spki_sha256(w->certs[*leaf], one);
		cert_spki_sha256(w->certs[i], other);
		if (memcmp(one, other, sizeof(one)) == 0)
			return refuse_two(w, *leaf, i, e);
		err_set(e, R_CHAIN_SEVERAL, "files",
		    "the answer has several server certificates: %.120s and %.120s",
		    name_of(w, *leaf), name_of(w, i));
		return err_hint(e, "give only the one that is to be installed");
	}
	if (found > 0)
		return 0;
	err_set(e, R_CHAIN_NONE, "files", "there is no server certificate in the answer");
	return err_hint(e, "only certificates of authorities were found; ask the CA for yours");
}

static bool
uses(const struct chain *c, X509 *cert)
{
	if (c->leaf == cert || c->root == cert)
		return true;
	for (size_t i = 0; i < c->n; i++)
		if (c->issuers[i] == cert)
			return true;
	return false;
}

static void
note_left_out(struct walk *w, struct sheet *notes)
{
	const struct chain *best = w->found[0];

	for (size_t i = 0; i < w->npool; i++) {
		X509 *cert = w->certs[i];
		bool elsewhere = false;

		for (size_t j = 1; j < w->nfound; j++)
			elsewhere = elsewhere || uses(w->found[j], cert);
		if (cert == best->root && cert != best->leaf)
			sheet_note(notes,
			    "the root %s was left out: clients have it or must get it "
			    "another way",
			    name_of(w, i));
		else if (uses(best, cert))
			continue;
		else if (elsewhere)
			sheet_note(
			    notes, "%s belongs to another path and was left out", name_of(w, i));
		else
			sheet_note(notes, "%s does not belong to this chain and was left out",
			    name_of(w, i));
	}
	for (size_t i = w->npool; i < w->n; i++)
		if (uses(best, w->certs[i]) && w->certs[i] != best->root)
			sheet_note(notes, "%s was not sent; it is taken from those stored here",
			    name_of(w, i));
}

static void
note_end(const struct chain *c, struct sheet *notes)
{
	if (c->broken_signature)
		sheet_note(notes,
		    "a certificate with the name of the issuer %s is there, but the "
		    "signature does not verify under its key",
		    c->missing);
	else if (c->missing != NULL && c->n > 0)
		sheet_note(notes,
		    "the chain ends at the issuer %s, which was not sent: fine if it is a root that "
		    "clients trust, else ask the CA for it",
		    c->missing);
	else if (c->missing != NULL && c->missing_aia != NULL)
		sheet_note(notes, "the issuer %s is missing; the certificate says that it is at %s",
		    c->missing, c->missing_aia);
	else if (c->missing != NULL)
		sheet_note(notes, "the issuer %s is missing", c->missing);
	else if (!c->complete)
		sheet_note(notes, "the issuers sign each other in a circle that no root ends");
}

int
chain_build(struct arena *a, X509 **pool, size_t npool, X509 **extra, size_t nextra,
    const unsigned char *spki_sha256, struct chain *out, struct sheet *notes, struct err *e)
{
	struct walk *w = arena_alloc(a, sizeof(*w));
	size_t leaf = 0;

	w->arena = a;
	gather(w, pool, npool, extra, nextra, notes);
	if ((spki_sha256 != NULL ? leaf_for_key(w, spki_sha256, &leaf, e)
				 : only_leaf(w, &leaf, e)) < 0)
		return -1;
	follow(w, leaf);
	mark_known_roots(w, extra, nextra);
	for (size_t i = 1; i < w->nfound; i++) /* known roots may change the order */
		for (size_t j = i; j > 0 && better(w->found[j], w->found[j - 1]); j--) {
			struct chain *swap = w->found[j];

			w->found[j] = w->found[j - 1];
			w->found[j - 1] = swap;
		}
	note_left_out(w, notes);
	note_end(w->found[0], notes);
	for (size_t i = 0; i + 1 < w->nfound; i++)
		w->found[i]->alternative = w->found[i + 1];
	*out = *w->found[0];
	return 0;
}
