/*
 * test_generation.c - `current` leads to one complete pair, the old or the new (P5)
 */
#include <sys/stat.h>

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/io.h"
#include "cli/generation.h"

static struct arena *arena;
static char dir[64];
static struct err e;

static void
put(const char *key, const char *cert)
{
	AUTO_BUF struct buf k = { 0 }, c = { 0 }, chain = { 0 };

	buf_put_text(&k, key);
	buf_put_text(&c, cert);
	buf_put_text(&chain, "issuer\n");
	assert_int_equal(generation_put(arena, dir, &(struct generation){ &k, &c, &chain }, &e), 0);
}

static void
holds(const char *name, const char *text)
{
	AUTO_BUF struct buf b = { 0 };

	assert_int_equal(file_read(&b, arena_printf(arena, "%s/%s", dir, name), 4096, &e), 0);
	assert_string_equal(buf_text(&b), text);
}

static size_t
folders(void)
{
	DIR *d = opendir(dir);
	const struct dirent *f;
	size_t n = 0;

	while ((f = readdir(d)) != NULL)
		n += strncmp(f->d_name, "gen-", 4) == 0;
	closedir(d);
	return n;
}

static void
old_or_new_and_the_one_before_is_kept(void **state UNUSED)
{
	struct stat st;
	bool there;

	put("k1", "c1\n");
	holds("key.pem", "k1");
	holds("fullchain.pem", "c1\nissuer\n");
	assert_int_equal(stat(arena_printf(arena, "%s/key.pem", dir), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	put("k2", "c2\n");
	put("k3", "c3\n");
	holds("current/key.pem", "k3");
	holds("previous/cert.pem", "c2\n");
	assert_int_equal(folders(), 3);
	assert_int_equal(generation_prune(arena, dir, &e), 0);
	assert_int_equal(folders(), 2);
	assert_int_equal(generation_back(arena, dir, &there, &e), 0);
	assert_true(there);
	holds("key.pem", "k2");
	holds("cert.pem", "c2\n");
}

static void
the_first_that_goes_back_leaves_none(void **state UNUSED)
{
	bool there;

	put("k1", "c1\n");
	assert_int_equal(generation_back(arena, dir, &there, &e), 0);
	assert_false(there);
	assert_int_equal(access(arena_printf(arena, "%s/key.pem", dir), F_OK), -1);
	assert_int_equal(generation_prune(arena, dir, &e), 0);
	assert_int_equal(folders(), 0);
}

static void
one_run_at_a_time(void **state UNUSED)
{
	int first = -1, second = -1;

	assert_int_equal(generation_lock(dir, &first, &e), 0);
	assert_int_equal(generation_lock(dir, &second, &e), -1);
	assert_int_equal(e.refusal, R_CONFIG);
	close(first);
	close(second);
}

static int
up(void **state UNUSED)
{
	arena = arena_new();
	strcpy(dir, "/tmp/generation-XXXXXX");
	err_clear(&e);
	return mkdtemp(dir) == NULL;
}

static int
down(void **state UNUSED)
{
	static const char *const links[] = { "current", "previous", "key.pem", "cert.pem",
		"chain.pem", "fullchain.pem" };

	for (size_t i = 0; i < nitems(links); i++)
		unlink(arena_printf(arena, "%s/%s", dir, links[i]));
	generation_prune(arena, dir, &e);
	arena_free(arena);
	return rmdir(dir);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(old_or_new_and_the_one_before_is_kept, up, down),
		cmocka_unit_test_setup_teardown(the_first_that_goes_back_leaves_none, up, down),
		cmocka_unit_test_setup_teardown(one_run_at_a_time, up, down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
