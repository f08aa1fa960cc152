/*
 * dated.h - rules of publicly trusted TLS, each with its days
 *
 * The CA/Browser Forum's TLS Baseline Requirements (BR) and the root
 * programmes change on announced days. Each change is one row; a row is in
 * force from 00:00 UTC of `from` (inclusive) until `until` (exclusive) at the
 * time of signing.
 */
#pragma once

#include "x509/authority.h"
#include "x509/items.h"

enum dated_effect {
	DATED_DROP, DATED_REFUSE,	/* the wish */
	DATED_LIMIT,			/* the life: at most `days` */
	DATED_NOTE,			/* worth knowing when `hits` */
	DATED_DUTY,			/* of the authority; no wish is touched */
};

struct dated_rule {
	const char	*id;		/* "public.subject.ou"; may have several rows */
	const char	*from, *until;	/* "2022-09-01", or NULL */
	bool		 dv_only, ov_only;
	enum dated_effect effect;
	/* Of an asked item; NOTE: of the whole request, item NULL. NULL: always. */
	bool		(*hits)(const struct items *, const struct item *);
	int64_t		 days;		/* DATED_LIMIT, public.proof.reuse */
	const char	*sentence;	/* for the requester */
	const char	*reference;
	const char	*set_by;	/* who decided: the Forum, a root programme */
};

extern const struct dated_rule dated_rules[];	/* ends with a NULL id */

bool	dated_in_force(const struct dated_rule *, enum validation, const char *day);
/* The strictest row that drops or refuses this item, or NULL. */
const struct dated_rule *dated_find(enum validation, const char *day,
	    const struct items *, const struct item *);
/* When a proof of control made at this time is good no longer: by the rules of the
 * days until then. */
int64_t	dated_proof_end(int64_t proved);
/* The longest life that is allowed, or NULL: there is no rule. */
const struct dated_rule *dated_limit(enum validation, const char *day);
