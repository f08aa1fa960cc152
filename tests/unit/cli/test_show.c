/*
 * test_show.c - lists, tables and the sheet, as people see them
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <locale.h>

#include <cmocka.h>

#include "cli/cli.h"
#include "cli/show.h"

static struct cli cli;
static char *printed;
static size_t printed_len;

static int
setup(void **state)
{
	setlocale(LC_CTYPE, "C.UTF-8");
	memset(&cli, 0, sizeof(cli));
	cli.arena = arena_new();
	cli.out = open_memstream(&printed, &printed_len);
	return cli.out == NULL;
}

static int
teardown(void **state)
{
	fclose(cli.out);
	free(printed);
	arena_free(cli.arena);
	return 0;
}

static void
assert_printed(const char *want)
{
	fflush(cli.out);
	assert_string_equal(printed, want);
}

static const struct shown columns[] = { { "a", "NAME" }, { "b.c", "INNER" }, { "d", "LAST" },
	{ 0 } };

static void
a_table_is_aligned_by_what_people_see(void **state)
{
	json_t *rows = json_pack("[{s:s, s:{s:s}, s:i}, {s:s, s:n}]", "a", "\xc3\xa9t\xc3\xa9", "b",
	    "c", "\xe6\x97\xa5\xe6\x9c\xac", "d", 7, "a", "longer name", "d");

	show_table(&cli, rows, columns);
	json_decref(rows);
	assert_printed("NAME         INNER  LAST\n"
		       "\xc3\xa9t\xc3\xa9          \xe6\x97\xa5\xe6\x9c\xac   7\n"
		       "longer name  -      -\n");
}

static void
an_empty_table_is_its_heading(void **state)
{
	show_table(&cli, NULL, columns);
	assert_printed("NAME  INNER  LAST\n");
}

static void
a_very_long_cell_does_not_widen_its_column(void **state)
{
	char text[101];
	json_t *rows;

	memset(text, 'x', 100);
	text[100] = '\0';
	rows = json_pack("[{s:s, s:s}, {s:s, s:s}]", "a", text, "d", "1", "a", "y", "d", "2");
	show_table(&cli, rows, columns);
	json_decref(rows);
	fflush(cli.out);
	assert_int_equal(strcspn(printed, "\n"), 48 + 2 + 5 + 2 + 4);
	assert_non_null(strstr(printed, text));
}

static void
details_leave_out_what_is_absent(void **state)
{
	json_t *o = json_pack("{s:s, s:b, s:[s, s], s:n}", "when", "2026-11-24T13:30:00Z", "on", 1,
	    "list", "x", "y", "none");

	show_details(&cli, o,
	    (const struct shown[]){ { "when", "Created" }, { "absent", "Absent" }, { "on", "On" },
		{ "list", "List" }, { "none", "None" }, { 0 } });
	json_decref(o);
	assert_printed(
	    "Created: 24 Nov 2026, 13:30 UTC\nOn:      yes\nList:    x, y\nNone:    -\n");
}

static void
an_object_shows_each_member_that_is_there(void **state)
{
	json_t *o = json_pack(
	    "{s:{s:s, s:s, s:s, s:n}}", "subject", "C", "US", "O", "Example", "OU", "", "L");

	show_details(&cli, o, (const struct shown[]){ { "subject", "Subject" }, { 0 } });
	json_decref(o);
	assert_printed("Subject: C=US, O=Example\n");
}

static void
control_and_bidi_characters_never_reach_a_terminal(void **state)
{
	assert_string_equal(show_text(cli.arena, "a\x1b[31mb\x7f"), "a\\u001b[31mb\\u007f");
	assert_string_equal(show_text(cli.arena,
				"\xc2\x9b"
				"31m"),
	    "\\u009b31m");
	assert_string_equal(show_text(cli.arena, "x\xe2\x80\xaey"), "x\\u202ey");
	assert_string_equal(show_text(cli.arena, "a\xff"), "a\\xff");
	show_line(&cli, "%s", "installed: \x1b]0;title\x07");
	assert_printed("installed: \\u001b]0;title\\u0007\n");
}

static void
the_sheet_says_why_and_gives_the_exit_code(void **state)
{
	json_t *sheet = json_pack(
	    "{s:s, s:[{s:s, s:s, s:s, s:s, s:s, s:n, s:n, s:n, s:n},"
	    "{s:s, s:s, s:n, s:s, s:s, s:s, s:s, s:s, s:s}], s:[], s:[s], s:[s]}",
	    "verdict", "harmless", "dispositions", "item", "subject.CN", "asked", "a.example",
	    "granted", "a.example", "outcome", "granted", "weight", "same", "rule", "reason",
	    "reference", "set_by", "item", "subject.O", "asked", "Example", "granted", "outcome",
	    "dropped", "weight", "harmless", "rule", "r.1", "reason", "the CA leaves it out",
	    "reference", "BR 7.1", "set_by", "the authority", "chain", "notes",
	    "clients must trust X", "repairs", "CRLF");

	assert_non_null(sheet);
	assert_int_equal(show_sheet(&cli, sheet), 3);
	assert_printed("Verdict: harmless (amended, and fit for use)\n\n"
		       "ITEM        ASKED      GRANTED    OUTCOME  WEIGHT\n"
		       "subject.CN  a.example  a.example  granted  same\n"
		       "subject.O   Example    -          dropped  harmless\n\n"
		       "subject.O dropped: the CA leaves it out\n"
		       "    rule r.1 (BR 7.1), set by the authority\n\n"
		       "note: clients must trust X\n\n"
		       "repaired: CRLF\n");
	json_decref(sheet);
}

static void
the_digest_of_a_key_is_shown_by_its_beginning(void **state)
{
	json_t *sheet = json_pack("{s:[{s:s, s:s, s:s}]}", "dispositions", "item", "key", "asked",
	    "EC P-256 sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
	    "granted", "EC P-256 sha256:0123");

	show_sheet(&cli, sheet);
	assert_printed(
	    "ITEM  ASKED                            GRANTED               OUTCOME  WEIGHT\n"
	    "key   EC P-256 sha256:0123456789ab...  EC P-256 sha256:0123  -        -\n");
	json_decref(sheet);
}

static void
with_json_only_the_answer_is_printed(void **state)
{
	json_t *sheet = json_pack("{s:s}", "verdict", "breaking");

	cli.json = true;
	show_line(&cli, "for people");
	assert_int_equal(show_sheet(&cli, sheet), 5);
	json_decref(sheet);
	assert_printed("{\n  \"verdict\": \"breaking\"\n}\n");
}

#define t(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		t(a_table_is_aligned_by_what_people_see),
		t(an_empty_table_is_its_heading),
		t(a_very_long_cell_does_not_widen_its_column),
		t(details_leave_out_what_is_absent),
		t(an_object_shows_each_member_that_is_there),
		t(control_and_bidi_characters_never_reach_a_terminal),
		t(the_sheet_says_why_and_gives_the_exit_code),
		t(the_digest_of_a_key_is_shown_by_its_beginning),
		t(with_json_only_the_answer_is_printed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
