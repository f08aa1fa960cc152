/*
 * time.c - times as text, and ids that carry one
 */
#include <pthread.h>
#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "base/text.h"

static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep",
	"Oct", "Nov", "Dec" };

static uint64_t
random_bits(int bits)
{
	uint64_t v;

	random_bytes(&v, sizeof(v));
	return v >> (64 - bits);
}

/* The last one; within a millisecond, or a clock that was set back, the next
 * one is larger by a number that nobody guesses: order is order of making. */
static struct {
	pthread_mutex_t lock;
	uint64_t ms, hi, lo; /* 48, 40 and 40 bits */
} last = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void
next(uint64_t *ms, uint64_t *hi, uint64_t *lo)
{
	*ms = (uint64_t)clock_wall_ms();
	pthread_mutex_lock(&last.lock);
	if (*ms > last.ms) {
		last.ms = *ms;
		last.hi = random_bits(40);
		last.lo = random_bits(40);
	} else {
		last.lo += random_bits(40) + 1;
		last.hi += random_bits(16) + (last.lo >> 40);
		last.lo &= (1ULL << 40) - 1;
		last.ms += last.hi >> 40;
		last.hi &= (1ULL << 40) - 1;
	}
	*ms = last.ms;
	*hi = last.hi;
	*lo = last.lo;
	pthread_mutex_unlock(&last.lock);
}

void
id_new(char out[ID_SIZE])
{
	static const char digits[] = "0123456789abcdefghjkmnpqrstvwxyz";
	uint64_t ms, hi, lo;

	next(&ms, &hi, &lo);
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

struct tm
time_utc(int64_t t)
{
	time_t tt = (time_t)t;
	struct tm tm = { 0 };

	gmtime_r(&tt, &tm);
	return tm;
}

void
time_format(char out[TIME_SIZE], int64_t t)
{
	struct tm tm = time_utc(t < 0 ? 0 : t > 253402300799 ? 253402300799 : t);

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
	struct tm tm = time_utc(t);

	return arena_printf(a, "%d %s %d", tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900);
}

char *
time_minute(struct arena *a, int64_t t)
{
	struct tm tm = time_utc(t);

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
		/* years only from two on, the nearest: "400 days" says more than "1 year" */
		if (d < units[i].seconds * (i == 0 ? 2 : 1))
			continue;
		n = (d + (i == 0 ? units[0].seconds / 2 : 0)) / units[i].seconds;
		return arena_printf(a, when > now ? "in %lld %s%s" : "%lld %s%s ago", (long long)n,
		    units[i].name, n == 1 ? "" : "s");
	}
	return arena_strdup(a, when > now ? "in less than a minute" : "just now");
}
