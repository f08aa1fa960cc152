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
struct keeper *keeper_of_thread(void);		/* NULL: none was named */
