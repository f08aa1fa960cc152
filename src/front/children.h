/*
 * children.h - the keeper and the reader's spawner, started before the sandbox
 */
#pragma once

#include <sys/types.h>

#include "front/privileges.h"

struct children {
	pid_t		 keeper, spawner;
	int		*keeper_fds;	/* our ends, one for each thread */
	size_t		 nkeeper_fds;
	int		 readers;	/* our control socket to the spawner */
};

/*
 * helpers: folder of certwright-keeper and certwright-reader. Opens kek
 * (made at the first start) and journals in the working directory.
 */
int	children_start(struct children *, const char *helpers, const struct users *,
	    size_t connections, bool no_sandbox, struct err *);
