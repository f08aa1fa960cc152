/*
 * page_policy_words.c - what a profile grants, in sentences
 */
#include "base/text.h"
#include "page/page_people.h"
#include "page/page_policy.h"
#include "page/page_sheet.h"

#define WORDS_MAX 64

struct words {
	const char *v[WORDS_MAX];
	size_t n;
};

static void
add(struct words *w, const char *word)
{
	if (w->n < WORDS_MAX)
		w->v[w->n++] = word;
}

/* "a, b and c"; NULL: none */
static const char *
listed(struct ctx *cx, const struct words *w)
{
	const char *all = NULL;

	for (size_t i = 0; i < w->n; i++)
		all = i == 0 ? w->v[0]
			     : arena_printf(cx->arena, "%s%s%s", all, i + 1 < w->n ? ", " : " and ",
				   w->v[i]);
	return all;
}

static void
put_sentence(json_t *all, const char *what, const char *sentence)
{
	json_t *o = json_object();

	put_text(o, "what", what);
	put_text(o, "sentence", sentence);
	json_array_append_new(all, o);
}

/* ---- keys and signature ------------------------------------------------------- */

/* "RSA 2048 to 4096 bits", or "RSA 2048 and 4096 bits" */
static const char *
rsa_words(struct ctx *cx, const struct profile *p)
{
	static const char *const sizes[] = {
		[KEY_RSA_2048] = "2048", [KEY_RSA_3072] = "3072", [KEY_RSA_4096] = "4096"
	};
	struct words w = { 0 };
	const char *words;

	for (enum key_type t = KEY_RSA_2048; t <= KEY_RSA_4096; t++)
		if (p->key[t])
			add(&w, sizes[t]);
	if (p->key[KEY_RSA_OTHER] && w.n == nitems(sizes) - 1)
		words = "RSA 2048 to 4096 bits";
	else if (w.n > 0)
		words = arena_printf(cx->arena, "RSA %s bits%s", listed(cx, &w),
		    p->key[KEY_RSA_OTHER] ? " and other sizes" : "");
	else
		words = p->key[KEY_RSA_OTHER] ? "RSA of other sizes" : NULL;
	return words == NULL || p->rsa_exponent == 0
	    ? words
	    : arena_printf(cx->arena, "%s with exponent %ld", words, p->rsa_exponent);
}

static const char *
keys_sentence(struct ctx *cx, const struct profile *p)
{
	const char *rsa = rsa_words(cx, p);
	struct words w = { 0 };

	if (rsa != NULL)
		add(&w, rsa);
	for (enum key_type t = KEY_EC_P256; t <= KEY_ED25519; t++)
		if (p->key[t])
			add(&w, key_type_info(t)->label);
	return w.n == 0 ? "None." : arena_printf(cx->arena, "%s.", listed(cx, &w));
}

static const char *
signature_sentence(struct ctx *cx, const struct profile *p)
{
	struct words w = { 0 };

	for (size_t i = 0; i < p->nweak_signatures; i++)
		add(&w, p->weak_signatures[i]);
	return w.n == 0
	    ? NULL
	    : arena_printf(cx->arena, "Requests signed with %s are refused.", listed(cx, &w));
}

/* ---- wishes of one kind --------------------------------------------------------- */

enum kind { KIND_SUBJECT, KIND_NAMES, KIND_USAGE, KIND_REST };

static enum kind
kind_of(const char *item)
{
	return text_starts(item, "subject.") ? KIND_SUBJECT
	    : text_starts(item, "san.")	     ? KIND_NAMES
	    : text_starts(item, "ku.") || text_starts(item, "eku.") ||
		text_starts(item, "basicConstraints.")
	    ? KIND_USAGE
	    : KIND_REST;
}

static bool
is_wildcard(const char *item)
{
	return text_ends(item, ".*");
}

/* Does this line meet all that the other one meets? */
static bool
covers(const char *line, const char *other)
{
	return strcmp(line, other) == 0 ||
	    (is_wildcard(line) && strncmp(line, other, strlen(line) - 1) == 0);
}

static bool
holds(const struct grant *g, const char *today)
{
	return !g->address_only && g->like == NULL && in_force(g->from, g->until, today);
}

/* It is over, or a line before it decides. */
static bool
is_idle(const struct profile *p, size_t i, const char *today)
{
	const struct grant *g = &p->grants[i];

	for (size_t k = 0; k < i; k++)
		if (covers(p->grants[k].item, g->item) && holds(&p->grants[k], today))
			return true;
	return g->until != NULL && strcmp(g->until, today) <= 0;
}

static const char *
wish_word(struct ctx *cx, const struct grant *g, const char *today)
{
	static const char *const names[][2] = { { "san.dns", "DNS names" },
		{ "san.ip", "IP addresses" }, { "san.uri", "URIs" },
		{ "san.email", "e-mail addresses" } };
	const char *word = kind_of(g->item) == KIND_SUBJECT ? item_label(g->item)
	    : text_starts(g->item, "ext.")		    ? extension_name(g->item)
							    : g->item;

	for (size_t i = 0; i < nitems(names); i++)
		if (strcmp(names[i][0], g->item) == 0)
			word = names[i][1];
	if (g->address_only)
		word = arena_printf(cx->arena, "%s that is an IP address", word);
	if (g->like != NULL)
		word = arena_printf(cx->arena, "%s like %s", word, g->like);
	if (g->from != NULL && strcmp(g->from, today) > 0)
		word = arena_printf(cx->arena, "%s (from %s)", word, g->from);
	return g->until == NULL ? word : arena_printf(cx->arena, "%s (until %s)", word, g->until);
}

struct wishes {
	struct words by[EFFECT_REFUSE + 1];
	bool apart[EFFECT_REFUSE + 1]; /* said, even if the rest fares the same */
	enum effect rest;	       /* of what no other line names */
};

static void
gather(struct ctx *cx, const struct profile *p, enum kind kind, const char *today, struct wishes *w)
{
	*w = (struct wishes){ .rest = EFFECT_DROP };
	for (size_t i = 0; i < p->ngrants; i++) {
		const struct grant *g = &p->grants[i];

		if (kind_of(g->item) != kind || is_idle(p, i, today))
			continue;
		if (is_wildcard(g->item) && kind != KIND_USAGE && holds(g, today))
			w->rest = g->effect;
		else if (!is_wildcard(g->item) || g->effect != EFFECT_DROP)
			add(&w->by[g->effect], wish_word(cx, g, today));
		w->apart[g->effect] |= g->address_only || g->like != NULL;
	}
}

/* "X and Y as asked. Z is refused. All else is left out." */
static const char *
wishes_sentence(struct ctx *cx, const struct wishes *w, const char *limit)
{
	static const char *const rest[] = { [EFFECT_GRANT] = "as asked",
		[EFFECT_DROP] = "is left out",
		[EFFECT_REFUSE] = "is refused" };
	static const char *const fate[] = {
		[EFFECT_DROP] = "Left out", [EFFECT_REFUSE] = "Refused"
	};
	const char *all = "", *granted = listed(cx, &w->by[EFFECT_GRANT]);

	if (granted != NULL)
		all = arena_printf(cx->arena, "%s as asked%s. ", as_sentence(cx, granted), limit);
	for (enum effect e = EFFECT_DROP; e <= EFFECT_REFUSE; e++)
		if (w->by[e].n > 0 && (e != w->rest || w->apart[e]))
			all = arena_printf(
			    cx->arena, "%s%s: %s. ", all, fate[e], listed(cx, &w->by[e]));
	return arena_printf(cx->arena, "%s%s %s.", all,
	    all[0] == '\0' ? "What is asked" : "All else", rest[w->rest]);
}

/* All seven together have a name. */
static void
name_the_seven(struct wishes *w)
{
	if (w->by[EFFECT_GRANT].n == 7)
		w->by[EFFECT_GRANT] = (struct words){ .v = { "the seven fields" }, .n = 1 };
}

static const char *
subject_sentence(struct ctx *cx, const struct profile *p, const char *today)
{
	static const char *const cn[] = { [CN_KEEP] = "",
		[CN_FIRST_NAME] = " Without a Common Name the first DNS name becomes it.",
		[CN_NONE] = " No certificate has a Common Name." };
	struct wishes w;

	gather(cx, p, KIND_SUBJECT, today, &w);
	name_the_seven(&w);
	return arena_printf(cx->arena, "%s%s", wishes_sentence(cx, &w, ""), cn[p->cn]);
}

static const char *
names_sentence(struct ctx *cx, const struct profile *p, const char *today)
{
	const char *limit =
	    p->max_names == 0 ? "" : arena_printf(cx->arena, ", at most %zu in all", p->max_names);
	struct wishes w;

	if (p->max_labels > 0)
		limit = arena_printf(
		    cx->arena, "%s, none of more than %zu labels", limit, p->max_labels);
	gather(cx, p, KIND_NAMES, today, &w);
	return wishes_sentence(cx, &w, limit);
}

static const char *
kind_sentence(struct ctx *cx, const struct profile *p, enum kind kind, const char *today)
{
	struct wishes w;

	gather(cx, p, kind, today, &w);
	return wishes_sentence(cx, &w, "");
}

/* ---- life, additions, approval --------------------------------------------------- */

static const char *
life_sentence(struct ctx *cx, const struct profile *p, const char *today)
{
	const char *most = p->life_asked ? "at most " : "", *all = "";

	for (size_t i = 0; i < p->nlife; i++) {
		const struct life_step *s = &p->life[i];
		bool later = s->from != NULL && strcmp(s->from, today) > 0;

		if (!later)
			all = arena_printf(cx->arena, "%s%lld days", most, (long long)s->days);
		else
			all = arena_printf(cx->arena, "%s%sfrom %s %s%lld days", all,
			    all[0] == '\0' ? "" : ", ", s->from, most, (long long)s->days);
	}
	return arena_printf(
	    cx->arena, p->life_asked ? "As asked, %s." : "%s, whatever is asked.", all);
}

static const char *
addition_word(struct ctx *cx, const struct addition *a)
{
	const char *item = a->item, *dot = strchr(item, '.'), *word;

	if (strcmp(item, "eku.serverAuth") == 0)
		word = "use as a TLS server";
	else if (strcmp(item, "eku.clientAuth") == 0)
		word = "use as a TLS client";
	else if (strcmp(item, "eku.OCSPSigning") == 0)
		word = "that it answers OCSP";
	else if (strcmp(item, "basicConstraints.pathlen") == 0)
		word = strcmp(a->value, "0") == 0
		    ? "that no CA is below it"
		    : arena_printf(cx->arena, "that at most %s CAs are below it", a->value);
	else if (strcmp(item, "basicConstraints.ca") == 0)
		word = strcmp(a->value, "TRUE") == 0 ? "that it is a CA" : "that it is no CA";
	else if (text_starts(item, "ku.") || text_starts(item, "eku."))
		word = arena_printf(cx->arena, "%s %s",
		    item[0] == 'k' ? "key usage" : "extended key usage", dot + 1);
	else
		word = text_starts(item, "ext.")
		    ? extension_name(item)
		    : arena_printf(cx->arena, "%s %s", item_label(item), a->value);
	return a->rsa_only ? arena_printf(cx->arena, "%s (RSA keys)", word) : word;
}

static const char *
additions_sentence(struct ctx *cx, const struct profile *p, const char *today)
{
	struct words w = { 0 };

	for (size_t i = 0; i < p->nadditions; i++)
		if (in_force(p->additions[i].from, p->additions[i].until, today))
			add(&w, addition_word(cx, &p->additions[i]));
	return w.n == 0 ? "Nothing."
			: arena_printf(cx->arena, "%s.", as_sentence(cx, listed(cx, &w)));
}

static const char *
rules_sentence(enum validation v)
{
	static const char *const words[] = { NULL,
		"Those of the Baseline Requirements that are in force on the day, as for a domain-validated"
		" certificate; it is never put on hold.",
		"Those of the Baseline Requirements that are in force on the day, as for an"
		" organization-validated certificate; it is never put on hold." };

	return words[v];
}

json_t *
policy_sentences(struct ctx *cx, const struct profile *p)
{
	static const char *const approval[] = { "None: what is in line is issued at once.",
		"By one person first.", "By two persons first." };
	const char *signature = signature_sentence(cx, p);
	json_t *all = json_array();
	char today[DAY_SIZE];

	day_of(today, cx->now);
	put_sentence(all, "Keys", keys_sentence(cx, p));
	if (signature != NULL)
		put_sentence(all, "Signature", signature);
	put_sentence(all, "Subject", subject_sentence(cx, p, today));
	put_sentence(all, "Names", names_sentence(cx, p, today));
	put_sentence(all, "Key usage", kind_sentence(cx, p, KIND_USAGE, today));
	put_sentence(all, "All else", kind_sentence(cx, p, KIND_REST, today));
	put_sentence(all, "Life", life_sentence(cx, p, today));
	if (p->rules != VALIDATION_PRIVATE)
		put_sentence(all, "Rules by date", rules_sentence(p->rules));
	put_sentence(all, "Always added", additions_sentence(cx, p, today));
	put_sentence(all, "Approval", approval[p->approvals]);
	return all;
}
