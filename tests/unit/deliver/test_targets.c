/*
 * test_targets.c - what stands in a list of targets, and what may not
 *
 * targets.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "deliver/targets.h"

static int
parse(struct targets *all, struct arena *a, const char *text, struct err *e)
{
	err_clear(e);
	return targets_parse(all, arena_strdup(a, text), a, e);
}

static void
each_form_is_read(void **state)
{
	AUTO(arena) struct arena *a = arena_new();
	const struct target *t;
	struct targets all;
	struct err e = { 0 };

	assert_int_equal(parse(&all, a,
			     "# a list\n"
			     "[pair]\nkind = files\ncertificate = /a/c.pem\nkey = /a/k.pem\n"
			     "mode = 640\ntest = /bin/t -x  y\nreload = /bin/r\ntimeout = 7\n"
			     "[both]\nkind=files\ncombined=/a/b.pem\n"
			     "[java]\nkind = files\nkeystore = /a/j.p12\npassphrase = /a/words\n"
			     "legacy = yes\nname = tomcat\n"
			     "[proxy]\nkind = haproxy\nsocket = /run/h.sock\nname = /a/p.pem\n",
			     &e),
	    0);
	assert_int_equal(all.n, 4);
	t = targets_find(&all, "pair");
	assert_int_equal(t->nfiles, 2);
	assert_int_equal(t->files[0].content, CONTENT_KEY);
	assert_int_equal(t->files[0].mode, 0640);
	assert_int_equal(t->files[1].mode, 0644);
	assert_string_equal(t->test[2], "y");
	assert_null(t->test[3]);
	assert_int_equal(t->timeout_s, 7);
	t = targets_find(&all, "both");
	assert_int_equal(t->files[0].content, CONTENT_BOTH);
	assert_int_equal(t->files[0].mode, 0600);
	assert_int_equal(t->timeout_s, TARGET_TIMEOUT);
	t = targets_find(&all, "java");
	assert_int_equal(t->nfiles, 1);
	assert_int_equal(t->files[0].content, CONTENT_KEYSTORE);
	assert_string_equal(t->passphrase, "/a/words");
	assert_string_equal(t->certificate, "tomcat");
	assert_true(t->legacy);
	t = targets_find(&all, "proxy");
	assert_int_equal(t->kind, TARGET_HAPROXY);
	assert_int_equal(t->nfiles, 0);
	assert_null(targets_find(&all, "other"));
}

#define FILES "[x]\nkind = files\n"
#define STORE FILES "keystore = /a/s\npassphrase = /a/w\n"

static void
what_is_wrong_is_named_with_its_line(void **state)
{
	static const struct {
		const char *text, *says;
	} rows[] = {
		{ "kind = files\n", "line 1: no entry begins before it" },
		{ "[x\n", "line 1: an entry begins with [NAME]" },
		{ "[.x]\n", "line 1: a name is" },
		{ FILES "combined = /a/b\n[x]\n", "line 4: there are two of this name" },
		{ FILES "colour = red\n", "line 3: unknown setting: colour" },
		{ FILES "colour\n", "line 3: no \"=\"" },
		{ FILES, "line 1: it has no file: x" },
		{ "[x]\ncombined = /a/b\n", "line 1: its kind is" },
		{ FILES "combined = a/b\n", "line 3: it is no absolute path" },
		{ FILES "combined = /a/../b\n", "line 3: it is no absolute path" },
		{ FILES "key = /a/k\n", "line 1: it has certificate and key" },
		{ FILES "key = /a/k\ncertificate = /a/c\ncombined = /a/b\n",
		    "line 1: it has certificate and key" },
		{ STORE "combined = /a/b\n", "or a keystore" },
		{ FILES "keystore = /a/s\n", "line 1: a keystore has the file of a passphrase" },
		{ FILES "combined = /a/b\npassphrase = /a/w\n", "are for a keystore" },
		{ FILES "combined = /a/b\nlegacy = yes\n", "are for a keystore" },
		{ STORE "legacy = perhaps\n", "line 5: it is yes or no" },
		{ FILES "combined = /a/b\nname = b\n", "socket and name are for haproxy" },
		{ STORE "socket = /run/s\n", "socket and name are for haproxy" },
		{ "[x]\nkind = haproxy\nsocket = /s\n", "line 1: it has socket and name" },
		{ "[x]\nkind = haproxy\nsocket = /s\nname = n\nkeystore = /a/s\n",
		    "line 1: it has socket and name" },
		{ "[x]\nkind = haproxy\nsocket = /s\nname = a;b\n", "has no blanks" },
		{ FILES "combined = /a/b\nmode = 644\n", "line 1: a key's mode is" },
		{ FILES "combined = /a/b\ntimeout = 601\n", "line 4: a timeout is" },
		{ FILES "combined = /a/b\nreload = nginx -s reload\n", "an absolute path" },
		{ FILES "combined = /a/b\nowner = nobody-there\n", "there is no such user" },
		{ FILES "combined = /a/b\n[y]\nkind = files\nkeystore = /a/b\npassphrase = /w\n",
		    "two files are the same: /a/b" },
	};
	AUTO(arena) struct arena *a = arena_new();
	struct targets all;
	struct err e = { 0 };

	for (size_t i = 0; i < nitems(rows); i++) {
		assert_int_equal(parse(&all, a, rows[i].text, &e), -1);
		assert_int_equal(e.refusal, R_TARGETS);
		if (strstr(e.message, rows[i].says) == NULL)
			fail_msg("%s: %s", rows[i].text, e.message);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_form_is_read),
		cmocka_unit_test(what_is_wrong_is_named_with_its_line),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
