/*
 * custodian.h - nobody lets a key leave alone (P15)
 *
 * Custodians are accounts with one-time codes. Once there are two, a key leaves,
 * and the custodians change, with tickets of two different ones only. A ticket
 * is given for a code; it names one act, lives 15 minutes and is spent with the
 * act. It is known to this process alone: a restart ends it.
 *
 * A code of a custodian is taken once. A custodian's seed is never unsealed for
 * anybody: codes are judged here, at sign-in too.
 */
#pragma once

#include "keeper/roster.h"
#include "wire/message.h"

#define TICKET_SIZE   32
#define TICKET_LIFE_S (15 * 60)

struct vault;
struct journal;
struct custodians;

/* An account and its sealed seed, as the front keeps it. */
struct codeholder {
	const char	*tenant, *id;
	struct bytes	 seed;
};

/* Both are borrowed. */
struct custodians *custodians_new(struct vault *, struct journal *);
void	custodians_free(struct custodians *);		/* NULL is fine */

/* Right? *step is its step of 30 seconds. R_UNSEAL, R_CODE_WRONG; of a
 * custodian also R_TOTP_USED, R_CODE_LIMIT. */
int	custodians_code(struct custodians *, const struct codeholder *, uint32_t code,
	    int64_t *step, struct err *);
/* A ticket for one act. As above, and R_CUSTODIAN_NOT, R_CUSTODIAN_SEED. */
int	custodians_approve(struct custodians *, const struct codeholder *, uint32_t code,
	    const char *act, unsigned char ticket[TICKET_SIZE], int64_t *step, struct err *);
/* May it be done? From two custodians on it takes two tickets, and spends them.
 * R_SECOND_PERSON, R_TICKET. */
int	custodians_spend(struct custodians *, const struct bytes *tickets, const char *act,
	    struct err *);
/* Durable when it returns. R_CUSTODIAN_IS, R_CUSTODIAN_NOT, R_CUSTODIAN_FULL, R_UNSEAL,
 * and those of custodians_spend. */
int	custodians_add(struct custodians *, const struct codeholder *,
	    const struct bytes *tickets, struct err *);
int	custodians_remove(struct custodians *, const char *id, const struct bytes *tickets,
	    struct err *);
/* The ids of all, each a text. */
void	custodians_list(struct custodians *, struct buf *out);
/* Is this the sealed seed of one? */
bool	custodians_own(struct custodians *, const struct bytes *sealed);
