/*
 * backup_file.h - the file of a backup: a database, and one line behind it
 */
#pragma once

#include "op/op_backup.h"

#define BACKUP_LINE_MAX	4096

/* One at a time. R_BACKUP_BUSY */
int	backup_take_turn(struct ctx *);
void	backup_end_turn(void);
/* "20261126T190102Z" of "backup-20261126T190102Z.db", in the arena; NULL: it is none. */
const char *backup_name(struct ctx *, const char *file);
const char *backup_path(struct ctx *, const char *name);
/* SHA-256, hex, of the first `limit` bytes (-1: of all), and how many they are. */
int	backup_digest(struct ctx *, const char *path, int64_t limit, int64_t *size,
	    const char **sha256);
/* Behind the database, then fsync. */
int	backup_append(struct ctx *, const char *path, const char *line);
/* The line of a file. R_BACKUP_DAMAGED: there is none, or it is not ours. */
int	backup_read(struct ctx *, const char *name, struct backup *);
