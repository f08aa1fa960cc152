/*
 * profile.c - the profile of an authority, and days
 */
#include <ctype.h>
#include <time.h>

#include "x509/authority.h"

const char *
validation_name(enum validation v)
{
	static const char *const names[] = { "private", "dv", "ov" };

	return v > VALIDATION_OV ? "" : names[v];
}

const char *
effect_name(enum effect e)
{
	static const char *const names[] = { "grant", "drop", "refuse" };

	return e > EFFECT_REFUSE ? "" : names[e];
}

static bool
is_like(const char *v, const char *end, const char *p)
{
	for (; *p != '\0'; p++, v++) {
		if (*p == '*') {
			while (p[1] == '*')
				p++;
			for (; v <= end; v++)
				if (is_like(v, end, p + 1))
					return true;
			return false;
		}
		if (v == end || tolower((unsigned char)*v) != tolower((unsigned char)*p))
			return false;
	}
	return v == end;
}

bool
value_is_like(const char *value, const char *pattern)
{
	return is_like(value, value + strlen(value), pattern);
}

const struct profile *
authority_profile(const struct authority *a, const char *name, struct err *e)
{
	char known[512] = "";
	size_t n = 0;

	if (name == NULL || name[0] == '\0')
		return &a->profiles[a->default_profile];
	for (size_t i = 0; i < a->nprofiles; i++)
		if (strcmp(a->profiles[i].name, name) == 0)
			return &a->profiles[i];
	for (size_t i = 0; i < a->nprofiles && n < sizeof(known); i++)
		n += (size_t)snprintf(
		    known + n, sizeof(known) - n, "%s%s", i == 0 ? "" : ", ", a->profiles[i].name);
	err_set(e, R_PROFILE_UNKNOWN, "profile", "%s has no profile %.80s", a->title, name);
	err_hint(e, "it has: %s", known);
	return NULL;
}

void
day_of(char out[DAY_SIZE], int64_t seconds)
{
	time_t t = (time_t)seconds;
	struct tm tm;

	strftime(out, DAY_SIZE, "%Y-%m-%d", gmtime_r(&t, &tm));
}

int
day_parse(const char *text, int64_t *seconds)
{
	struct tm tm = { 0 };
	const char *end = strptime(text, "%Y-%m-%d", &tm);
	char again[DAY_SIZE];

	if (end == NULL || *end != '\0' || strlen(text) != DAY_SIZE - 1)
		return -1;
	*seconds = (int64_t)timegm(&tm);
	day_of(again, *seconds); /* 31 February would be another day */
	return strcmp(again, text) == 0 ? 0 : -1;
}

bool
in_force(const char *from, const char *until, const char *day)
{
	return (from == NULL || strcmp(day, from) >= 0) &&
	    (until == NULL || strcmp(day, until) < 0);
}
