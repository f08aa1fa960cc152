/*
 * landlock.h - which files and ports are left to a process
 *
 * Debian 12's headers know only the first structures: the few newer ones are
 * defined in landlock.c, sized to what the running kernel understands.
 */
#pragma once

#include "base/base.h"
#include "base/err.h"

#define FS_READ		0x000cULL	/* files and folders */
#define FS_WORK		0x412eULL	/* and write, cut off, remove, make files */
#define NET_BIND	1ULL		/* TCP */
#define NET_CONNECT	2ULL

/* A set of rules that leaves nothing of files, and nothing of `net`; or -1, where the
 * kernel has none. *abi: what it understands. */
int	landlock_begin(uint64_t net, int *abi);
/* A path that is not there is no fault. */
int	landlock_allow(int ruleset, const char *path, uint64_t access);
/* From now on; closes it. After PR_SET_NO_NEW_PRIVS. */
int	landlock_close(int ruleset);
int	landlock_missing(struct err *);		/* -1 with R_SANDBOX */
