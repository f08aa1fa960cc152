/*
 * examine_impl.h - what the parts of the examiner share
 */
#pragma once

#include "x509/dated.h"
#include "x509/examine.h"
#include "x509/wish.h"

struct examining {
	const struct examine_input *in;
	struct sheet	*sheet;
	struct items	 items;
	struct err	 key_fault;
	char		 day[DAY_SIZE];
	size_t		 names;		/* granted so far */
	bool		 is_rsa;
};

/* Why something is so: the rule, in words. */
struct decision {
	enum effect	 effect;
	const char	*rule, *reason, *reference, *set_by;
};

/* ---- examine_profile.c -------------------------------------------------- */
/* By a line of the card, called `what` there. */
struct decision	decide_by_fact(const struct examining *, enum effect,
		    const char *what, const struct fact *);
struct decision	decide_by_dated(const struct dated_rule *);
/* By a rule of rules.h; reason NULL: its own sentence. */
struct decision	decide_by_product(enum effect, const char *id, const char *reason);
/* A row of the sheet. */
void	examine_put(struct examining *, const char *item, const char *asked,
	    const char *granted, enum outcome, const struct decision *);
/* What the profile puts in there itself; NULL: nothing. */
const struct addition *examine_addition(const struct examining *, const char *item);
/* The stricter of what holds for all public authorities and of the profile. */
struct decision	judge_wish(const struct examining *, const struct item *);
/* The same, and what is wrong with the wish itself. */
struct decision	judge_other(struct examining *, const struct item *);
bool	wish_is_ambiguous(const struct item *);

/* ---- examine_names.c ---------------------------------------------------- */
struct decision	judge_name(struct examining *, const struct item *);
/* May add a name to the sheet. */
struct decision	judge_common_name(struct examining *, const struct item *);
struct decision	judge_email(struct examining *, const struct item *);

/* ---- examine_life.c ----------------------------------------------------- */
/* The rows validity.days and validity.notBefore. */
void	examine_life(struct examining *);
