/*
 * ops_impl.h - inside of the table of operations
 */
#pragma once

#include "keeper/ops.h"
#include "keeper/vault.h"

static inline struct bytes
bytes_of(const struct buf *b)
{
	return (struct bytes){ .data = b->data, .len = b->len };
}

/* Opens the blob of a question for one purpose; 0: for none. R_KEY_PURPOSE.
 * The caller frees. */
int	ops_open(struct keeper_house *, const struct message *, uint32_t purpose,
	    struct opened **, struct err *);

int	answer_sign(struct keeper_house *, const struct message *, struct answer *);
int	answer_sign_several(struct keeper_house *, const struct message *, struct answer *);
int	answer_serial(struct keeper_house *, const struct message *, struct answer *);
int	answer_unreconciled(struct keeper_house *, const struct message *, struct answer *);
int	answer_checkpoint(struct keeper_house *, const struct message *, struct answer *);
