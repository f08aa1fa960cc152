/*
 * test_help.c - help, completion and manual page name what the table has
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/io.h"
#include "cli/option.h"

static struct arena *arena;

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
find(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("\"%s\" is not there", part);
}

static void
help_names_every_command_and_option(void **state)
{
	char *all = help_text(arena, NULL, NULL), *text;

	for (size_t i = 0; groups[i] != NULL; i++) {
		for (const struct command *c = groups[i]->commands; c->run != NULL; c++) {
			find(all,
			    arena_printf(
				arena, "  %s %s", groups[i]->name, c->name == NULL ? "" : c->name));
			text = help_text(arena, groups[i], c);
			find(text, c->help);
			for (const struct option *o = c->options; o != NULL && o->name != NULL; o++)
				find(text, arena_printf(arena, " --%s", o->name));
			find(text, "--data-dir DIR");
		}
		find(help_text(arena, groups[i], NULL), groups[i]->help);
	}
}

static void
help_fits_into_a_hundred_columns(void **state)
{
	for (size_t i = 0; groups[i] != NULL; i++) {
		for (const struct command *c = groups[i]->commands; c->run != NULL; c++) {
			const char *p = help_text(arena, groups[i], c);

			for (; *p != '\0'; p += strcspn(p, "\n") + 1)
				assert_true(strcspn(p, "\n") <= 100);
		}
	}
}

static void
the_completion_names_every_command_and_option(void **state)
{
	char *text = completion_text(arena);

	for (size_t i = 0; groups[i] != NULL; i++) {
		find(text, arena_printf(arena, " %s", groups[i]->name));
		for (const struct command *c = groups[i]->commands; c->run != NULL; c++) {
			if (c->name == NULL) {
				assert_null(c->options);
				continue;
			}
			find(text, arena_printf(arena, " %s", c->name));
			if (c->options != NULL)
				find(text,
				    arena_printf(arena, "'%s %s') options+=\" --%s",
					groups[i]->name, c->name, c->options->name));
			for (const struct option *o = c->options; o != NULL && o->name != NULL; o++)
				find(text, arena_printf(arena, " --%s", o->name));
		}
	}
	find(text, "complete -o filenames -F _certwright certwright\n");
}

static void
the_manual_page_names_every_command_and_option(void **state)
{
	AUTO_BUF struct buf page = { 0 };
	struct err e = { 0 };
	const char *text, *from, *name;

	assert_int_equal(file_read(&page, MAN_PAGE, 1 << 20, &e), 0);
	text = buf_text(&page);
	for (const struct option *o = global_options; o->name != NULL; o++)
		find(text, arena_printf(arena, "-%s", o->name));
	for (size_t i = 0; groups[i] != NULL; i++) {
		for (const struct command *c = groups[i]->commands; c->run != NULL; c++) {
			name = c->name == NULL
			    ? arena_printf(arena, "Cm %s\n", groups[i]->name)
			    : arena_printf(arena, "Cm %s %s", groups[i]->name, c->name);
			find(text, name);
			from = strstr(strstr(text, ".Sh DESCRIPTION"), name);
			for (const struct option *o = c->options; o != NULL && o->name != NULL;
			     o++) {
				if (strcmp(o->name, "output") != 0)
					find(from, arena_printf(arena, "Fl -%s", o->name));
			}
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(help_names_every_command_and_option),
		cmocka_unit_test(help_fits_into_a_hundred_columns),
		cmocka_unit_test(the_completion_names_every_command_and_option),
		cmocka_unit_test(the_manual_page_names_every_command_and_option),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
