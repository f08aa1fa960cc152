/*
 * test_reader.c - hostile files are read elsewhere, each with its own answer
 *
 * keys/readers.c
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "reader/reader.h"
#include "tests.h"

void
ask_bundle(struct asked *a, const char *name, const struct buf *file, const char *passphrase)
{
	struct reader_file f = { name, file->data, file->len };

	memset(a, 0, sizeof(*a));
	a->arena = arena_new();
	a->result = readers_bundle(readers, &f, 1, passphrase, a->arena, &a->bundle, &a->err);
	if (a->result < 0)
		saw_refusal(a->err.refusal);
}

void
asked_clear(struct asked *a)
{
	arena_free(a->arena);
	memset(a, 0, sizeof(*a));
}

bool
has_text(const char **list, size_t n, const char *part)
{
	for (size_t i = 0; i < n; i++)
		if (strstr(list[i], part) != NULL)
			return true;
	return false;
}

void
assert_refused(const char *name, struct buf file, const char *passphrase, enum refusal expected,
    const char *field)
{
	struct asked a;

	ask_bundle(&a, name, &file, passphrase);
	assert_int_equal(a.result, -1);
	assert_string_equal(refusal_id(a.err.refusal), refusal_id(expected));
	assert_string_equal(a.err.field, field);
	assert_true(a.err.hint[0] != '\0');
	asked_clear(&a);
	buf_free(&file);
}

static void
assert_cert(const struct reader_object *o, const char *name)
{
	AUTO_BUF struct buf der = made_cert_der(made_cert(name));

	assert_int_equal(o->len, der.len);
	assert_memory_equal(o->der, der.data, der.len);
}

void
assert_read(const char *name, struct buf file, const char *passphrase, const char *first,
    const char *second, const char *repair)
{
	struct asked a;

	ask_bundle(&a, name, &file, passphrase);
	if (a.result < 0)
		print_error("%s: %s\n", name, a.err.message);
	assert_int_equal(a.result, 0);
	assert_int_equal(a.bundle.ncerts, second == NULL ? 1 : 2);
	assert_cert(&a.bundle.certs[0], first);
	if (second != NULL)
		assert_cert(&a.bundle.certs[1], second);
	assert_non_null(strstr(a.bundle.certs[0].from, name));
	if (repair == NULL && a.bundle.nrepairs > 0)
		print_error("%s: repaired %s\n", name, a.bundle.repairs[0]);
	if (repair == NULL)
		assert_int_equal(a.bundle.nrepairs, 0);
	else
		assert_true(has_text(a.bundle.repairs, a.bundle.nrepairs, repair));
	asked_clear(&a);
	buf_free(&file);
}

/* Runs last: a refusal that nothing reaches is a refusal that nobody needs. */
static void
every_refusal_of_the_reader_was_reached(void **state)
{
	static const struct {
		enum refusal r;
		const char *id;
	} all[] = {
#define REFUSAL(name, kind, id) { name, id },
#include "base/refusals/reader.def"
#undef REFUSAL
	};
	int missing = 0;

	for (size_t i = 0; i < nitems(all); i++)
		if (!refusal_seen(all[i].r)) {
			print_error("not reached: %s\n", all[i].id);
			missing++;
		}
	assert_int_equal(missing, 0);
}

static size_t
add_group(struct CMUnitTest *all, size_t n, const struct group *g)
{
	for (size_t i = 0; i < g->n; i++)
		all[n++] = g->tests[i];
	return n;
}

int
main(void)
{
	static struct CMUnitTest all[256];
	const struct CMUnitTest last = cmocka_unit_test(every_refusal_of_the_reader_was_reached);
	struct err e = { 0 };
	size_t n = 0;
	int failed;

	if (reader_prepare(&e) < 0) {
		fprintf(stderr, "%s\n", e.message);
		return 1;
	}
	spawn(&the_spawner, NULL);
	readers = readers_attach(fcntl(the_spawner.front, F_DUPFD_CLOEXEC, 3));
	n = add_group(all, n, &key_group);
	n = add_group(all, n, &bundle_group);
	n = add_group(all, n, &hostile_group);
	n = add_group(all, n, &process_group);
	all[n++] = last;
	failed = _cmocka_run_group_tests("reader", all, n, NULL, NULL);
	readers_detach(readers);
	if (spawned_end(&the_spawner) != 0)
		return 1;
	return failed;
}
