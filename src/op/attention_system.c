/*
 * attention_system.c - what the installation needs: clock, licence, sandbox, accounts
 */
#include "op/attention.h"
#include "op/house.h"
#include "op/op_backup.h"
#include "op/op_clock.h"
#include "op/op_license.h"
#include "op/op_restored.h"

/* Has it stopped our authorities? Else against the newest event. */
static int
judge_clock(struct ctx *cx, struct found *f)
{
	struct audit_query q = { .limit = 1 };
	struct clock_jump jump;
	struct audit_row *last;
	size_t n;
	bool more;

	op_clock_state(&jump);
	if (jump.verdict != CLOCK_FINE) {
		attention_add(f, 960,
		    (struct attention){ ATTENTION_CLOCK, STEP_CLOCK, NULL,
			arena_printf(cx->arena,
			    "The clock jumped from %s to %s: no certificate is signed here until an "
			    "administrator says that it is right.",
			    time_minute(cx->arena, jump.from), time_minute(cx->arena, jump.to)) });
		return 0;
	}
	if (store_audit_list(cx, &q, &last, &n, &more) < 0)
		return -1;
	if (n == 1 && last->at_ms / 1000 - CLOCK_BACK_S > cx->now)
		attention_add(f, 700,
		    (struct attention){ ATTENTION_CLOCK, STEP_NONE, NULL,
			arena_printf(cx->arena,
			    "The clock went back: it shows %s, the newest event is of %s.",
			    time_minute(cx->arena, cx->now),
			    time_minute(cx->arena, last->at_ms / 1000)) });
	return 0;
}

static int
judge_license(struct ctx *cx, struct found *f)
{
	struct license_state s;

	if (op_license_load(cx, &s) < 0)
		return -1;
	if (s.expired)
		attention_add(f, 430,
		    (struct attention){ ATTENTION_LICENSE, STEP_LICENSE, NULL,
			arena_printf(cx->arena,
			    "The licence ended on %s: no tenant and no component can be added. All "
			    "that is here goes on.",
			    s.license.expires) });
	return 0;
}

/* Whoever starts the daemon next should know. */
static void
judge_next_start(struct ctx *cx, struct found *f)
{
	struct next n;
	int r = op_backup_next(cx, &n);

	if (r == 0)
		return;
	attention_add(f, 440,
	    (struct attention){ ATTENTION_NEXT_START, STEP_RESTORED, NULL,
		r < 0 ? arena_printf(cx->arena, "The next start would fail: %s.", cx->err.message)
		      : arena_printf(cx->arena,
			    "Planned for the next start: %s. What is changed here until then is "
			    "not in it.",
			    n.what) });
	err_clear(&cx->err);
}

int
attention_of_system(struct ctx *cx, struct found *f)
{
	int64_t all, supers;
	struct restored old;

	op_restored_state(&old);
	if (old.stopped)
		attention_add(f, 970,
		    (struct attention){ ATTENTION_RESTORED, STEP_RESTORED, NULL,
			"An old database was put back, or it was changed: no certificate is signed "
			"here until an administrator confirms it." });
	judge_next_start(cx, f);
	if (judge_clock(cx, f) < 0 || judge_license(cx, f) < 0 ||
	    store_account_count(cx, &all, &supers) < 0)
		return -1;
	if (cx->house->no_sandbox)
		attention_add(f, 600,
		    (struct attention){ ATTENTION_SANDBOX, STEP_NONE, NULL,
			"The sandbox is off (--no-sandbox): for debugging only." });
	if (supers == 1)
		attention_add(f, 200,
		    (struct attention){ ATTENTION_ONE_SUPER, STEP_NONE, NULL,
			"Only one Super Admin can sign in: a lost password would lock "
			"everybody out of the portal." });
	return 0;
}
