/*
 * delivery.h - what front and keeper say to certwright-deliver
 *
 * Two SOCK_SEQPACKET pairs (wire/channel.h). From the keeper comes the key alone,
 * with a ticket that the front made up; from the front the certificates, with the
 * same ticket. A delivery is answered with a descriptor (channel_send_fd), and its
 * outcome comes over that. PROTOCOL.keeper, section 9.
 */
#pragma once

#include "wire/message.h"

#define DELIVERY_VERSION	1
#define DELIVERY_TICKET		32
#define DELIVERY_NAME_SIZE	65	/* of a target, with its NUL */
#define DELIVERY_TARGETS	1000	/* in a list */
#define DELIVERY_AT_ONCE	4	/* deliveries under way, each to another target */

enum delivery_kind { DELIVERY_LIST = 1, DELIVERY_PUT };

/* Front: list: read the list of targets again. Put: deliver these. */
struct delivery_question {
	uint8_t		 kind;
	unsigned char	 ticket[DELIVERY_TICKET];
	char		 target[DELIVERY_NAME_SIZE];
	struct bytes	 certificates;		/* DER, the leaf first; borrowed */
};
void	delivery_pack_question(struct buf *, const struct delivery_question *);
int	delivery_unpack_question(struct delivery_question *, const void *, size_t);

/* Keeper: a key on its way. */
struct delivery_key {
	unsigned char	 ticket[DELIVERY_TICKET];
	char		 target[DELIVERY_NAME_SIZE];
	struct bytes	 spki, pkcs8;		/* DER; borrowed */
};
void	delivery_pack_key(struct buf *, const struct delivery_key *);
int	delivery_unpack_key(struct delivery_key *, const void *, size_t);

/* What a front sees of a target. */
struct delivery_target {
	char		 name[DELIVERY_NAME_SIZE];
	char		 kind[16];		/* "files" "haproxy" */
	char		 place[256];		/* where it goes, for people */
};
/* Answers: `why` of a refusal, else NULL. */
void	delivery_pack_answer(struct buf *, uint8_t kind, const struct delivery_target *, size_t n,
	    const struct err *why);
/* 0, with the refusal in *why if it is one, and of a list room for
 * DELIVERY_TARGETS filled; -1: malformed. */
int	delivery_unpack_answer(uint8_t kind, const void *, size_t, struct delivery_target *,
	    size_t *n, struct err *why);
