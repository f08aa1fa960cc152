/*
 * op_serve.h - the active pair of the portal's identity, put to work
 */
#pragma once

#include "store/store.h"

/* Could the listeners present this pair? R_TLS. Changes nothing. */
int	op_serve_check(struct ctx *, const struct cert_row *, const struct key_row *);
/*
 * Serve in all listeners at once what the database says is active for the
 * identity "portal" (P5). Of two that call at a time the later one reads what
 * both have written, so the newest state is served in the end.
 */
int	op_serve_active(struct ctx *);
