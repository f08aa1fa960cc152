/*
 * compare_key.c - key and signature: what holds whether they were asked or not
 */
#include "x509/compare_impl.h"

static const char *
cert_key_fault(struct comparing *c, struct err *why)
{
	EVP_PKEY *key = X509_get0_pubkey(c->leaf);

	if (key == NULL)
		return "the key of the certificate cannot be read";
	return key_check(key, c->in->weak, true, why) < 0 ? why->message : NULL;
}

static void
compare_key(struct comparing *c, const struct item *asked, const struct item *granted)
{
	struct err why = { 0 };
	const char *fault, *value = asked == NULL ? NULL : asked->value;

	if (asked != NULL && strcmp(asked->value, granted->value) != 0) {
		compare_decide(c, "key", value, granted->value, OUT_AMENDED, WEIGHT_BREAKING,
		    "compare.key.other", NULL);
		return;
	}
	fault = cert_key_fault(c, &why);
	if (fault != NULL)
		compare_decide(c, "key", value, granted->value, OUT_REFUSED, WEIGHT_BREAKING,
		    "compare.key.weak", fault);
	else if (asked == NULL)
		compare_decide(c, "key", NULL, granted->value, OUT_ADDED, WEIGHT_SAME,
		    "compare.extension.added", "no request says which key was meant");
	else
		compare_decide(
		    c, "key", value, granted->value, OUT_GRANTED, WEIGHT_SAME, NULL, NULL);
}

static void
compare_key_size(struct comparing *c, const struct item *asked, const struct item *granted)
{
	if (asked == NULL)
		compare_decide(c, "key.size", NULL, granted->value, OUT_ADDED, WEIGHT_SAME,
		    "compare.extension.added", "no request says which key was meant");
	else if (strcmp(asked->value, granted->value) == 0)
		compare_decide(c, "key.size", asked->value, granted->value, OUT_GRANTED,
		    WEIGHT_SAME, NULL, NULL);
	else
		compare_decide(c, "key.size", asked->value, granted->value, OUT_AMENDED,
		    atoi(granted->value) < atoi(asked->value) ? WEIGHT_BREAKING : WEIGHT_HARMLESS,
		    "compare.key.size",
		    atoi(granted->value) < atoi(asked->value)
			? NULL
			: "the key has another size than asked");
}

static bool
is_weak_algorithm(const char *name)
{
	return strcasestr(name, "sha1") != NULL || strcasestr(name, "md5") != NULL ||
	    strcasestr(name, "md4") != NULL || strcasestr(name, "md2") != NULL;
}

/* The leaf or an issuer that is served with a broken hash, in words. */
static const char *
weak_link(struct comparing *c)
{
	const struct chain *ch = c->in->chain;
	struct arena *a = c->sheet->arena;

	for (size_t i = 0; i <= ch->n; i++) {
		X509 *cert = i == 0 ? c->leaf : ch->issuers[i - 1];
		const char *alg = algorithm_text(a, X509_get0_tbs_sigalg(cert));

		if (is_weak_algorithm(alg))
			return arena_printf(a, "%s is signed with %s, which is broken",
			    i == 0 ? "the certificate"
				   : subject_text(a, X509_get_subject_name(cert)),
			    alg);
	}
	return NULL;
}

static void
compare_signature(struct comparing *c, const struct item *asked, const struct item *granted)
{
	const struct chain *ch = c->in->chain;
	const char *value = asked == NULL ? NULL : asked->value, *weak = weak_link(c);
	enum outcome other = asked == NULL ? OUT_ADDED : OUT_AMENDED;

	if (ch->broken_signature)
		compare_decide(c, "signature", value, granted->value, OUT_REFUSED, WEIGHT_BREAKING,
		    "compare.signature.broken", NULL);
	else if (weak != NULL)
		compare_decide(c, "signature", value, granted->value, OUT_REFUSED, WEIGHT_BREAKING,
		    "compare.signature.weak", weak);
	else if (c->in->public_authority && !ch->root_known)
		compare_decide(c, "signature", value, granted->value, OUT_REFUSED, WEIGHT_BREAKING,
		    "compare.root.unknown", NULL);
	else if (ch->n == 0 && ch->root == NULL)
		compare_decide(c, "signature", value, granted->value, other, WEIGHT_HARMLESS,
		    "compare.issuer.missing", NULL);
	else if (value == NULL || strcmp(value, granted->value) != 0)
		compare_decide(c, "signature", value, granted->value, other, WEIGHT_SAME,
		    "compare.signature.authority", NULL);
	else
		compare_decide(
		    c, "signature", value, granted->value, OUT_GRANTED, WEIGHT_SAME, NULL, NULL);
}

/* Items whose judgement does not hang on whether they were asked. */
bool
compare_fixed(struct comparing *c, const char *name)
{
	static const struct {
		const char *name;
		void (*compare)(struct comparing *, const struct item *, const struct item *);
	} fixed[] = {
		{ "key", compare_key },
		{ "key.size", compare_key_size },
		{ "signature", compare_signature },
	};

	for (size_t i = 0; i < nitems(fixed); i++)
		if (strcmp(fixed[i].name, name) == 0) {
			fixed[i].compare(
			    c, items_find(&c->asked, name), items_find(&c->granted, name));
			return true;
		}
	return false;
}
