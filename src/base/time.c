/*
 * time.c - times as text, and ids that carry one
 */
#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "base/text.h"

static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep",
	"Oct", "Nov", "Dec" };

void
id_new(char out[ID_SIZE])
{
	static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";
	uint64_t ms = (uint64_t)clock_wall_ms();
	unsigned char raw[10];
	uint64_t hi, lo;

	random_bytes(raw, sizeof(raw));
	hi = (uint64_t)raw[0] << 32 | (uint64_t)raw[1] << 24 | (uint64_t)raw[2] << 16 |
	    (uint64_t)raw[3] << 8 | raw[4];
	lo = (uint64_t)raw[5] << 32 | (uint64_t)raw[6] << 24 | (uint64_t)raw[7] << 16 |
	    (uint64_t)raw[8] << 8 | raw[9];
	for (int i = 9; i >= 0; i--, ms >>= 5)
		out[i] = digits[ms & 31];
	for (int i = 17; i >= 10; i--, hi >>= 5)
		out[i] = digits[hi & 31];
	for (int i = 25; i >= 18; i--, lo >>= 5)
		out[i] = digits[lo & 31];
	out[26] = '\0';
}

bool
id_valid(const char *s)
{
	return strlen(s) == ID_SIZE - 1 &&
	    strspn(s, "0123456789abcdefghjkmnpqrstvwxyz") == ID_SIZE - 1;
}

static struct tm
utc(int64_t t)
{
	time_t tt = (time_t)t;
	struct tm tm = { 0 };

	gmtime_r(&tt, &tm);
	return tm;
}

void
time_format(char out[TIME_SIZE], int64_t t)
{
	struct tm tm = utc(t < 0 ? 0 : t > 253402300799 ? 253402300799 : t);

	strftime(out, TIME_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm);
}

int
time_parse(const char *s, int64_t *out)
{
	struct tm tm = { 0 };
	const char *end = strptime(s, "%Y-%m-%dT%H:%M:%SZ", &tm);

	if (end == NULL || *end != '\0')
		return -1;
	*out = (int64_t)timegm(&tm);
	return 0;
}

char *
time_day(struct arena *a, int64_t t)
{
	struct tm tm = utc(t);

	return arena_printf(a, "%d %s %d", tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900);
}

char *
time_minute(struct arena *a, int64_t t)
{
	struct tm tm = utc(t);

	return arena_printf(a, "%d %s %d, %02d:%02d UTC", tm.tm_mday, months[tm.tm_mon],
	    tm.tm_year + 1900, tm.tm_hour, tm.tm_min);
}

char *
time_relative(struct arena *a, int64_t when, int64_t now)
{
	static const struct {
		int64_t seconds;
		const char *name;
	} units[] = {
		{ 86400 * 365LL, "year" },
		{ 86400, "day" },
		{ 3600, "hour" },
		{ 60, "minute" },
	};
	int64_t d = when > now ? when - now : now - when, n;

	for (size_t i = 0; i < nitems(units); i++) {
		/* years only from two on: "400 days" says more than "1 year" */
		if (d < units[i].seconds * (i == 0 ? 2 : 1))
			continue;
		n = d / units[i].seconds;
		return arena_printf(a, when > now ? "in %lld %s%s" : "%lld %s%s ago", (long long)n,
		    units[i].name, n == 1 ? "" : "s");
	}
	return arena_strdup(a, when > now ? "in less than a minute" : "just now");
}
