/*
 * ops.h - the table of what the keeper does
 */
#pragma once

#include "keeper/serials.h"
#include "wire/message.h"

struct vault;
struct journal;
struct signlog;
struct pool;
struct import;
struct custodians;

struct keeper_house {
	struct vault	*vault;
	struct journal	*journal;
	struct signlog	*signlog;
	struct pool	*pool;
	struct import	*import;
	struct custodians *custodians;
	unsigned char	 hmac_key[32];
	unsigned char	 import_priv[32], import_pub[32];
	int		 deliver;	/* socket to certwright-deliver, or -1 */
	const char	*sandbox;	/* level reached, in words */
};

/* Room for one answer; one for each thread. All zero at first. */
struct answer {
	struct message	 m;
	struct buf	 blob, spki, data;
	struct serials	 serials;	/* of the thread's connection */
};

/* Answers one question. -1: malformed, the process must end. */
int	ops_answer(struct keeper_house *, const void *question, size_t, struct answer *,
	    struct buf *out);
