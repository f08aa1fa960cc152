/*
 * authority.h - what a certification authority makes of wishes, as data
 *
 * A capability card (share/authorities/ID.json; docs/authorities.md) says for
 * each profile which wishes survive, what is added, which keys and how many
 * names are taken and how long a certificate lives. Each fact has a reference
 * and the day on which it was checked. Nothing is granted that no line of the
 * card grants.
 */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "x509/keyspec.h"

enum validation { VALIDATION_PRIVATE, VALIDATION_DV, VALIDATION_OV };
enum effect { EFFECT_GRANT, EFFECT_DROP, EFFECT_REFUSE };
enum cn_policy { CN_KEEP, CN_FIRST_NAME, CN_NONE };

struct fact {
	const char	*reason;	/* one sentence for the requester */
	const char	*reference;
	const char	*checked;	/* "2026-11-23" */
};

/* A wish met by its item: "subject.O", or "san.*" for all that begin so. */
struct grant {
	const char	*item;
	enum effect	 effect;
	bool		 address_only;	/* only of values that are IP addresses */
	const char	*like;		/* only of values like "*.example.com"; NULL: of all */
	const char	*from, *until;	/* days, or NULL: always */
	struct fact	 fact;
};

/* In every certificate of the profile, asked or not. */
struct addition {
	const char	*item, *value;
	bool		 rsa_only;
	const char	*from, *until;
	struct fact	 fact;
};

/* What is worth knowing on such days, whatever was asked. */
struct note {
	const char	*from, *until;
	struct fact	 fact;
};

struct life_step {
	const char	*from;		/* a day, or NULL: from the beginning */
	int64_t		 days;
};

struct profile {
	const char	*name, *summary;
	enum validation	 rules;		/* whose rules by date bind it: the card's, or its own */
	bool		 ca;		/* its certificates are those of CAs */
	enum cn_policy	 cn;
	bool		 key[KEY_RSA_OTHER + 1];	/* taken, by enum key_type */
	long		 rsa_exponent;			/* the only one, or 0 */
	struct fact	 keys_fact;
	const char	**weak_signatures;		/* parts of names of refused ones */
	size_t		 nweak_signatures;
	struct fact	 signatures_fact;
	size_t		 max_names, max_labels;		/* 0: no limit */
	struct fact	 names_fact;
	bool		 life_asked;	/* an order may ask for less */
	struct life_step *life;		/* by date, oldest first */
	size_t		 nlife;
	struct fact	 life_fact;
	int		 approvals;	/* of people, before it is issued; 0: none */
	struct fact	 approval_fact;
	struct grant	*grants;	/* the first that fits decides */
	size_t		 ngrants;
	struct addition	*additions;
	size_t		 nadditions;
	struct note	*notes;
	size_t		 nnotes;
};

struct authority {
	const char	*id, *title, *summary, *checked;
	enum validation	 validation;
	const char	*order;		/* the format to choose when ordering, or NULL */
	struct fact	 order_fact;
	struct profile	*profiles;
	size_t		 nprofiles, default_profile;
};

/*
 * The text of a card. Everything lives in the arena. R_CARD with the member at
 * fault; unknown members are faults.
 */
int	authority_parse(struct arena *, const char *text, size_t len,
	    struct authority *, struct err *);
/* Is it like that? A "*" stands for any text; letters of either case are the same. */
bool	value_is_like(const char *value, const char *pattern);
/* NULL name: the default one. R_PROFILE_UNKNOWN, naming those that there are. */
const struct profile *authority_profile(const struct authority *, const char *name,
	    struct err *);
const char *validation_name(enum validation);	/* "private" "dv" "ov" */
const char *effect_name(enum effect);		/* "grant" "drop" "refuse" */

/*
 * Days are text, "2026-11-25": they compare as they follow each other. A rule
 * is in force from 00:00 UTC of `from` (inclusive) until `until` (exclusive).
 */
#define DAY_SIZE 11
void	day_of(char out[DAY_SIZE], int64_t seconds);
int	day_parse(const char *, int64_t *seconds);	/* 00:00:00 UTC; -1: no day */
bool	in_force(const char *from, const char *until, const char *day);
