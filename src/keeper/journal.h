/*
 * journal.h - what the keeper itself remembers, append-only
 *
 * Audit heads, the ids of destroyed keys, checkpoints of the sign journal, who
 * the custodians are. Each record carries a MAC over itself and the record
 * before, under a key derived from the KEK. A record cut short by a power
 * failure at the end is dropped; any other damage stops the start. A failed
 * fsync ends the process: it is never retried.
 */
#pragma once

#include "keeper/chain.h"
#include "keeper/roster.h"
#include "wire/message.h"

struct journal;

/* fd: opened for reading and appending. `mac_key`: set once the KEK is open. */
int	journal_open(struct journal **, int fd, const unsigned char mac_key[32],
	    struct err *);
void	journal_free(struct journal *);	/* the descriptor stays open; NULL is fine */
/* R_ANCHOR_OLDER, R_ANCHOR_OTHER; the same head again is fine (1). */
int	journal_check_head(struct journal *, uint64_t sequence,
	    const unsigned char hash[32], struct err *);
/* Durable when it returns. */
int	journal_append_head(struct journal *, uint64_t sequence,
	    const unsigned char hash[32], const struct bytes *signature, struct err *);
int	journal_append_destroyed(struct journal *, const char *id, struct err *);
bool	journal_is_destroyed(struct journal *, const char *id);
void	journal_head(struct journal *, uint64_t *sequence, unsigned char hash[32]);
uint32_t journal_destroyed_count(struct journal *);

/* Up to where the sign journal needs not be read again (signlog.h). */
struct checkpoint {
	uint64_t	 position;		/* end of a record in it; 0: none yet */
	uint64_t	 certificates;		/* records of certificates up to there */
	unsigned char	 mac[CHAIN_MAC];	/* of the record that ends there */
};
void	journal_checkpoint(struct journal *, struct checkpoint *);
int	journal_append_checkpoint(struct journal *, const struct checkpoint *, struct err *);

/* One more (the SHA-256 of its sealed seed), or NULL: one less. The caller has
 * looked whether that can be. */
int	journal_append_custodian(struct journal *, const char *id, const unsigned char seed[32],
	    struct err *);
void	journal_roster(struct journal *, struct roster *);
