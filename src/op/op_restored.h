/*
 * op_restored.h - is this database an old one that was put back? (P9)
 *
 * The keeper's journal remembers the newest event of the audit that it signed. A
 * database in which that event is missing, or another one, is older than the
 * journal, or was changed: it knows nothing of what was issued and revoked since.
 * No certificate is signed under a CA's key until an administrator says that it is
 * to be used; lists and OCSP answers go on with what it has.
 */
#pragma once

#include "base/ctx.h"

struct restored {
	bool		 stopped;
	int64_t		 events;	/* of the database's audit at the start */
	int64_t		 anchored;	/* in the keeper's journal then */
};

/* Once, before anything is served. */
int	op_restored_start(struct ctx *);
void	op_restored_state(struct restored *);
/* Before a certificate is signed. R_RESTORED */
int	op_restored_check(struct ctx *);
/* This database is the one to go on with. R_RESTORED_NOT: nobody doubts it. */
int	op_restored_confirm(struct ctx *);
/*
 * 1: the head of the keeper's journal is one that an administrator let be passed
 * over; 0 not; -1. What says so is sealed by the keeper.
 */
int	op_restored_passed(struct ctx *, int64_t anchored, const unsigned char hash[32]);
