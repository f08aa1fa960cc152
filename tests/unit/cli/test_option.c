/*
 * test_option.c - arguments are read as INTERFACES promises
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cli/option.h"

static struct arena *arena;
static struct args args;
static struct err e;

/* Parse what follows "certwright"; words end with NULL. */
static int
parse(char *first, ...)
{
	char *argv[32] = { "certwright" };
	int argc = 1;
	va_list ap;

	va_start(ap, first);
	for (char *s = first; s != NULL; s = va_arg(ap, char *))
		argv[argc++] = s;
	va_end(ap);
	err_clear(&e);
	return args_parse(&args, arena, argc, argv, &e);
}

#define good(...) assert_int_equal(parse(__VA_ARGS__, NULL), 0)

static void
assert_usage(int rc, const char *part)
{
	assert_int_equal(rc, -1);
	assert_int_equal(e.refusal, R_USAGE);
	assert_int_equal(err_exit_code(e.kind), 2);
	assert_non_null(strstr(e.message, part));
	assert_true(e.hint[0] != '\0');
}
#define refused(part, ...) assert_usage(parse(__VA_ARGS__, NULL), part)

static int
setup(void **state)
{
	arena = arena_new();
	return 0;
}

static int
teardown(void **state)
{
	arena_free(arena);
	return 0;
}

static void
options_stand_anywhere(void **state)
{
	good("--json", "key", "--data-dir", "/d", "generate", "--type", "ed25519");
	assert_string_equal(args.group->name, "key");
	assert_string_equal(args.command->name, "generate");
	assert_string_equal(args_value(&args, "data-dir"), "/d");
	assert_string_equal(args_value(&args, "type"), "ed25519");
	assert_true(args_has(&args, "json"));
	good("--type=ed25519", "key", "generate");
	assert_string_equal(args_value(&args, "type"), "ed25519");
}

static void
a_value_follows_or_stands_after_the_equals_sign(void **state)
{
	good("admin", "create", "--user=u=v", "--email", "--odd", "--password-file=-");
	assert_string_equal(args_value(&args, "user"), "u=v");
	assert_string_equal(args_value(&args, "email"), "--odd");
	assert_string_equal(args_value(&args, "password-file"), "-");
	good("csr", "regenerate", "--unit=");
	assert_string_equal(args_value(&args, "unit"), "");
	good("csr", "download", "-ofile");
	assert_string_equal(args_value(&args, "output"), "file");
	good("csr", "download", "-o", "-");
	assert_string_equal(args_value(&args, "output"), "-");
	refused("needs a value", "csr", "download", "-o");
	refused("needs a value", "status", "--data-dir");
	refused("takes no value", "status", "--json=yes");
}

static void
two_dashes_end_the_options(void **state)
{
	good("certificate", "check", "--json", "--", "--json", "-o");
	assert_int_equal(args.nwords, 2);
	assert_string_equal(args.words[0], "--json");
	assert_string_equal(args.words[1], "-o");
	good("csr", "check", "-");
	assert_string_equal(args.words[0], "-");
}

static void
a_command_takes_its_own_options_only(void **state)
{
	refused("not an option", "csr", "list", "--type", "ed25519");
	refused("there is no option --nonsense", "csr", "list", "--nonsense");
	refused("there is no option -x", "csr", "list", "-x");
	refused("twice", "key", "generate", "--type", "a", "--type", "b");
	good("csr", "regenerate", "--name", "a", "--name", "b");
	assert_int_equal(args.ngiven, 2);
}

static void
what_is_missing_is_named(void **state)
{
	refused("no command", "--json");
	refused("there is no command nonsense", "nonsense");
	refused("there is no command csr nonsense", "csr", "nonsense");
	refused("certwright csr needs a command", "csr");
	refused("--email is missing", "admin", "create", "--user", "u", "--password-file", "f");
	refused("FILE is missing", "csr", "check");
	refused("FILE is missing", "trust", "add");
	refused("one argument too many", "csr", "check", "a", "b");
	refused("an argument is empty", "admin", "delete", "");
}

static void
a_server_needs_a_token_and_one_kind_of_trust(void **state)
{
	refused("--server needs --token-file", "--server", "https://x", "status");
	refused("--server and --data-dir", "--server", "https://x", "--data-dir", "d", "status");
	refused("--token-file needs --server", "--token-file", "f", "status");
	refused("--fingerprint needs --server", "--fingerprint", "f", "status");
	refused("--ca-file and --fingerprint", "--server", "https://x", "--token-file", "t",
	    "--ca-file", "f", "--fingerprint", "f", "status");
	good("--server", "https://x", "--token-file", "t", "status");
}

static void
help_and_version_are_answered_on_every_level(void **state)
{
	good("--help");
	assert_null(args.group);
	good("csr", "--help");
	assert_non_null(args.group);
	assert_null(args.command);
	good("csr", "regenerate", "-h");
	assert_string_equal(args.command->name, "regenerate");
	good("certificate", "check", "--version");
	refused("there is no command nonsense", "nonsense", "--help");
}

static void
text_for_the_server_is_UTF8(void **state)
{
	assert_int_equal(parse("csr", "regenerate", "--unit", "\xff", NULL), -1);
	assert_int_equal(e.refusal, R_TEXT_UTF8);
	assert_int_equal(parse("admin", "delete", "\xff", NULL), -1);
	assert_int_equal(e.refusal, R_TEXT_UTF8);
	good("csr", "check", "\xff.pem");
}

static void
words_say_how_many(void **state)
{
	static const struct {
		const char *words;
		size_t min, max;
	} table[] = {
		{ "", 0, 0 },
		{ "FILE", 1, 1 },
		{ "[ID]", 0, 1 },
		{ "FILE...", 1, SIZE_MAX },
		{ "A B", 2, 2 },
		{ "A [B]", 1, 2 },
	};
	size_t min, max;

	for (size_t i = 0; i < nitems(table); i++) {
		words_count(table[i].words, &min, &max);
		assert_int_equal(min, table[i].min);
		assert_true(max == table[i].max);
	}
}

/* args_parse knows an option before it knows the command. */
static void
an_option_is_of_one_kind_everywhere(void **state)
{
	const struct option *all[256], *o;
	size_t n = 0;

	for (o = global_options; o->name != NULL; o++)
		all[n++] = o;
	for (size_t i = 0; groups[i] != NULL; i++) {
		for (const struct command *c = groups[i]->commands; c->run != NULL; c++) {
			for (o = c->options; o != NULL && o->name != NULL; o++) {
				assert_true(n < nitems(all));
				all[n++] = o;
			}
		}
	}
	for (size_t i = 0; i < n; i++) {
		for (size_t k = 0; k < i; k++) {
			if (strcmp(all[i]->name, all[k]->name) != 0)
				continue;
			assert_int_equal(all[i]->letter, all[k]->letter);
			assert_int_equal(all[i]->value == NULL, all[k]->value == NULL);
			assert_int_equal(all[i]->many, all[k]->many);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_stand_anywhere),
		cmocka_unit_test(a_value_follows_or_stands_after_the_equals_sign),
		cmocka_unit_test(two_dashes_end_the_options),
		cmocka_unit_test(a_command_takes_its_own_options_only),
		cmocka_unit_test(what_is_missing_is_named),
		cmocka_unit_test(a_server_needs_a_token_and_one_kind_of_trust),
		cmocka_unit_test(help_and_version_are_answered_on_every_level),
		cmocka_unit_test(text_for_the_server_is_UTF8),
		cmocka_unit_test(words_say_how_many),
		cmocka_unit_test(an_option_is_of_one_kind_everywhere),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
