/*
 * ask.h - a real certwright-reader, and questions to it
 */
#pragma once

#include <sys/types.h>

#include <openssl/evp.h>

#include "base/buf.h"
#include "base/err.h"
#include "keys/readers.h"

struct spawned {
	pid_t	 pid;
	int	 front, keeper;		/* our ends of the control sockets */
};

void	spawn(struct spawned *, const char *option);	/* NULL: none */
int	spawned_end(struct spawned *);			/* closes; exit status */
/* A fresh reader's descriptor. */
int	reader_for(int control, char kind);

/* What came back for a key file. Caller clears. */
struct key_answer {
	bool		 answered;
	struct err	 err;		/* a refusal */
	EVP_PKEY	*key;
	char		 found[64];
};
void	ask_key(const struct buf *file, const char *passphrase, struct key_answer *);
void	key_answer_clear(struct key_answer *);
/* Raw bytes to a reader; the answer, perhaps empty. */
struct buf ask_raw(char kind, const void *, size_t);

/* Set by the test program's main; `readers` is attached to one's front door. */
extern struct spawned the_spawner;
extern struct readers *readers;

/* Each id that a test saw; checked against reader.def at the end. */
void	saw_refusal(enum refusal);
bool	refusal_seen(enum refusal);
