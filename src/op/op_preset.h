/*
 * op_preset.h - what the CSR fields of a tenant begin with, and which are fixed
 *
 * Who has people of its own wants the same organization in each request. A
 * preset stands where an identity has saved nothing; a locked one stands in
 * every request of the tenant, whatever was typed or saved. The Common Name has
 * none: it is each server's own.
 */
#pragma once

#include "store/store.h"

#define PRESETS	6

struct preset {
	const char	*field;			/* "country" ... */
	const char	*label;
	const char	*item;			/* "subject.C" ... */
	const char	*value;			/* or NULL */
	bool		 locked;		/* only with a value */
};
/* Of the tenant that cx acts in, in the order of the page. */
int	op_presets(struct ctx *, struct preset out[PRESETS]);
/*
 * values[i]: NULL stays, "" is none. locked: the fields' names, one a line; NULL stays.
 * Locks, and what is locked, are a Super Admin's to change: R_PRESET_LOCKED. Faults
 * of a value stand at its field. R_PRESET_FIELD, R_PRESET_EMPTY: at "locked".
 */
int	op_presets_save(struct ctx *, const char *const values[PRESETS], const char *locked,
	    struct preset out[PRESETS]);
/* The preset of this field, or NULL. */
const struct preset *preset_of(const struct preset all[PRESETS], const char *field);
/*
 * What the field is: typed, else saved, else preset; what is locked in any case.
 * R_PRESET_LOCKED: something else was typed. p: NULL for a field that has none.
 */
int	preset_take(struct ctx *, const struct preset *p, const char *typed, const char *saved,
	    const char **out);
/* A CSR that was made elsewhere: where it has a locked field it is the same. */
struct subject;
int	presets_check(struct ctx *, const struct subject *);
