/*
 * audit_chain.h - the audit's hash chain: one link, for store and verifier
 *
 * hash = SHA-256(previous hash, sequence, time, each text with its length).
 * An edit, a removal or a new order changes every hash that follows. The
 * first event's previous hash is all zero.
 */
#pragma once

#include "base/base.h"

#define AUDIT_HASH_SIZE	32

struct audit_event {
	int64_t		 sequence;		/* 1, 2, 3 ... without a gap */
	int64_t		 at_ms;			/* wall clock, milliseconds */
	const char	*tenant, *actor, *role, *source;
	const char	*action, *object, *outcome, *detail;	/* NULL counts as "" */
};

void	audit_event_hash(const unsigned char previous[AUDIT_HASH_SIZE],
	    const struct audit_event *, unsigned char out[AUDIT_HASH_SIZE]);

/* The bytes that the keeper signs for a head; out holds AUDIT_HEAD_SIZE. */
#define AUDIT_HEAD_LABEL	"certwright audit head\n"
#define AUDIT_HEAD_SIZE		(sizeof(AUDIT_HEAD_LABEL) - 1 + 8 + AUDIT_HASH_SIZE)
void	audit_head_message(int64_t sequence, const unsigned char hash[AUDIT_HASH_SIZE],
	    unsigned char out[AUDIT_HEAD_SIZE]);
