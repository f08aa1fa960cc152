/*
 * op_backup.h - online copies of the database, and whether one is good
 *
 * A backup is a file backup-TIME.db of the data directory: the database as it
 * was at one moment, and behind it one line that says what it is (docs/backup.md).
 * Keys in it are wrapped: without the file kek, which is no part of it, it gives
 * none. It is made from a connection of its own that only reads, so that all else
 * goes on meanwhile. A file is whole, or it is not there.
 */
#pragma once

#include "base/ctx.h"
#include "base/next.h"

struct backup {
	const char	*name;		/* "20261126T190102Z" */
	int64_t		 made_at;
	int64_t		 size;		/* bytes of the database in it */
	const char	*sha256;	/* of these bytes, hex */
	int64_t		 schema;	/* version of the tables */
	int64_t		 events;	/* of the audit */
	const char	*head;		/* hash of the last one, hex */
	const char	*instance;
};

struct backup_state {
	bool		 whole;
	const char	*message;	/* one line */
	int64_t		 events;	/* found right */
	int64_t		 keys;		/* that the keeper opened */
};

/* act: "backup.create", or what else it is for (in the audit). R_BACKUP_BUSY: another
 * one is being made or looked at. R_DISK_FULL */
int	op_backup_create(struct ctx *, const char *act, struct backup *);
/* When that was done last; 0: never. */
int	op_backup_last(struct ctx *, const char *act, int64_t *at);
/* Newest first. A file that is none is left out. */
int	op_backup_list(struct ctx *, struct backup **, size_t *n);
/* R_NOT_FOUND */
int	op_backup_load(struct ctx *, const char *name, struct backup *);
/*
 * Digest, structure, schema, the audit's chain against the keeper's journal, and
 * that each wrapped key opens with the KEK of here (M39). Not whole is a finding,
 * not an error.
 */
int	op_backup_verify(struct ctx *, const char *name, struct backup_state *);
/*
 * At the next start the database is the one of this backup, which is whole; the one
 * that is there then is kept. R_BACKUP_NOT_WHOLE
 */
int	op_backup_restore(struct ctx *, const char *name, struct next *);
/* What becomes of the data directory at the next start. 1: something, 0: nothing. */
int	op_backup_next(struct ctx *, struct next *);
/* Nothing, then. R_NEXT_NONE: nothing was planned. */
int	op_backup_next_cancel(struct ctx *);
int	op_backup_delete(struct ctx *, const char *name);
