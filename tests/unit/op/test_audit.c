/*
 * test_audit.c - P29: any edit, removal, reorder or tail cut is found
 *
 * base/audit_chain.c, base/audit_export.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/audit_export.h"
#include "people_fake.h"

#define EVENTS 7

static void
fill(struct ctx *cx)
{
	for (int i = 0; i < EVENTS; i++) {
		assert_done(cx, db_begin(cx));
		assert_done(cx, audit(cx, "test.event", "thing", i % 2 ? "{\"n\":1}" : NULL));
		assert_done(cx, db_commit(cx));
	}
}

static int
change(struct ctx *cx, const char *sql)
{
	assert_done(cx, db_begin(cx));
	assert_done(cx, db_exec(cx, sql, ""));
	return db_commit(cx);
}

static struct audit_state
verified(struct ctx *cx)
{
	struct audit_state s;

	assert_done(cx, op_audit_verify(cx, &s));
	return s;
}

static void
anchor(struct ctx *cx)
{
	AUTO_BUF struct buf b = { 0 };

	assert_done(cx, op_audit_export(cx, &b));
}

static struct audit_report report;

static enum audit_verdict
judge(const char *text, const char *head)
{
	audit_export_verify(text, strlen(text), head, &report);
	return report.verdict;
}

static const char *
exported(struct ctx *cx)
{
	AUTO_BUF struct buf b = { 0 };

	assert_done(cx, op_audit_export(cx, &b));
	return arena_strdup(cx->arena, buf_text(&b));
}

static void
P29_a_whole_chain_is_whole(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;

	fill(cx);
	anchor(cx);
	fill(cx);
	assert_true(verified(cx).whole);
	assert_int_equal(verified(cx).events, 2 * EVENTS);
	assert_int_equal(verified(cx).anchored, EVENTS);
}

static void
P29_an_edit_is_found(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;

	fill(cx);
	assert_done(cx, change(cx, "UPDATE audit SET actor = 'other' WHERE sequence = 3"));
	assert_false(verified(cx).whole);
	assert_int_equal(verified(cx).place, 3);
}

static void
P29_a_removal_is_found(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;

	fill(cx);
	assert_done(cx, change(cx, "DELETE FROM audit WHERE sequence = 3"));
	assert_false(verified(cx).whole);
	assert_int_equal(verified(cx).place, 3);
}

static void
P29_a_new_order_is_found(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;

	fill(cx);
	assert_done(cx, change(cx, "UPDATE audit SET sequence = 99 WHERE sequence = 3"));
	assert_done(cx, change(cx, "UPDATE audit SET sequence = 3 WHERE sequence = 4"));
	assert_done(cx, change(cx, "UPDATE audit SET sequence = 4 WHERE sequence = 99"));
	assert_int_equal(verified(cx).place, 3);
}

static void
P29_a_cut_tail_is_found_by_the_anchored_head(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;

	fill(cx);
	anchor(cx);
	assert_done(cx, change(cx, "DELETE FROM audit WHERE sequence > 5"));
	assert_false(verified(cx).whole);
	assert_int_equal(verified(cx).place, 6);
	assert_non_null(strstr(verified(cx).message, "cut"));
}

static void
P29_a_chain_made_anew_is_found_by_the_anchored_head(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;

	fill(cx);
	anchor(cx);
	fake_keeper.anchored_hash[0] ^= 1;
	assert_int_equal(verified(cx).place, EVENTS);
}

static void
P29_an_export_has_what_others_anchor_meanwhile(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;
	const char *text;

	fill(cx);
	fake_others_anchor = 3;
	text = exported(cx);
	assert_int_equal(judge(text, NULL), AUDIT_WHOLE);
	assert_int_equal(report.events, EVENTS + 3);
	assert_false(err_is_set(&cx->err));
	fake_others_anchor = 1000; /* no export waits for ever */
	{
		AUTO_BUF struct buf b = { 0 };

		assert_refused(cx, op_audit_export(cx, &b), R_ANCHOR_OLDER);
	}
	assert_true(verified(cx).whole);
}

static void
P29_an_audit_put_back_gives_no_export(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;
	AUTO_BUF struct buf b = { 0 };

	fill(cx);
	anchor(cx);
	assert_done(cx, change(cx, "DELETE FROM audit WHERE sequence > 5"));
	assert_refused(cx, op_audit_export(cx, &b), R_ANCHOR_OTHER);
}

static void
an_empty_audit_has_no_export(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;
	AUTO_BUF struct buf b = { 0 };

	assert_refused(cx, op_audit_export(cx, &b), R_AUDIT_EMPTY);
	assert_true(verified(cx).whole);
}

static void
events_are_listed_newest_first_and_in_pages(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;
	struct audit_query q = { .limit = 3 };
	struct audit_row *rows;
	bool more;
	size_t n;

	fill(cx);
	assert_done(cx, op_audit_list(cx, &q, &rows, &n, &more));
	assert_int_equal(n, 3);
	assert_true(more);
	assert_int_equal(rows[0].sequence, EVENTS);
	q = (struct audit_query){ .before = 3, .text = "test.ev", .limit = 100000 };
	assert_done(cx, op_audit_list(cx, &q, &rows, &n, &more));
	assert_int_equal(n, 2);
	assert_false(more);
	q.text = "nothing like it";
	assert_done(cx, op_audit_list(cx, &q, &rows, &n, &more));
	assert_int_equal(n, 0);
}

/* ---- offline -------------------------------------------------------------------- */
/* The export without line `drop`, or with lines `swap` and `swap + 1` changed. */
static const char *
lines(struct ctx *cx, const char *text, int drop, int swap)
{
	AUTO_BUF struct buf b = { 0 };
	const char *at[64], *eol;
	int n = 0;

	for (const char *p = text; *p != '\0'; p = eol + 1) {
		eol = strchr(p, '\n');
		at[n++] = arena_printf(cx->arena, "%.*s\n", (int)(eol - p), p);
	}
	for (int i = 0; i < n; i++) {
		int j = i == swap ? i + 1 : swap >= 0 && i == swap + 1 ? swap : i;

		if (j != drop)
			buf_put_text(&b, at[j]);
	}
	return arena_strdup(cx->arena, buf_text(&b));
}

static char *
replaced(struct ctx *cx, const char *text, const char *from, const char *to)
{
	char *copy = arena_strdup(cx->arena, text), *p = strstr(copy, from);

	assert_non_null(p);
	assert_int_equal(strlen(from), strlen(to));
	memcpy(p, to, strlen(to));
	return copy;
}

static void
P29_an_export_is_judged_offline(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;
	const char *text, *head;

	fill(cx);
	text = exported(cx);
	assert_int_equal(judge(text, NULL), AUDIT_WHOLE);
	assert_int_equal(report.events, EVENTS);
	assert_int_equal(strlen(report.key), 64);
	assert_non_null(strstr(report.unseen, "--head"));
	head = arena_strdup(cx->arena, report.head);
	assert_int_equal(judge(text, head), AUDIT_WHOLE);
	assert_string_equal(report.unseen, "");
	fill(cx); /* a head noted earlier fits a longer export */
	assert_int_equal(judge(exported(cx), head), AUDIT_WHOLE);

	for (int i = 0; i < EVENTS; i++) {
		assert_int_equal(judge(lines(cx, text, i, -1), NULL), AUDIT_BROKEN);
		assert_int_equal(report.line, i + 1);
		assert_int_equal(judge(lines(cx, text, -1, i), NULL), AUDIT_BROKEN);
		assert_true(report.line >= 1);
	}
	assert_int_equal(judge(lines(cx, text, EVENTS, -1), NULL), AUDIT_BROKEN);
	assert_int_equal(judge(lines(cx, text, EVENTS, -1), head), AUDIT_WHOLE);
	assert_int_equal(
	    judge(
		arena_printf(cx->arena, "%s%s", text,
		    strrchr(arena_printf(cx->arena, "\n%.*s", (int)strlen(text) - 1, text), '\n') +
			1),
		NULL),
	    AUDIT_BROKEN);
}

static void
P29_each_byte_that_means_something_is_guarded(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;
	const char *text;

	fill(cx);
	text = exported(cx);
	assert_int_equal(judge(replaced(cx, text, "test.event", "test.evenT"), NULL), AUDIT_BROKEN);
	assert_int_equal(report.sequence, 1);
	assert_int_equal(judge(replaced(cx, text, "\"thing\"", "\"thinG\""), NULL), AUDIT_BROKEN);
	assert_int_equal(judge(replaced(cx, text, "\"done\"", "\"donE\""), NULL), AUDIT_BROKEN);
	assert_int_equal(judge(replaced(cx, text, "192.0.2.1", "192.0.2.9"), NULL), AUDIT_BROKEN);
	assert_int_equal(
	    judge(replaced(cx, text, "\"sequence\":2", "\"sequence\":3"), NULL), AUDIT_BROKEN);
	/* the head's own members */
	assert_int_equal(
	    judge(replaced(cx, text, "\"signature\":\"", "\"signaturE\":\""), NULL), AUDIT_BROKEN);
	assert_int_equal(
	    judge(replaced(cx, text, "\"key\":\"MCow", "\"key\":\"MCox"), NULL), AUDIT_BROKEN);
}

static void
what_is_no_export_is_unreadable(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;
	const char *text;

	assert_int_equal(judge("", NULL), AUDIT_UNREADABLE);
	assert_int_equal(judge("not an export", NULL), AUDIT_UNREADABLE);
	assert_int_equal(judge("{}\n", NULL), AUDIT_UNREADABLE);
	assert_int_equal(judge("[1]\n", NULL), AUDIT_UNREADABLE);
	fill(cx);
	text = exported(cx);
	assert_int_equal(judge(text, "7"), AUDIT_UNREADABLE);
	assert_int_equal(judge(text, "x:00"), AUDIT_UNREADABLE);
	assert_int_equal(judge(text, "0:00"), AUDIT_UNREADABLE);
	assert_int_equal(judge(text,
			     "3:0000000000000000000000000000000000000000000000000000"
			     "000000000000"),
	    AUDIT_BROKEN);
	assert_int_equal(judge(text,
			     "99:0000000000000000000000000000000000000000000000000000"
			     "000000000000"),
	    AUDIT_BROKEN);
	assert_int_equal(judge(arena_printf(cx->arena, "%.*s", (int)strlen(text) / 2, text), NULL),
	    AUDIT_BROKEN);
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, fake_open, fake_close)
	const struct CMUnitTest tests[] = {
		T(P29_a_whole_chain_is_whole),
		T(P29_an_edit_is_found),
		T(P29_a_removal_is_found),
		T(P29_a_new_order_is_found),
		T(P29_a_cut_tail_is_found_by_the_anchored_head),
		T(P29_a_chain_made_anew_is_found_by_the_anchored_head),
		T(P29_an_export_has_what_others_anchor_meanwhile),
		T(P29_an_audit_put_back_gives_no_export),
		T(an_empty_audit_has_no_export),
		T(events_are_listed_newest_first_and_in_pages),
		T(P29_an_export_is_judged_offline),
		T(P29_each_byte_that_means_something_is_guarded),
		T(what_is_no_export_is_unreadable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
