/*
 * op_start.h - what the daemon does before it serves, and what it made at first
 */
#pragma once

#include "op/house.h"

/*
 * First start: the instance's id, a sealed word that proves the KEK, the key
 * of the audit's heads, the identity "portal" and a self-signed certificate
 * under a key of its own. Every start: checks the KEK (R_KEK_WRONG), records
 * that the journal was begun anew beside an older audit (P29), loads
 * weak-keys/, gives each certificate of the sign journal its row (P4), serves
 * the active pair. Fills cx->house.
 */
int	op_start(struct ctx *);
/* Sign the newest audit head and put it into the keeper's journal. */
int	op_audit_anchor(struct ctx *);
