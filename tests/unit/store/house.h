/*
 * house.h - a database of its own for a test
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "store/store.h"

struct house {
	char		 folder[64];
	struct db	*db;
	struct ctx	 cx;
};

/* A ctx for a thread, as the worker makes one. */
static inline void
ctx_open(struct ctx *cx, struct db *db)
{
	memset(cx, 0, sizeof(*cx));
	cx->arena = arena_new();
	cx->db = db_attach(db);
	cx->now = clock_wall();
	snprintf(cx->tenant, sizeof(cx->tenant), "%s", TENANT_SYSTEM);
	cx->actor.kind = ACTOR_ACCOUNT;
	cx->actor.role = ROLE_SUPER;
	snprintf(cx->actor.name, sizeof(cx->actor.name), "tester");
	snprintf(cx->actor.source, sizeof(cx->actor.source), "127.0.0.1");
}

static inline void
ctx_close(struct ctx *cx)
{
	db_rollback(cx);
	db_detach(cx->db);
	arena_free(cx->arena);
}

static inline int
house_open(void **state)
{
	struct house *h = calloc(1, sizeof(*h));
	struct err e = { 0 };
	char path[128];

	snprintf(h->folder, sizeof(h->folder), "/tmp/cw-store-XXXXXX");
	if (mkdtemp(h->folder) == NULL || chdir(h->folder) < 0)
		return -1;
	snprintf(path, sizeof(path), "certwright.db");
	if (db_open(&h->db, path, &e) < 0) {
		fprintf(stderr, "%s\n", e.message);
		return -1;
	}
	ctx_open(&h->cx, h->db);
	*state = h;
	return 0;
}

static inline int
house_close(void **state)
{
	static const char *const files[] = { "certwright.db", "certwright.db-wal", "certwright.db-shm" };
	struct house *h = *state;

	ctx_close(&h->cx);
	db_close(h->db);
	for (size_t i = 0; i < nitems(files); i++)
		unlink(files[i]);
	if (chdir("/") == 0)
		rmdir(h->folder);
	free(h);
	return 0;
}

#define OK(expr) do {							\
	if ((expr) < 0)							\
		fail_msg("%s: %s", #expr, h->cx.err.message);		\
} while (0)
#define REFUSED(expr, why) do {						\
	assert_int_equal((expr), -1);					\
	assert_string_equal(refusal_id(h->cx.err.refusal), refusal_id(why)); \
	err_clear(&h->cx.err);						\
} while (0)
