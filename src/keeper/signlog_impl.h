/*
 * signlog_impl.h - inside of the sign journal: its file, read
 *
 * Record: u32 length of what follows | u8 kind | payload | 16 bytes of MAC.
 */
#pragma once

#include <pthread.h>

#include "keeper/signlog.h"

#define CERTIFICATE	1	/* text key id, string TBS */
#define LIST		2	/* text key id, u8 purpose, u64 number, SHA-256 */

struct signlog {
	int		 fd;
	unsigned char	 key[32];
	struct journal	*journal;
	pthread_mutex_t	 lock;			/* of all below */
	pthread_cond_t	 synced_more;
	unsigned char	 mac[CHAIN_MAC];	/* of the last record */
	uint64_t	 end, synced;		/* of the last record; of the last durable one */
	uint64_t	 certificates;		/* records of them, from the first on */
	bool		 syncing;
	struct checkpoint checkpoint;
	pthread_mutex_t	 checkpoints;		/* one is set at a time */
};

/* A stretch of the file, mapped, and the MAC before it. What was written does not
 * change any more. */
struct stretch {
	unsigned char	*map;
	size_t		 mapped;
	const unsigned char *p;			/* what is left of it */
	size_t		 n;
	unsigned char	 mac[CHAIN_MAC];
};

int	stretch_open(const struct signlog *, uint64_t from, uint64_t to, struct stretch *,
	    struct err *);
/* The next record of it, kind and payload; its whole length, 0: it is none. */
size_t	stretch_next(const struct signlog *, struct stretch *, struct view *record);
void	stretch_close(struct stretch *);

/*
 * What begins at p, byte `at` of the file, is no record. Did a power failure
 * tear it, with all that was not durable yet? Then it is the beginning of one,
 * and what follows is missing or zero, in whole sectors where the disk wrote in
 * another order. Anything else was a record, and has been changed.
 */
bool	signlog_is_torn(const struct signlog *, const unsigned char *p, uint64_t at, size_t n);
int	signlog_damaged(uint64_t at, struct err *);
