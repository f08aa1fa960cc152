/*
 * signlog.h - the sign journal: what was signed with the keys of CAs
 *
 * Append-only, each record with a MAC over itself and the record before, under
 * a key derived from the KEK. The record of a certificate is on stable storage
 * before its signature is made (P2); threads share an fsync. What the front has
 * in its database, too, ends at a checkpoint, which is kept in the journal:
 * nothing before it is read. A failed fsync ends the process.
 */
#pragma once

#include "keeper/journal.h"
#include "x509/tbs.h"

struct signlog;

/*
 * fd: opened for reading and appending; journal: where the checkpoint is, kept
 * until signlog_free. A tail that a power failure tore is cut off.
 * R_SIGN_JOURNAL_OLDER: the checkpoint is not in it; R_SIGN_JOURNAL_DAMAGED.
 */
int	signlog_open(struct signlog **, int fd, const unsigned char mac_key[32],
	    struct journal *, struct err *);
void	signlog_free(struct signlog *);	/* the descriptor stays open; NULL is fine */

/* Written, and durable once signlog_wait(end) returned: it is not signed before.
 * Disk full is a refusal, and leaves nothing behind. */
int	signlog_certificate(struct signlog *, const char *key_id, const struct bytes *tbs,
	    uint64_t *end, struct err *);
/* Threads that wait at once share an fsync. */
void	signlog_wait(struct signlog *, uint64_t end);
/* A CRL or an answer about certificates; not waited for. */
int	signlog_list(struct signlog *, const char *key_id, uint8_t purpose, uint64_t number,
	    const struct bytes *message, struct err *);

#define SIGNLOG_FIRST	(UINT64_MAX - 1)

/*
 * The first record of a certificate behind `after`, which is 0 (the checkpoint),
 * SIGNLOG_FIRST (the first of all) or the end of a record: *position becomes the end of it. None: tbs stays empty,
 * and *position is the end of the last record. R_SIGN_JOURNAL_POSITION
 */
int	signlog_next(struct signlog *, uint64_t after, uint64_t *position, char key_id[ID_SIZE],
	    struct buf *tbs, struct err *);
/* All up to this end of a record is in the database. R_SIGN_JOURNAL_POSITION */
int	signlog_checkpoint(struct signlog *, uint64_t position, struct err *);
/* Certificates behind the checkpoint. */
uint32_t signlog_unreconciled(struct signlog *);
