/*
 * doors_setting.h - which listener serves what and wants which certificate: read,
 * typed, written down. For op_doors.c alone.
 */
#pragma once

#include <limits.h>

#include "base/config.h"
#include "op/op_doors.h"

#define LINES_MAX	(LISTEN_MAX * 80)
#define CAS_MAX		2048
#define ALL		UINT_MAX	/* listeners, those that are not here, too */

/* What a listener does, or not. The first two are done somewhere. */
enum { SUPER, ADMIN, ASKED, REQUIRED, SIDES };

/* Which listeners, and how that is written down. */
struct side {
	unsigned	 on;			/* a bit a listener */
	char		 lines[LINES_MAX];	/* addresses; "all"; "": none */
};
struct setting {
	struct side	 v[SIDES];
	char		 cas[CAS_MAX];	/* names of authorities, a line each; "": all */
};

void	setting_first(struct setting *);	/* as it is before anybody sets it */
/* Over what is there: what was written down. What is gone is said in the log. */
int	setting_load(struct ctx *, struct setting *);
/* Over what is there: what somebody wishes. R_DOORS_ADDRESS, R_CLIENT_CA */
int	setting_take(struct ctx *, const struct doors_wish *, struct setting *);
bool	setting_same(const struct setting *, const struct setting *);
bool	setting_has_ca(const struct setting *, const char *authority);
/* Addresses of it where nothing listens, one a line. */
const char *setting_gone(struct ctx *, const struct setting *);
/* Into the audit: what is in force from then on. more: members, each with a comma in
 * front. In the open transaction, as the next. */
int	setting_note(struct ctx *, const char *action, const struct setting *, const char *more);
int	setting_write(struct ctx *, const struct setting *);
