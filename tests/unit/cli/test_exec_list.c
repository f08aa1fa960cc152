/*
 * test_exec_list.c - what may be run is read as it stands, and runs bare (P35)
 */
#include <sys/stat.h>

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "cli/exec_list.h"

static struct arena *arena;
static struct err e;
static char **argv;

static int
find(const char *text, const char *name)
{
	err_clear(&e);
	return exec_list_find(arena, text, strlen(text), name, &argv, &e);
}

static void
refused(const char *text, const char *part)
{
	assert_int_equal(find(text, "a"), -1);
	assert_int_equal(e.refusal, R_CONFIG);
	assert_non_null(strstr(e.message, part));
}

static void
a_line_is_a_name_a_path_and_arguments(void **state UNUSED)
{
	assert_int_equal(find("# all\n\n b /bin/b\n\ta\t/bin/a  -s reload # \n", "a"), 0);
	assert_string_equal(argv[0], "/bin/a");
	assert_string_equal(argv[1], "-s");
	assert_string_equal(argv[2], "reload");
	assert_string_equal(argv[3], "#");
	assert_null(argv[4]);
	assert_int_equal(find("a /bin/a", "a"), 0);
	assert_null(argv[1]);
}

static void
what_is_odd_is_refused_with_its_line(void **state UNUSED)
{
	refused("b /bin/b\n", "no program of that name");
	refused("", "no program of that name");
	refused("a /bin/a\na /bin/b\n", "line 2 of the exec list: this name is there twice");
	refused("a bin/a\n", "absolute");
	refused("a\n", "absolute");
	refused("a /bin/sh -c 'x'\n", "no shell");
	refused("a /bin/sh $HOME\n", "no shell");
	refused("a /bin/a\r\n", "printable");
	refused("a /bin/a \xc3\xa4\n", "printable");
	refused("a /bin/a\n-b /bin/b\n", "line 2 of the exec list: a name");
}

static void
arguments_have_a_limit(void **state UNUSED)
{
	char text[256] = "a /bin/a";

	for (int i = 1; i < EXEC_ARGS_MAX; i++)
		strcat(text, " x");
	assert_int_equal(find(text, "a"), 0);
	strcat(text, " x");
	refused(text, "too many");
}

static void
a_list_that_others_can_write_or_a_link_is_not_read(void **state UNUSED)
{
	char path[] = "/tmp/exec-list-XXXXXX", other[64];
	int fd = mkstemp(path);

	assert_int_equal(write(fd, "a /bin/a\n", 9), 9);
	assert_int_equal(exec_list_load(arena, path, "a", &argv, &e), 0);
	for (mode_t m = 0620; m >= 0602; m -= 016) {
		err_clear(&e);
		assert_int_equal(fchmod(fd, m), 0);
		assert_int_equal(exec_list_load(arena, path, "a", &argv, &e), -1);
		assert_non_null(strstr(e.message, "nobody else can write"));
	}
	fchmod(fd, 0600);
	snprintf(other, sizeof(other), "%s.link", path);
	assert_int_equal(symlink(path, other), 0);
	err_clear(&e);
	assert_int_equal(exec_list_load(arena, other, "a", &argv, &e), -1);
	unlink(other);
	unlink(path);
	close(fd);
}

static void
a_program_runs_bare_and_its_end_is_told(void **state UNUSED)
{
	char *bare[] = { "/usr/bin/env", "-u", "X", "/bin/true", NULL };
	char *no[] = { "/bin/false", NULL }, *none[] = { "/nowhere", NULL };
	char *empty[] = { "/usr/bin/cmp", "/proc/self/environ", "/dev/null", NULL };
	char *slow[] = { "/bin/sleep", "100", NULL };
	const char *why;

	assert_int_equal(exec_run(arena, bare, 20, &why), 0);
	assert_int_equal(exec_run(arena, empty, 20, &why), 0);
	assert_int_equal(exec_run(arena, no, 20, &why), -1);
	assert_string_equal(why, "/bin/false ended with 1");
	assert_int_equal(exec_run(arena, none, 20, &why), -1);
	assert_string_equal(why, "/nowhere ended with 127");
	assert_int_equal(exec_run(arena, slow, 0, &why), -1);
	assert_string_equal(why, "/bin/sleep did not end in 0 seconds");
}

static void
a_caller_that_ignores_its_children_hears_of_a_failure(void **state UNUSED)
{
	char *no[] = { "/bin/false", NULL };
	const char *why;

	signal(SIGCHLD, SIG_IGN);
	assert_int_equal(exec_run(arena, no, 20, &why), -1);
	assert_string_equal(why, "/bin/false ended with 1");
}

static int
up(void **state UNUSED)
{
	arena = arena_new();
	return 0;
}

static int
down(void **state UNUSED)
{
	arena_free(arena);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_a_name_a_path_and_arguments),
		cmocka_unit_test(what_is_odd_is_refused_with_its_line),
		cmocka_unit_test(arguments_have_a_limit),
		cmocka_unit_test(a_list_that_others_can_write_or_a_link_is_not_read),
		cmocka_unit_test(a_program_runs_bare_and_its_end_is_told),
		cmocka_unit_test(a_caller_that_ignores_its_children_hears_of_a_failure),
	};

	return cmocka_run_group_tests(tests, up, down);
}
