/*
 * known.h - bearer tokens that were recognised lately
 *
 * Who asks with the same token again is found here and not in the database. A
 * token is known while db_rights is what it was before its tables were read, so
 * that what ends or demotes it acts on the next request (P27).
 */
#pragma once

#include "base/ctx.h"

struct known;

struct known *known_new(void);		/* for all threads */
void	known_free(struct known *);

/* A known token of this hash fills cx->actor, all but source, and cx->tenant.
 * False: look it up. */
bool	known_take(struct ctx *, const unsigned char hash[32]);
/* cx->actor and cx->tenant are those of this token; `rights` was read first. */
void	known_keep(struct ctx *, const unsigned char hash[32], uint64_t rights,
	    int64_t expires_at);
