/*
 * test_config.c - what the daemon is told: options, and lines of a file
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/config.h"
#include "base/io.h"

static struct err err;

static int
with(struct config *c, const char *const *options)
{
	char *argv[20] = { (char[]){ "certwrightd" } };
	int n = 1;

	for (; options[n - 1] != NULL; n++)
		argv[n] = (char *)(uintptr_t)options[n - 1];
	err_clear(&err);
	return config_read(c, n, argv, &err);
}
#define WITH(c, ...) with(c, (const char *const[]){ __VA_ARGS__, NULL })

static void
options_have_their_values(void **state)
{
	struct config c;

	assert_int_equal(with(&c, (const char *const[]){ NULL }), 0);
	assert_int_equal(c.nlisten, 1);
	assert_string_equal(c.listen[0], "127.0.0.1:8443");
	assert_int_equal(c.workers, 64);
	assert_int_equal(WITH(&c, "--listen", "[::1]:1", "--listen=127.0.0.1:65535", "--workers",
			     "3", "--no-sandbox", "--data-dir=/x=y"),
	    0);
	assert_int_equal(c.nlisten, 2);
	assert_string_equal(c.listen[1], "127.0.0.1:65535");
	assert_int_equal(c.workers, 3);
	assert_true(c.no_sandbox);
	assert_string_equal(c.data_dir, "/x=y");
}

static void
p34_what_may_be_asked_is_configured(void **state)
{
	char host[64], port[8];
	struct config c;

	assert_int_equal(with(&c, (const char *const[]){ NULL }), 0);
	assert_int_equal(c.noutbound_allow, 0);
	assert_null(c.resolver);
	assert_int_equal(c.proof_port, 80);
	assert_int_equal(WITH(&c, "--outbound-allow", "10.0.0.0/8", "--outbound-allow=::1",
			     "--resolver", "::1", "--proof-port=8080"),
	    0);
	assert_int_equal(c.noutbound_allow, 2);
	assert_string_equal(c.outbound_allow[1], "::1");
	assert_int_equal(c.proof_port, 8080);
	assert_int_equal(config_server("::1", 53, host, port, &err), 0);
	assert_string_equal(host, "::1");
	assert_string_equal(port, "53");
	assert_int_equal(config_server("[::1]:54", 53, host, port, &err), 0);
	assert_string_equal(port, "54");
	assert_int_equal(config_server("192.0.2.1", 53, host, port, &err), 0);
	assert_string_equal(port, "53");
	assert_int_equal(config_server("192.0.2.1:99", 53, host, port, &err), 0);
	assert_string_equal(port, "99");
}

static void
wrong_options_are_refused(void **state)
{
	static const struct {
		const char *name, *value;
		enum refusal why;
	} cases[] = {
		{ "--nothing", NULL, R_USAGE },
		{ "--outbound-allow", "10.0.0.1/8", R_CONFIG },
		{ "--outbound-allow", "all", R_CONFIG },
		{ "--resolver", "ns.example", R_CONFIG },
		{ "--proof-port", "0", R_CONFIG },
		{ "nothing", NULL, R_USAGE },
		{ "-h", NULL, R_USAGE },
		{ "--", NULL, R_USAGE },
		{ "--listen", NULL, R_USAGE },
		{ "--listen", "x", R_CONFIG },
		{ "--listen", "localhost:1", R_CONFIG },
		{ "--listen", "127.0.0.1", R_CONFIG },
		{ "--listen", "127.0.0.1:0", R_CONFIG },
		{ "--listen", "127.0.0.1:65536", R_CONFIG },
		{ "--listen", "127.0.0.1:+1", R_CONFIG },
		{ "--listen", "::1:1:", R_CONFIG },
		{ "--listen", "[]:1", R_CONFIG },
		{ "--listen", ":1", R_CONFIG },
		{ "--workers", "0", R_CONFIG },
		{ "--workers", "257", R_CONFIG },
		{ "--workers", "9x", R_CONFIG },
		{ "--workers", "", R_CONFIG },
		{ "--workers", "99999999999999999999", R_CONFIG },
		{ "--data-dir", "", R_CONFIG },
		{ "--no-sandbox=perhaps", NULL, R_CONFIG },
		{ "--config", "/nonexistent", R_CONFIG },
		{ "--config", "/dev/zero", R_CONFIG },
	};

	for (size_t i = 0; i < nitems(cases); i++) {
		struct config c;

		if (WITH(&c, cases[i].name, cases[i].value) == 0)
			fail_msg("%s %s was taken", cases[i].name, cases[i].value);
		assert_int_equal(err.refusal, cases[i].why);
		assert_int_equal(err.kind, ERR_USAGE);
		config_free(&c);
	}
}

static int
lines(struct config *c, const char *text)
{
	static char copy[4096];

	*c = (struct config){ .file = "f" };
	err_clear(&err);
	snprintf(copy, sizeof(copy), "%s", text);
	return config_text(c, copy, &err);
}

static void
a_file_has_a_line_for_each(void **state)
{
	struct config c;

	assert_int_equal(lines(&c,
			     "# comment\n\n  listen = 127.0.0.1:1\t\nlisten=[::1]:2\r\n"
			     "no-sandbox = yes\n\tworkers= 7\ndata-dir = /a b/c"),
	    0);
	assert_int_equal(c.nlisten, 2);
	assert_string_equal(c.listen[0], "127.0.0.1:1");
	assert_string_equal(c.listen[1], "[::1]:2");
	assert_true(c.no_sandbox);
	assert_int_equal(c.workers, 7);
	assert_string_equal(c.data_dir, "/a b/c");
	assert_int_equal(lines(&c, "no-sandbox = no"), 0);
	assert_false(c.no_sandbox);
}

static void
a_wrong_line_is_named(void **state)
{
	struct config c;

	assert_int_equal(lines(&c, "\nworkers\n"), -1);
	assert_string_equal(err.message, "f line 2: no \"=\"");
	assert_int_equal(lines(&c, "\n\nx = y"), -1);
	assert_string_equal(err.message, "f line 3: unknown option \"x\"");
	assert_int_equal(lines(&c, "help = yes"), -1);
	assert_int_equal(lines(&c, "config = /etc/passwd"), -1);
	assert_int_equal(lines(&c, " = x"), -1);
	assert_int_equal(lines(&c, "no-sandbox ="), -1);
	assert_int_equal(lines(&c, "loops = 2\nworkers = 1000"), -1);
	assert_int_equal(err.refusal, R_CONFIG);
	assert_string_equal(err.message, "f line 2: workers must be 1 to 256, not \"1000\"");
}

static void
the_command_line_comes_first(void **state)
{
	char path[] = "/tmp/cw-config-XXXXXX";
	int fd = mkstemp(path);
	struct config c;

	assert_int_equal(write(fd, "workers = 5\nloops = 2\n", 22), 22);
	assert_int_equal(WITH(&c, "--workers", "9", "--config", path), 0);
	assert_int_equal(c.workers, 9);
	assert_int_equal(c.loops, 2);
	config_free(&c);
	assert_int_equal(write(fd, "\0", 1), 1);
	assert_int_equal(WITH(&c, "--config", path), -1);
	assert_int_equal(err.refusal, R_CONFIG);
	config_free(&c);
	close(fd);
	unlink(path);
}

static void
files_are_read_up_to_their_limit_and_written_whole(void **state)
{
	char folder[] = "/tmp/cw-io-XXXXXX", path[64];
	AUTO_BUF struct buf b = { 0 };

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/f", folder);
	err_clear(&err);
	assert_int_equal(file_write(path, "first", 5, 0600, &err), 0);
	assert_int_equal(file_write(path, "0123456789", 10, 0640, &err), 0);
	assert_int_equal(file_read(&b, path, 10, &err), 0);
	assert_int_equal(b.len, 10);
	buf_reset(&b);
	assert_int_equal(file_read(&b, path, 9, &err), -1);
	assert_int_equal(err.refusal, R_FILE_TOO_BIG);
	err_clear(&err);
	assert_int_equal(file_read(&b, folder, 9, &err), -1);
	assert_int_equal(err.refusal, R_SYSTEM);
	err_clear(&err);
	assert_int_equal(file_write("/proc/nothing/f", "x", 1, 0600, &err), -1);
	assert_int_equal(err.refusal, R_SYSTEM);
	unlink(path);
	assert_int_equal(rmdir(folder), 0); /* and nothing else was left in it */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_have_their_values),
		cmocka_unit_test(p34_what_may_be_asked_is_configured),
		cmocka_unit_test(wrong_options_are_refused),
		cmocka_unit_test(a_file_has_a_line_for_each),
		cmocka_unit_test(a_wrong_line_is_named),
		cmocka_unit_test(the_command_line_comes_first),
		cmocka_unit_test(files_are_read_up_to_their_limit_and_written_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
