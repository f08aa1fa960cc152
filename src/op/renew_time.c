/*
 * renew_time.c - when a certificate is renewed, and when it is tried again
 */
#include <ctype.h>

#include "op/renew_time.h"

#define DAY	 86400
#define DOUBLES	 10 /* of the first wait; then it is at its ceiling */
#define LEAVE_OF 8  /* tries before the end */

int64_t
renew_from(int64_t not_before, int64_t not_after)
{
	int64_t life = not_after - not_before;

	return not_after - life / (life < RENEW_SHORT_S ? 2 : 3);
}

/* Of 65536 parts. */
static int64_t
share(const unsigned char *sha256)
{
	return sha256[0] << 8 | sha256[1];
}

int64_t
renew_due(const struct renew_life *l)
{
	int64_t life = l->not_after - l->not_before, at = renew_from(l->not_before, l->not_after);

	if (l->days_left > 0 && l->not_after - l->days_left * DAY < at)
		at = l->not_after - l->days_left * DAY;
	if (at < l->not_before)
		at = l->not_before;
	return at + life / 100 * l->spread * share(l->sha256) / 65536;
}

int64_t
renew_again(int64_t now, int64_t tries, int64_t not_after, uint32_t random)
{
	int64_t wait = RENEW_AGAIN_MIN_S, most = RENEW_AGAIN_MAX_S;

	if (not_after > now && (not_after - now) / LEAVE_OF < most)
		most = (not_after - now) / LEAVE_OF;
	if (most < RENEW_AGAIN_MIN_S)
		most = RENEW_AGAIN_MIN_S;
	for (int64_t i = 1; i < tries && i <= DOUBLES; i++)
		wait *= 2;
	if (wait > most)
		wait = most;
	/* from half of it to all of it, so that many do not come at once */
	return now + wait / 2 + random % (uint32_t)(wait - wait / 2 + 1);
}

static bool
minute_of(const char *text, int *out)
{
	int hour, minute;

	for (int i = 0; i < 5; i++)
		if (i == 2 ? text[i] != ':' : !isdigit((unsigned char)text[i]))
			return false;
	hour = (text[0] - '0') * 10 + text[1] - '0';
	minute = (text[3] - '0') * 10 + text[4] - '0';
	*out = hour * 60 + minute;
	return hour < 24 && minute < 60;
}

bool
renew_hours_parse(const char *text, struct renew_hours *h)
{
	return strlen(text) == 11 && minute_of(text, &h->from) && text[5] == '-' &&
	    minute_of(text + 6, &h->to) && h->from != h->to;
}

int64_t
renew_hours_next(const struct renew_hours *h, int64_t now)
{
	int64_t midnight = now - now % DAY, minute = now % DAY / 60;
	bool in = h->from < h->to ? minute >= h->from && minute < h->to
				  : minute >= h->from || minute < h->to;

	if (in)
		return now;
	return midnight + h->from * 60 + (minute >= h->from ? DAY : 0);
}
