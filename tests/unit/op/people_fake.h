/*
 * people_fake.h - a ctx over a fresh database, and a keeper in this process
 *
 * The store is the real one. The keeper's operations that accounts and audit
 * need are made here with a fixed key, so that no second process is started.
 */
#pragma once

#include "base/ctx.h"
#include "keys/keys.h"
#include "op/house.h"
#include "op/op_access.h"
#include "op/op_account.h"
#include "op/op_audit.h"
#include "op/op_password.h"
#include "store/store.h"

#define GOOD_PASSWORD	"Korrekt-Pferd-Batterie-72!"

struct fake {
	char		 dir[64];
	char		 was[4096];	/* working directory before */
	struct db	*db;
	struct house	 house;
	struct ctx	 cx;
};

extern struct keeper_state fake_keeper;
/* So often another event comes, and is anchored, before the one that is asked for. */
extern int fake_others_anchor;
/* What somebody else does while a password is looked at, once. */
extern void (*fake_meanwhile)(void);
extern enum refusal fake_unseal_refusal;
/* Who the keeper says are custodians. */
extern char fake_custodians[4][ID_SIZE];
extern size_t fake_ncustodians;

int	fake_open(void **state);		/* cmocka setup: *state = struct fake * */
int	fake_close(void **state);
/* As a fresh request at `now` from `source`, by nobody. */
void	fake_request(struct ctx *, int64_t now, const char *source);
/* Ends the request: rolls back what is open; the error that was there. */
enum refusal fake_end(struct ctx *);
/* An account `name` with GOOD_PASSWORD. */
void	fake_account(struct ctx *, const char *name);
/* The six digits of `secret` (base32) at `now`. */
void	fake_code(const char *secret, int64_t now, char out[7]);
/* The newest audit line: "action object detail". */
const char *recorded(struct ctx *);

#define assert_refused(cx, call, r) do {				\
	assert_int_equal(call, -1);					\
	assert_string_equal(refusal_id((cx)->err.refusal), refusal_id(r)); \
	fake_end(cx);							\
} while (0)
#define assert_done(cx, call) do {					\
	if ((call) != 0)						\
		fail_msg("%s: %s", #call, (cx)->err.message);		\
} while (0)
