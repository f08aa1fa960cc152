/*
 * test_io.c - files whole or not at all; lines of the log; wiped memory; time
 *
 * io.c, log.c, wipe.c, clock.c
 */
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/log.h"
#include "base/wipe.h"

static int
open_folder(void **state)
{
	static char folder[32];

	strcpy(folder, "/tmp/cw-io-XXXXXX");
	assert_non_null(mkdtemp(folder));
	assert_int_equal(chdir(folder), 0);
	*state = folder;
	return 0;
}

static int
close_folder(void **state)
{
	unlink("file");
	assert_int_equal(chdir("/"), 0);
	assert_int_equal(rmdir(*state), 0); /* nothing temporary is left */
	return 0;
}

static const char *
content(void)
{
	static char text[32];
	AUTO_BUF struct buf b = { 0 };
	struct err e = { 0 };

	assert_int_equal(file_read(&b, "file", sizeof(text) - 1, &e), 0);
	snprintf(text, sizeof(text), "%s", buf_text(&b));
	return text;
}

static void
P1_a_file_is_the_old_one_or_the_new_one(void **state)
{
	struct rlimit was, small = { 4, RLIM_INFINITY };
	struct err e = { 0 };
	struct stat st;

	assert_int_equal(file_write("file", "old", 3, 0600, &e), 0);
	assert_int_equal(file_write("file", "newer", 5, 0644, &e), 0);
	assert_string_equal(content(), "newer");
	assert_int_equal(stat("file", &st), 0);
	assert_int_equal(st.st_mode & 0777, 0644);
	/* the disk ends in the middle of it: said, the old one stays, nothing else */
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &was);
	small.rlim_max = was.rlim_max;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(file_write("file", "longer than four", 16, 0600, &e), -1);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	assert_string_equal(content(), "newer");
	err_clear(&e);
	assert_int_equal(file_write("nowhere/file", "x", 1, 0600, &e), -1);
	assert_non_null(strstr(e.message, "nowhere/file"));
}

static void
a_file_is_read_to_its_limit_and_no_further(void **state)
{
	AUTO_BUF struct buf b = { 0 };
	struct err e = { 0 };

	assert_int_equal(file_write("file", "12345", 5, 0600, &e), 0);
	assert_int_equal(file_read(&b, "file", 5, &e), 0);
	buf_reset(&b);
	assert_int_equal(file_read(&b, "file", 4, &e), -1);
	assert_int_equal(e.refusal, R_FILE_TOO_BIG);
	err_clear(&e);
	buf_reset(&b);
	assert_int_equal(file_read(&b, "nowhere", 4, &e), -1);
	assert_int_equal(e.refusal, R_SYSTEM);
	err_clear(&e);
	assert_int_equal(file_read(&b, ".", 4, &e), -1); /* a folder */
}

static void
a_read_takes_all_or_says_that_it_ended(void **state)
{
	char got[6] = "";
	int pair[2];

	assert_int_equal(pipe(pair), 0);
	assert_int_equal(write_full(pair[1], "abc", 3), 0);
	assert_int_equal(write_full(pair[1], "def", 3), 0);
	assert_int_equal(read_full(pair[0], got, 5), 0);
	assert_memory_equal(got, "abcde", 5);
	close(pair[1]);
	errno = EIO;
	assert_int_equal(read_full(pair[0], got, 2), -1);
	assert_int_equal(errno, 0); /* the end, no fault */
	close(pair[0]);
	assert_int_equal(write_full(pair[1], "x", 1), -1);
	assert_int_equal(errno, EBADF);
}

/* ---- the log ------------------------------------------------------------------- */

static int was, pair[2];

static void
listen_to_stderr(void)
{
	assert_int_equal(pipe(pair), 0);
	was = dup(STDERR_FILENO);
	dup2(pair[1], STDERR_FILENO);
	close(pair[1]);
}

static const char *
heard(void)
{
	static char text[4096];
	ssize_t n;

	dup2(was, STDERR_FILENO);
	close(was);
	n = read(pair[0], text, sizeof(text) - 1);
	text[n < 0 ? 0 : n] = '\0';
	close(pair[0]);
	return text;
}

static void
P30_nobody_forges_a_line_of_the_log(void **state)
{
	struct err e = { 0 };

	log_name("tester");
	listen_to_stderr();
	log_warn("name %s", "a\n<3>tester: forged\x1b[2J\x7f");
	assert_string_equal(heard(), "<4>tester: name a\\x0a<3>tester: forged\\x1b[2J\\x7f\n");
	err_set(&e, R_SYSTEM, NULL, "it failed");
	listen_to_stderr();
	log_err("page", &e);
	assert_string_equal(heard(), "<3>tester: page: it failed\n");
	err_hint(&e, "try again");
	listen_to_stderr();
	log_err(NULL, &e);
	assert_string_equal(heard(), "<3>tester: it failed; hint: try again\n");
}

static void
a_line_of_the_log_is_one_line_however_long(void **state)
{
	char huge[5000];
	const char *line;

	memset(huge, '\n', sizeof(huge) - 1);
	huge[sizeof(huge) - 1] = '\0';
	listen_to_stderr();
	log_info("%s", huge);
	line = heard();
	assert_in_range(strlen(line), 1000, 2048);
	assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
}

/* ---- memory ---------------------------------------------------------------------- */

static void
P11_what_is_freed_was_wiped(void **state)
{
	char *p = wipe_malloc(100), *more;
	volatile unsigned char *old = (volatile unsigned char *)p;

	memset(p, 'x', 100);
	more = wipe_realloc(p, 100000);
	assert_ptr_not_equal(more, p);
	for (int i = 0; i < 100; i++)
		assert_int_equal(more[i], 'x');
	/* malloc writes its links over the beginning */
	for (int i = 32; i < 100 && !SANITIZED; i++)
		assert_int_equal(old[i], 0);
	assert_ptr_equal(wipe_realloc(more, 90000), more); /* it fits: it stays */
	wipe_free(more);
	wipe_free(NULL);
	assert_non_null(p = wipe_realloc(NULL, 5));
	wipe_free(p);
}

/* In a child, which has no memory left: 0, or the signal that it ended by. */
static int
short_of_memory(size_t n)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		struct rlimit none = { 0, 0 }, no_core = { 0, 0 };

		setrlimit(RLIMIT_CORE, &no_core);
		setrlimit(RLIMIT_AS, &none);
		close(STDERR_FILENO);
		_exit(wipe_malloc(n) == NULL ? 0 : 1);
	}
	waitpid(child, &status, 0);
	return WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
}

static void
P7_short_of_memory_the_process_ends_and_lies_to_nobody(void **state)
{
	if (SANITIZED) /* the sanitizer has an allocator and an answer of its own */
		return;
	assert_int_equal(short_of_memory(WIPE_ENORMOUS), SIGABRT);
	assert_int_equal(short_of_memory(WIPE_ENORMOUS + 1), 0); /* refused: nobody needs it */
}

/* ---- time ------------------------------------------------------------------------ */

static void
the_clock_can_be_moved_by_tests_only_and_the_other_one_not_at_all(void **state)
{
	int64_t wall = clock_wall(), monotonic = clock_monotonic_ms();
	unsigned char a[300] = { 0 }, b[300] = { 0 };

	setenv("CERTWRIGHT_TEST_CLOCK_OFFSET", "86400", 1);
	assert_in_range(clock_wall() - wall, 86400, 86402);
	assert_in_range(clock_wall_ms() / 1000 - wall, 86400, 86402);
	assert_in_range(clock_monotonic_ms() - monotonic, 0, 2000);
	unsetenv("CERTWRIGHT_TEST_CLOCK_OFFSET");
	random_bytes(a, sizeof(a));
	random_bytes(b, sizeof(b));
	assert_memory_not_equal(a + 256, b + 256, 44);
}

int
main(void)
{
#define F(name) cmocka_unit_test_setup_teardown(name, open_folder, close_folder)
	const struct CMUnitTest tests[] = {
		F(P1_a_file_is_the_old_one_or_the_new_one),
		F(a_file_is_read_to_its_limit_and_no_further),
		cmocka_unit_test(a_read_takes_all_or_says_that_it_ended),
		cmocka_unit_test(P30_nobody_forges_a_line_of_the_log),
		cmocka_unit_test(a_line_of_the_log_is_one_line_however_long),
		cmocka_unit_test(P11_what_is_freed_was_wiped),
		cmocka_unit_test(P7_short_of_memory_the_process_ends_and_lies_to_nobody),
		cmocka_unit_test(the_clock_can_be_moved_by_tests_only_and_the_other_one_not_at_all),
	};

	return cmocka_run_group_tests_name("io", tests, NULL, NULL);
}
