/*
 * db_sqlite.h - inside of the SQLite driver: connections, statements, groups
 */
#pragma once

#include <pthread.h>
#include <semaphore.h>
#include <sqlite3.h>
#include <stdatomic.h>

#include "store/db.h"

#define DB_VFS		"certwright"	/* registered by db_open */
#define GROUP_MAX	64	/* transactions that share one commit */
#define CACHE_SIZE	128	/* statements kept prepared; a power of two */
#define PARAM_MAX	24

struct db_stmt {
	sqlite3_stmt	*st;
	const char	*sql;		/* its address is the cache key; NULL: not cached */
	struct db_cache	*cache;
	int		 param[PARAM_MAX + 1];	/* $n -> slot; on SQLite $n is a name */
	bool		 busy;
};

/* Statements of one connection. Used by one thread at a time. */
struct db_cache {
	sqlite3		*handle;
	struct db_stmt	*slot[CACHE_SIZE];
};

struct db_conn {
	struct db	*db;
	struct db_cache	 reader;	/* handle NULL until first used */
	bool		 in_transaction;
	bool		 rights_change;	/* db_rights is to be another */
	/* in the group, until it ended */
	struct db_conn	*next;
	sem_t		 ended;
	struct err	 result;	/* how it ended */
};

struct db {
	char		 path[512];
	pthread_mutex_t	 lock;		/* who holds it has the writer, and the group */
	atomic_size_t	 waiting;	/* for that */
	struct db_cache	 writer;
	struct db_conn	*members;	/* committed into the open group, waiting */
	size_t		 nmembers;
	void		(*on_group)(void *);
	void		*on_group_arg;
	_Atomic uint64_t rights;	/* db_rights; not 0 */
	uint64_t	 groups;	/* durable groups so far */
};

/* db_open.c */
int	db_connect(sqlite3 **, const char *path, bool writer, struct err *);
int	db_error(struct err *, sqlite3 *, const char *what);
/* db_migrate.c */
int	db_migrate(struct db *, struct err *);
/* db_stmt.c */
void	db_cache_clear(struct db_cache *);
int	db_run(struct db_cache *, const char *sql, const char *what, struct err *);
