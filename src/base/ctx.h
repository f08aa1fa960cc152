/*
 * ctx.h - one operation: who asks, in which tenant, with what at hand
 *
 * A worker makes one for each request and clears it afterwards. Everything
 * that an operation needs hangs here, so that no module keeps globals. The
 * pointers are borrowed from the thread; `arena` holds the request's data.
 */
#pragma once

#include "base/arena.h"
#include "base/base.h"
#include "base/err.h"
#include "base/text.h"

#define TENANT_SYSTEM	"system"	/* the tenant of the system itself */

enum role {
	ROLE_NONE = 0,
	ROLE_AUDITOR,			/* reads */
	ROLE_OPERATOR,			/* acts, changes no settings */
	ROLE_TENANT_ADMIN,		/* own tenant */
	ROLE_SUPER,			/* the whole system */
};

const char *role_name(enum role);	/* "super", as in the API and the audit; of none "" */
const char *role_label(enum role);	/* "Super Admin" */
enum role role_of(const char *name);	/* ROLE_NONE: it names none */

/* What the HTTPS listeners serve (op_doors.h): of the system's people, of the tenants'. */
enum application { APP_SUPER = 1 << 0, APP_ADMIN = 1 << 1 };

enum actor_kind {
	ACTOR_NOBODY = 0,		/* not signed in */
	ACTOR_SYSTEM,			/* the daemon itself */
	ACTOR_LOCAL,			/* Unix socket; root or the daemon's uid */
	ACTOR_ACCOUNT,			/* browser session */
	ACTOR_TOKEN,			/* bearer token */
	ACTOR_HOST,			/* of a component that pulls (op_pull.h): id is its */
};

struct actor {
	enum actor_kind	 kind;
	enum role	 role;
	char		 tenant[ID_SIZE];	/* where it belongs; cx->tenant: where it acts */
	char		 id[ID_SIZE];		/* account id, or "" */
	char		 name[65];		/* for the audit and the page */
	char		 session[ID_SIZE];	/* session or token id, or "" */
	char		 source[64];		/* address of the peer, "local" */
	char		 csrf[65];		/* of the session, or "" */
	int64_t		 seen_at;		/* session or token last noted in use */
};

/*
 * The Idempotency-Key of a write. It is claimed in the transaction of the
 * first effect, so that what is sent again, be it at the same time or after a
 * crash, is not done again.
 */
struct claim {
	const char	*key;			/* NULL: none was sent */
	const char	*actor;			/* whose keys these are */
	unsigned char	 hash[32];		/* of what is asked */
	bool		 taken;
};

struct db_conn;			/* store/db.h: this thread's connections */
struct keeper;			/* keys/keeper.h: this thread's connection */
struct readers;			/* keys/readers.h: forks one-shot readers */
struct config;			/* base/config.h */
struct house;			/* op/house.h: what all threads share */

struct ctx {
	struct err	 err;
	struct arena	*arena;
	struct db_conn	*db;
	struct keeper	*keeper;
	struct readers	*readers;
	const struct config *config;
	struct house	*house;
	char		 tenant[ID_SIZE];
	struct actor	 actor;
	struct claim	 claim;
	const char	*about;		/* what a refusal was about; NULL: the request tells */
	int		 listener;	/* it came over, of the option listen; -1: none */
	unsigned	 hidden;	/* applications that it does not serve */
	bool		 read_only;	/* GET and HEAD: db_begin is refused */
	int64_t		 now;		/* wall clock at the start, seconds */
	int64_t		 deadline_ms;	/* monotonic */
};

/* IN_TENANT(cx, id): what follows in this scope is done in another tenant. */
struct in_tenant { struct ctx *cx; char was[ID_SIZE]; };

static inline struct in_tenant
in_tenant_begin(struct ctx *cx, const char *id)
{
	struct in_tenant t = { .cx = cx };

	memcpy(t.was, cx->tenant, sizeof(t.was));
	memset(cx->tenant, 0, sizeof(cx->tenant));
	memcpy(cx->tenant, id, strnlen(id, ID_SIZE - 1));
	return t;
}

static inline void
in_tenant_end(struct in_tenant *t)
{
	memcpy(t->cx->tenant, t->was, sizeof(t->was));
}

#define IN_TENANT(cx, id)						\
	UNUSED __attribute__((cleanup(in_tenant_end)))			\
	struct in_tenant in_tenant = in_tenant_begin(cx, id)

static inline bool
in_system(const struct ctx *cx)
{
	return strcmp(cx->tenant, TENANT_SYSTEM) == 0;
}
