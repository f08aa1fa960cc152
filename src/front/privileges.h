/*
 * privileges.h - started as root: a uid for each process, then never root again
 */
#pragma once

#include <sys/types.h>

#include "base/err.h"

struct users {
	bool		 root;		/* we are root and will drop it */
	uid_t		 front, keeper, reader, fetch;
	gid_t		 front_gid, keeper_gid, reader_gid, fetch_gid;
};

/*
 * The users certwright, certwright-keeper, certwright-reader and certwright-fetch
 * where they exist, else fixed numbers (64510 to 64513) that no package of Debian uses.
 */
void	users_find(struct users *);
/* The data directory (the working directory) is handed over to the front,
 * kek and journals to the keeper. */
int	users_hand_over(const struct users *, struct err *);
/* A child of root, before its exec: this user for good, with CAP_IPC_LOCK where
 * there is one. -1: errno. */
int	users_become(uid_t, gid_t);
int	users_drop(const struct users *, struct err *);
