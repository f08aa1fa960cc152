/*
 * serials.c - serial numbers that were handed out and are not used yet
 */
#include "base/clock.h"
#include "keeper/serials.h"

static void
drop(struct serials *s, unsigned at)
{
	memmove(s->v[at], s->v[at + 1], (size_t)(s->n - at - 1) * SERIAL_SIZE);
	s->n--;
}

void
serials_make(struct serials *s, unsigned count, struct buf *out)
{
	static const unsigned char zero[SERIAL_SIZE];
	unsigned char *serial;

	for (; count > 0; count--) {
		if (s->n == SERIALS_MAX)
			drop(s, 0);
		serial = s->v[s->n++];
		do
			random_bytes(serial, SERIAL_SIZE);
		while (memcmp(serial, zero, SERIAL_SIZE) == 0);
		buf_put(out, serial, SERIAL_SIZE);
	}
}

bool
serials_use(struct serials *s, const unsigned char serial[SERIAL_SIZE])
{
	for (unsigned i = 0; i < s->n; i++)
		if (memcmp(s->v[i], serial, SERIAL_SIZE) == 0) {
			drop(s, i);
			return true;
		}
	return false;
}
