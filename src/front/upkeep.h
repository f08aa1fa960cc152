/*
 * upkeep.h - threads for what nobody waits for
 */
#pragma once

#include "base/ctx.h"

/* Done in small steps by a thread of its own, which the context belongs to. */
struct chore {
	struct ctx	*cx;
	void		(*wait)(struct house *);	/* until there may be something to do */
	int		(*step)(struct ctx *);	/* 1: there is more; 0: none; -1: again later */
	const char	*put_off;		/* what is said then */
};
int	upkeep_start(const struct chore *, struct err *);
