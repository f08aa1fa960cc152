/*
 * op_reconcile.h - every certificate of the keeper's sign journal has its row
 *
 * The keeper writes down what it is about to sign; the database has the rows
 * of what was told to somebody. What stands in the journal alone was perhaps
 * signed before something failed: it is kept as "presumed", and can be revoked
 * (P4). A checkpoint then says that the journal was read up to there.
 */
#pragma once

#include "base/ctx.h"

#define RECONCILE_EACH 1000	/* certificates */

/* At the start, and when it is due. Waits for those that are signing. */
int	op_reconcile(struct ctx *);
bool	op_reconcile_due(void);
