/*
 * custodians.h - how a key leaves: by one-time codes of two people (P15)
 *
 * From two custodians on a key leaves, and the custodians change, with tickets
 * of two different ones only, each given by the keeper for a one-time code.
 */
#pragma once

#include "base/text.h"
#include "keys/keys.h"
#include "wire/format.h"

#define KEYS_TICKET_SIZE 32
struct key_person {				/* an account with one-time codes */
	const char	*tenant, *id;
	const void	*seed;			/* sealed at account/TENANT/ID/totp */
	size_t		 seed_len;
};
/* R_CODE_WRONG; of a custodian also R_TOTP_USED, R_CODE_LIMIT. */
int	keys_code(struct keeper *, const struct key_person *, uint32_t code,
	    int64_t *step, struct err *);
/* A ticket for one act, for 15 minutes. Also R_CUSTODIAN_NOT, R_CUSTODIAN_SEED. */
int	keys_approve(struct keeper *, const struct key_person *, uint32_t code,
	    const char *act, unsigned char ticket[KEYS_TICKET_SIZE], int64_t *step,
	    struct err *);
int	keys_custodian_add(struct keeper *, const struct key_person *,
	    const void *tickets, size_t len, struct err *);
int	keys_custodian_remove(struct keeper *, const char *id, const void *tickets,
	    size_t len, struct err *);
int	keys_custodians(struct keeper *, struct arena *, char (**ids)[ID_SIZE],
	    size_t *, struct err *);

/* DER, encrypted. */
struct key_leave {
	enum key_format	 format;
	const char	*passphrase;
	const void	*certificates;	/* PKCS#12: DER, this key's first; or NULL */
	size_t		 certificates_len;
	const void	*tickets;	/* of two custodians, when there are two */
	size_t		 tickets_len;
};
int	keys_export(struct keeper *, const void *blob, size_t len,
	    const struct key_leave *, struct arena *, const unsigned char **,
	    size_t *, struct err *);
