/*
 * attention_keys.c - what keys need: those that others have, and roots that are away
 */
#include "op/attention.h"

#define AWAY_DAYS 30

/* What is presented is replaced by the guide; of another key it is enough to make a new one. */
static int
step_of_bad(struct ctx *cx, const struct bad_key *bad, enum attention_step *out)
{
	struct identity i;
	struct cert_row active;
	struct key_row key;

	*out = STEP_NONE;
	if (bad->of_ca)
		return 0;
	*out = STEP_KEY;
	if (store_identity_load(cx, bad->name, &i) < 0)
		return -1;
	if (i.active[0] == '\0')
		return 0;
	if (store_cert_load(cx, i.active, &active) < 0 || store_key_load(cx, active.key, &key) < 0)
		return -1;
	if (key.generation == bad->generation)
		*out = STEP_REPLACE;
	return 0;
}

/* Keys that must not be used any more, whatever their certificates say. */
int
attention_of_keys(struct ctx *cx, struct found *f)
{
	enum attention_step step;
	struct bad_key *bad;
	size_t n;

	if (store_compromised_own(cx, &bad, &n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (step_of_bad(cx, &bad[i], &step) < 0)
			return -1;
		attention_add(f, 950,
		    (struct attention){ ATTENTION_BAD_KEY, step, bad[i].of_ca ? NULL : bad[i].name,
			arena_printf(cx->arena, "The private key of %s%s, %s %lld, %s",
			    bad[i].of_ca ? "the CA " : "", bad[i].name,
			    bad[i].of_ca ? "number" : "generation", (long long)bad[i].generation,
			    strcmp(bad[i].source, "shared-factor") == 0
				? "has a prime factor in common with another key: others can "
				  "compute it. Replace it."
				: "is compromised: others have it. Replace it.") });
	}
	return 0;
}

/* The key of a root is away; what was made before is good until when? */
static int
away_until(struct ctx *cx, const struct ca_row *ca, int64_t *since, int64_t *until)
{
	struct ocsp_signer_row signer;
	struct crl_row last;

	if (store_crl_load(cx, ca->id, 0, &last) < 0)
		return -1;
	*since = last.this_update;
	*until = last.next_update;
	if (store_ocsp_signer_load(cx, ca->id, &signer) == 0) {
		if (signer.not_after < *until)
			*until = signer.not_after;
	} else if (cx->err.refusal != R_NOT_FOUND)
		return -1;
	err_clear(&cx->err);
	return 0;
}

static int
judge_root(struct ctx *cx, struct found *f, const struct ca_row *ca)
{
	struct arena *a = cx->arena;
	int64_t since, until, days;

	if (strcmp(ca->state, "offline") != 0 || cx->now > ca->not_after)
		return 0;
	if (away_until(cx, ca, &since, &until) < 0)
		return -1;
	days = days_left(until, cx->now);
	if (days > AWAY_DAYS || until >= ca->not_after)
		return 0;
	attention_add(f, days <= URGENT_DAYS ? 560 : 420,
	    (struct attention){ ATTENTION_ROOT_AWAY, STEP_ROOT, NULL,
		arena_printf(a,
		    "What the root of %s says of its certificates, as list or by OCSP, %s on %s: its "
		    "key is offline since %s. Bring it back, and take it offline again.",
		    ca->authority, until < cx->now ? "ended" : "ends", time_day(a, until),
		    time_day(a, since)) });
	return 0;
}

int
attention_of_roots(struct ctx *cx, struct found *f)
{
	struct ca_row *all;
	size_t n;

	if (store_ca_list(cx, NULL, &all, &n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (judge_root(cx, f, &all[i]) < 0)
			return -1;
	return 0;
}
