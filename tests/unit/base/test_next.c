/*
 * test_next.c - what is brought takes its place at a start, also at one after a
 * power failure
 */
#include <sys/stat.h>

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/io.h"
#include "base/next.h"

#define AT    1764214620 /* 2025-11-27T03:37:00Z */
#define ASIDE "replaced-20251127T033700Z"

static void
put(const char *name, const char *text)
{
	struct err e = { 0 };

	assert_int_equal(file_write(name, text, strlen(text), 0600, &e), 0);
}

/* What is in it; "-" when it is not there. */
static const char *
holds(const char *name)
{
	static char text[64];
	AUTO_BUF struct buf b = { 0 };
	struct err e = { 0 };

	if (access(name, F_OK) < 0)
		return "-";
	assert_int_equal(file_read(&b, name, sizeof(text) - 1, &e), 0);
	snprintf(text, sizeof(text), "%s", buf_text(&b));
	return text;
}

static int
open_folder(void **state)
{
	static char folder[32];

	strcpy(folder, "/tmp/cw-next-XXXXXX");
	assert_non_null(mkdtemp(folder));
	assert_int_equal(chdir(folder), 0);
	put("certwright.db", "old database");
	put("certwright.db-wal", "old wal");
	put("kek", "old kek");
	*state = folder;
	return 0;
}

static int
close_folder(void **state)
{
	static const char *const left[] = { "certwright.db", "certwright.db-wal", "kek", "journal",
		"next.plan", "next.plan.new", "next.certwright.db", "next.kek",
		ASIDE "/certwright.db", ASIDE "/certwright.db-wal", ASIDE "/kek" };

	for (size_t i = 0; i < nitems(left); i++)
		unlink(left[i]);
	rmdir(ASIDE);
	assert_int_equal(chdir("/"), 0);
	assert_int_equal(rmdir(*state), 0);
	return 0;
}

static struct next
bundle(void)
{
	struct next n;

	next_init(&n, AT, "the bundle of 2025-11-26T10:00:00Z");
	n.becomes[NEXT_WAL] = n.becomes[NEXT_SHM] = NEXT_TAKEN;
	n.becomes[NEXT_DATABASE] = n.becomes[NEXT_KEK] = NEXT_BROUGHT;
	put("next.certwright.db", "new database");
	put("next.kek", "new kek");
	return n;
}

static void
nothing_is_planned(void **state)
{
	struct next n;
	struct err e = { 0 };

	assert_int_equal(next_load(AT_FDCWD, &n, &e), 0);
	assert_int_equal(next_apply(AT_FDCWD, &n, &e), 0);
	assert_string_equal(holds("certwright.db"), "old database");
}

/* One that is cut short anywhere, the next start goes on with. */
static void
each_step_can_be_the_last(void **state)
{
	static const char *const steps[][2] = { { "certwright.db-wal", ASIDE "/certwright.db-wal" },
		{ "certwright.db", ASIDE "/certwright.db" },
		{ "next.certwright.db", "certwright.db" }, { "kek", ASIDE "/kek" },
		{ "next.kek", "kek" } };
	char folder[32];

	for (size_t done = 0; done <= nitems(steps) + 1; done++) {
		struct next n = bundle(), got;
		struct err e = { 0 };

		assert_int_equal(next_save(AT_FDCWD, &n, &e), 0);
		if (done > 0)
			assert_int_equal(mkdir(ASIDE, 0700), 0);
		for (size_t i = 0; i + 1 < done; i++)
			assert_int_equal(rename(steps[i][0], steps[i][1]), 0);
		assert_int_equal(next_apply(AT_FDCWD, &got, &e), 1);
		assert_string_equal(got.what, n.what);
		assert_string_equal(holds("certwright.db"), "new database");
		assert_string_equal(holds("kek"), "new kek");
		assert_string_equal(holds("certwright.db-wal"), "-");
		assert_string_equal(holds(ASIDE "/certwright.db"), "old database");
		assert_string_equal(holds(ASIDE "/certwright.db-wal"), "old wal");
		assert_string_equal(holds(ASIDE "/kek"), "old kek");
		assert_string_equal(holds("next.plan"), "-");
		assert_int_equal(next_apply(AT_FDCWD, &got, &e), 0);
		strcpy(folder, *state);
		close_folder(state);
		assert_int_equal(mkdir(folder, 0700), 0);
		assert_int_equal(chdir(folder), 0);
		put("certwright.db", "old database");
		put("certwright.db-wal", "old wal");
		put("kek", "old kek");
	}
}

static void
a_plan_without_its_files_changes_nothing(void **state)
{
	struct next n = bundle(), got;
	struct err e = { 0 };

	unlink("next.kek");
	assert_int_equal(next_save(AT_FDCWD, &n, &e), 0);
	assert_int_equal(next_apply(AT_FDCWD, &got, &e), -1);
	assert_int_equal(e.refusal, R_NEXT_PLAN);
	assert_string_equal(holds("certwright.db"), "old database");
	assert_string_equal(holds("certwright.db-wal"), "old wal");
}

static void
a_malformed_plan_is_refused(void **state)
{
	static const char *const plans[] = { "", "certwright next 2\nwhat x\naside replaced-1\n",
		"certwright next 1\nwhat x\n", "certwright next 1\naside replaced-1\n",
		"certwright next 1\nwhat x\naside ../etc\n",
		"certwright next 1\nwhat x\naside replaced-/../x\n",
		"certwright next 1\nwhat x\naside replaced-1\ntake lock\n",
		"certwright next 1\nwhat x\naside replaced-1\ntake ../kek\n",
		"certwright next 1\nwhat x\naside replaced-1\ndrop kek\n" };
	struct next n;

	for (size_t i = 0; i < nitems(plans); i++) {
		struct err e = { 0 };

		put("next.plan", plans[i]);
		assert_int_equal(next_apply(AT_FDCWD, &n, &e), -1);
		assert_int_equal(e.refusal, R_NEXT_PLAN);
		assert_string_equal(holds("kek"), "old kek");
	}
}

static void
a_plan_is_taken_back(void **state)
{
	struct next n = bundle(), got;
	struct err e = { 0 };

	assert_int_equal(next_save(AT_FDCWD, &n, &e), 0);
	assert_int_equal(next_load(AT_FDCWD, &got, &e), 1);
	assert_memory_equal(got.becomes, n.becomes, sizeof(n.becomes));
	assert_int_equal(next_cancel(AT_FDCWD, &e), 0);
	assert_int_equal(next_apply(AT_FDCWD, &got, &e), 0);
	assert_string_equal(holds("next.kek"), "-");
	assert_string_equal(holds("kek"), "old kek");
}

static void
what_is_discarded_is_gone(void **state)
{
	struct next n, got;
	struct err e = { 0 };

	next_init(&n, AT, "the reset");
	n.discard = true;
	for (int f = 0; f < NEXT_FILES; f++)
		n.becomes[f] = NEXT_TAKEN;
	assert_int_equal(next_save(AT_FDCWD, &n, &e), 0);
	assert_int_equal(next_apply(AT_FDCWD, &got, &e), 1);
	assert_true(got.discard);
	assert_string_equal(holds("certwright.db"), "-");
	assert_string_equal(holds("kek"), "-");
	assert_int_equal(access(ASIDE, F_OK), -1);
}

/* Whoever may write to the folder cannot have it open beforehand. */
static void
what_is_brought_is_a_new_file(void **state)
{
	static const char *const links[] = { "certwright.db", "certwright.db-wal" };
	AUTO_CLOSE int before = -1, fd = -1;
	struct stat is, was;

	put("next.kek", "");
	before = open("next.kek", O_RDONLY | O_CLOEXEC);
	assert_true(before >= 0);
	fd = next_create(AT_FDCWD, NEXT_KEK);
	assert_true(fd >= 0);
	assert_int_equal(write_full(fd, "new kek", 7), 0);
	assert_string_equal(holds("next.kek"), "new kek");
	assert_int_equal(fstat(before, &was), 0);
	assert_int_equal(was.st_size, 0);
	assert_int_equal(fstat(fd, &is), 0);
	assert_int_equal(is.st_mode & 0777, 0600);
	for (size_t i = 0; i < nitems(links); i++) {
		AUTO_CLOSE int to = -1;

		unlink("next.certwright.db");
		assert_int_equal(i == 0 ? symlink(links[i], "next.certwright.db")
					: link(links[i], "next.certwright.db"),
		    0);
		to = next_create(AT_FDCWD, NEXT_DATABASE);
		assert_true(to >= 0);
		assert_int_equal(write_full(to, "x", 1), 0);
		assert_string_equal(holds(links[i]), i == 0 ? "old database" : "old wal");
	}
}

/* What root brings for the keeper is no other's, until it has its place. */
static void
what_root_brings_has_its_owner(void **state)
{
	AUTO_CLOSE int kek = -1, database = -1, first = -1;
	struct stat st;

	if (geteuid() != 0)
		skip();
	assert_int_equal(chown(".", 64510, 64510), 0);
	assert_int_equal(chown("kek", 64511, 64511), 0);
	kek = next_create(AT_FDCWD, NEXT_KEK);
	database = next_create(AT_FDCWD, NEXT_DATABASE);
	assert_int_equal(fstat(kek, &st), 0);
	assert_int_equal(st.st_uid, 64511);
	assert_int_equal(fstat(database, &st), 0);
	assert_int_equal(st.st_uid, 64510);
	unlink("kek");
	first = next_create(AT_FDCWD, NEXT_JOURNAL);
	assert_int_equal(fstat(first, &st), 0);
	assert_int_equal(st.st_uid, 64510);
	unlink("next.journal");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(nothing_is_planned, open_folder, close_folder),
		cmocka_unit_test_setup_teardown(
		    each_step_can_be_the_last, open_folder, close_folder),
		cmocka_unit_test_setup_teardown(
		    a_plan_without_its_files_changes_nothing, open_folder, close_folder),
		cmocka_unit_test_setup_teardown(
		    a_malformed_plan_is_refused, open_folder, close_folder),
		cmocka_unit_test_setup_teardown(a_plan_is_taken_back, open_folder, close_folder),
		cmocka_unit_test_setup_teardown(
		    what_is_discarded_is_gone, open_folder, close_folder),
		cmocka_unit_test_setup_teardown(
		    what_is_brought_is_a_new_file, open_folder, close_folder),
		cmocka_unit_test_setup_teardown(
		    what_root_brings_has_its_owner, open_folder, close_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
