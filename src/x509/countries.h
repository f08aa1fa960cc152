/*
 * countries.h - ISO 3166 country codes
 *
 * The table is made at build time from tzdata's iso3166.tab, sorted by code,
 * and ends with a NULL code. Names are the colloquial English ones.
 */
#pragma once

#include "base/base.h"

struct country {
	const char	*code;		/* "SE" */
	const char	*name;		/* "Sweden" */
};

extern const struct country countries[];	/* for lists of suggestions */
const struct country *country_by_code(const char *code);	/* exact; or NULL */
/* What people type instead of a code ("UK", "USA", "us", "DEU"): the code
 * that they mean, or NULL. */
const char	*country_guess(const char *typed);
