/*
 * channel.h - whole messages over a SOCK_SEQPACKET pair
 *
 * Up to CHANNEL_INLINE bytes travel in the packet. A longer message (up to
 * CHANNEL_MAX) travels as a sealed memfd: the packet is the byte 0xff and the
 * length, the descriptor comes with it. Who receives it maps it: sealed, it does
 * not change any more.
 */
#pragma once

#include "base/buf.h"

#define CHANNEL_INLINE	(128 * 1024)
#define CHANNEL_MAX	(128 * 1024 * 1024)

/* A message as it came. All zero at first. */
struct incoming {
	const unsigned char *data;	/* borrowed until the next one */
	size_t		 len;
	struct buf	 room;		/* for those that came in the packet */
	void		*map;		/* of one that did not */
};

/* 0, or -1 with errno. */
int	channel_send(int fd, const void *, size_t);
/* One message of two parts. */
int	channel_send_parts(int fd, const void *, size_t, const void *, size_t);
/* Replaces what `in` held. 0; -1 with errno (0: the other side is gone;
 * EPROTO: not a message). `in` keeps its room for the next one. */
int	channel_recv(int fd, struct incoming *in);
void	channel_drop(struct incoming *);	/* wiped or unmapped; keeps its room */
void	channel_free(struct incoming *);
/* One byte with a descriptor, as the reader's spawner answers. */
int	channel_recv_fd(int fd, int *got);
int	channel_send_fd(int fd, int pass);
