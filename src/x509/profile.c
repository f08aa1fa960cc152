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

/* A star takes as little as it can; what does not fit then is tried one further on,
 * for the last star alone: the time is that of both lengths multiplied, at most. */
bool
value_is_like(const char *value, const char *pattern)
{
	const char *v = value, *p = pattern, *star = NULL, *from = NULL;

	while (*v != '\0') {
		if (*p == '*') {
			star = p++;
			from = v;
		} else if (tolower((unsigned char)*v) == tolower((unsigned char)*p)) {
			v++;
			p++;
		} else if (star != NULL) {
			p = star + 1;
			v = ++from;
		} else {
			return false;
		}
	}
	return p[strspn(p, "*")] == '\0';
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
