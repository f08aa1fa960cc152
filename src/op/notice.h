/*
 * notice.h - what is worth a notice in a tenant
 *
 * All is read from what is so now, so that nothing is missed while the daemon is
 * down. What a notice is about is named by kind, object and threshold; who was told of
 * that once is not told again (op_notify.h).
 */
#pragma once

#include "store/notify.h"

#define NOTICE_PARTS	"2/3,9/10"	/* of a life; the default */
#define NOTICE_LEVELS	8		/* parts, and days, at most */
#define NOTICE_DAYS_MAX	3650

struct notice {
	const char	*kind, *object, *threshold;
	const char	*sentence;
};
/* Of the tenant that cx acts in, worst first; parts and days as in *rules. */
int	notice_gather(struct ctx *, const struct notify_row *rules, struct notice **, size_t *);

/*
 * The last moment of a life that has come: "2/3" of it, "7 days" before its end, or
 * "ended". NULL: none has. Only the last is told: what was missed is history.
 */
const char *notice_threshold(struct arena *, const char *parts, const char *days,
	    int64_t not_before, int64_t not_after, int64_t now);
/* As they are kept, without spaces; "" is none. R_NOTIFY_PARTS, R_NOTIFY_DAYS */
int	notice_parts(struct ctx *, const char *text, const char **out);
int	notice_days(struct ctx *, const char *text, const char **out);
