/*
 * disposition.h - what became of each wish
 *
 * The record of docs: item, asked, granted, outcome, weight, rule, reason,
 * reference, set_by. Every item of the request has exactly one; everything in
 * the certificate that was not asked has an `added` one.
 */
#pragma once

#include "base/arena.h"

enum outcome { OUT_GRANTED, OUT_AMENDED, OUT_DROPPED, OUT_ADDED, OUT_REFUSED };
enum weight { WEIGHT_NONE, WEIGHT_SAME, WEIGHT_HARMLESS, WEIGHT_BREAKING };
enum verdict {
	VERDICT_ISSUE, VERDICT_AMEND, VERDICT_HOLD, VERDICT_REFUSE,
	VERDICT_SAME, VERDICT_HARMLESS, VERDICT_BREAKING,
};

struct disposition {
	const char	*item;
	const char	*asked;		/* raw UTF-8 or NULL */
	const char	*granted;
	enum outcome	 outcome;
	enum weight	 weight;
	const char	*rule;		/* NULL only when granted */
	const char	*reason;
	const char	*reference;
	const char	*set_by;	/* "product rule" "authority profile" "tenant policy" "the authority" */
};

struct sheet {
	enum verdict	 verdict;
	struct disposition *v;
	size_t		 n, cap;
	const char	**notes;
	size_t		 nnotes, capnotes;
	struct arena	*arena;		/* borrowed: where the texts live */
};

void	sheet_init(struct sheet *, struct arena *);
struct disposition *sheet_add(struct sheet *, const char *item,
	    const char *asked, const char *granted, enum outcome);
/* Decide it: rule id (text of rule, reference come from the rule table). */
void	sheet_decide(struct disposition *, enum weight, const char *rule,
	    const char *reason, const char *reference, const char *set_by);
void	sheet_note(struct sheet *, const char *fmt, ...) PRINTF(2, 3);
struct disposition *sheet_find(const struct sheet *, const char *item);
size_t	sheet_count(const struct sheet *, enum outcome);
size_t	sheet_count_breaking(const struct sheet *);

const char *outcome_name(enum outcome);
const char *weight_name(enum weight);		/* NULL for WEIGHT_NONE */
const char *verdict_name(enum verdict);
int	    verdict_exit_code(enum verdict);	/* INTERFACES: 0 3 4 5 */
