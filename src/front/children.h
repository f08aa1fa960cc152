/*
 * children.h - the helpers, started before the sandbox
 */
#pragma once

#include <sys/types.h>

#include "base/config.h"
#include "front/privileges.h"

struct children {
	pid_t		 keeper, spawner, fetcher, deliverer;	/* deliverer 0: there is none */
	int		*keeper_fds;	/* our ends, one for each thread */
	size_t		 nkeeper_fds;
	int		 readers;	/* our control socket to the reader's spawner */
	int		 fetch;		/* and to certwright-fetch */
	int		 targets;	/* and to certwright-deliver, or -1 */
};

/*
 * helpers: folder of certwright-keeper, certwright-reader, certwright-fetch and
 * certwright-deliver, which starts with a list of targets only, and keeps our rights.
 * Opens kek (made at the first start) and journals in the working directory.
 */
int	children_start(struct children *, const char *helpers, const struct users *,
	    size_t connections, const struct config *, struct err *);
