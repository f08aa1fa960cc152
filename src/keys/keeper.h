/*
 * keeper.h - inside of src/keys: one connection, one question at a time
 */
#pragma once

#include "keys/keys.h"
#include "wire/channel.h"
#include "wire/message.h"

struct keeper {
	int		 fd;
	struct buf	 out;
	struct incoming	 in;
};

/* Ask; the answer's bytes are borrowed until the next question. */
int	keeper_ask(struct keeper *, struct message *q, struct message *a, struct err *);
/* Of a signature for a certificate, together with those of other threads; the
 * answer's bytes are in `room`, which the caller frees. */
int	keeper_ask_certificate(struct keeper *, struct message *q, struct message *a,
	    struct buf *room, struct err *);
struct keeper *keeper_of_thread(void);		/* NULL: none was named */
