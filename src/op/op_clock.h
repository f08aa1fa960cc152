/*
 * op_clock.h - is the clock to be trusted with certificates? (P36)
 *
 * What was signed with a wrong time cannot be taken back. When the clock has
 * gone back, or ahead of the time that passed, no certificate is signed under a
 * CA's key until an administrator says that the clock is right. Lists of revoked
 * certificates and OCSP answers go on: they make nothing valid.
 */
#pragma once

#include "base/ctx.h"

#define CLOCK_BACK_S	600		/* back by more than that */
#define CLOCK_AHEAD_S	86400		/* ahead by more than that, while we run */
#define CLOCK_AWAY_S	(30 * 86400)	/* since we ran last */
#define CLOCK_NOTE_S	600		/* how often it is written down */

enum clock_verdict { CLOCK_FINE, CLOCK_BACK, CLOCK_AHEAD };

struct clock_seen {
	int64_t		 wall;		/* seconds since 1970; 0: never */
	int64_t		 running;	/* seconds that this machine runs; 0: then it was not us */
};
enum clock_verdict clock_judge(const struct clock_seen *, int64_t wall, int64_t running);

struct clock_jump {
	enum clock_verdict verdict;	/* CLOCK_FINE: certificates are signed */
	int64_t		 from, to;	/* it showed one, then the other */
};
void	op_clock_state(struct clock_jump *);

/* What was written down last, against now. After op_owns_load. */
int	op_clock_start(struct ctx *);
/* From time to time: look, and write down. */
int	op_clock_tick(struct ctx *);
/* Before a certificate is signed, outside of any transaction. R_CLOCK */
int	op_clock_check(struct ctx *);
/* The clock is right as it is now. R_CLOCK_FINE: nobody doubts it. */
int	op_clock_confirm(struct ctx *);
