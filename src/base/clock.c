/*
 * clock.c - time and randomness, with a seam for tests
 */
#include <sys/random.h>

#include <errno.h>
#include <time.h>

#include "base/clock.h"

static int64_t
now_ms(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int64_t
test_offset_ms(void)
{
#ifdef CERTWRIGHT_TEST
	const char *offset = getenv("CERTWRIGHT_TEST_CLOCK_OFFSET");

	return offset == NULL ? 0 : strtoll(offset, NULL, 10) * 1000;
#else
	return 0;
#endif
}

int64_t
clock_wall_ms(void)
{
	return now_ms(CLOCK_REALTIME) + test_offset_ms();
}

int64_t
clock_wall(void)
{
	return clock_wall_ms() / 1000;
}

int64_t
clock_monotonic_ms(void)
{
	return now_ms(CLOCK_MONOTONIC);
}

void
random_bytes(void *p, size_t n)
{
	unsigned char *o = p;
	ssize_t got;

	while (n > 0) {
		got = getrandom(o, n, 0);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			abort();
		o += got;
		n -= (size_t)got;
	}
}
