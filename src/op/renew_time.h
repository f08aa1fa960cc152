/*
 * renew_time.h - when a certificate is renewed, and when it is tried again
 *
 * At two thirds of its life, at half of one under ten days, and earlier where
 * somebody said so. Those that were made together are not renewed together: each
 * is put off by a share of the spread that its SHA-256 decides, the same each time
 * it is asked. Tries that fail come rarer, with a ceiling that leaves several of
 * them before the end (P37); nothing here can overflow.
 */
#pragma once

#include "base/base.h"

#define RENEW_SHORT_S	(10 * 86400)	/* a life under that is renewed at half */
#define RENEW_SPREAD_MAX 20		/* percent of a life */
#define RENEW_AGAIN_MIN_S 60
#define RENEW_AGAIN_MAX_S (6 * 3600)

struct renew_life {
	int64_t		 not_before, not_after;	/* seconds since 1970 */
	int64_t		 days_left;		/* renew when so many are left, if earlier; 0 */
	int64_t		 spread;		/* percent of the life, 0 to RENEW_SPREAD_MAX */
	const unsigned char *sha256;		/* of the certificate */
};
/* The beginning of the window, of all that live so long. */
int64_t	renew_from(int64_t not_before, int64_t not_after);
/* When this one is renewed; before its end, and not before its beginning. */
int64_t	renew_due(const struct renew_life *);
/* After so many tries (at least 1) that failed; random: any number. */
int64_t	renew_again(int64_t now, int64_t tries, int64_t not_after, uint32_t random);

struct renew_hours { int from, to; };	/* minutes of the day, UTC; to may be before from */
/* "22:00-04:00". false: it is none. */
bool	renew_hours_parse(const char *text, struct renew_hours *);
/* `now` when it is in these hours, else when they begin next. */
int64_t	renew_hours_next(const struct renew_hours *, int64_t now);
