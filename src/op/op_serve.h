/*
 * op_serve.h - the active pair of the portal's identity, put to work
 */
#pragma once

#include "store/store.h"

/*
 * Serve `cert` with `key` in all listeners at once (P5). The key's blob must
 * carry the purpose tls-server.
 */
int	op_serve(struct ctx *, const struct cert_row *cert, const struct key_row *key);
/* What the database says is active for identity "portal". */
int	op_serve_active(struct ctx *);
