/*
 * test_journal.c - what the keeper remembers survives, and nothing else passes
 */
#include <sys/mman.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "keeper/journal.h"

static const unsigned char key[32] = { 1, 2, 3 };
static const unsigned char hash[32] = { 4, 5, 6 };
static const struct bytes signature = { (const unsigned char *)"a signature of some length", 26 };
static struct err err;

#define OK(expr)                                                \
	do {                                                    \
		if ((expr) < 0)                                 \
			fail_msg("%s: %s", #expr, err.message); \
	} while (0)
#define REFUSED(expr, why)                                                     \
	do {                                                                   \
		assert_int_equal((expr), -1);                                  \
		assert_string_equal(refusal_id(err.refusal), refusal_id(why)); \
		err_clear(&err);                                               \
	} while (0)

static int
file(void)
{
	return memfd_create("journal", MFD_CLOEXEC | MFD_ALLOW_SEALING);
}

static off_t
size_of(int fd)
{
	struct stat st;

	fstat(fd, &st);
	return st.st_size;
}

static struct journal *
opened(int fd)
{
	struct journal *j = NULL;

	OK(journal_open(&j, fd, key, &err));
	return j;
}

/* Three heads and two destroyed keys; where each record ends, in ends[]. */
static int
filled(off_t ends[5])
{
	int fd = file();
	struct journal *j = opened(fd);

	OK(journal_append_head(j, 1, hash, &signature, &err));
	ends[0] = size_of(fd);
	OK(journal_append_destroyed(j, "01jz0000000000000000000001", &err));
	ends[1] = size_of(fd);
	OK(journal_append_head(j, 7, hash, &signature, &err));
	ends[2] = size_of(fd);
	OK(journal_append_destroyed(j, "01jz0000000000000000000002", &err));
	ends[3] = size_of(fd);
	OK(journal_append_head(j, 9, key, &signature, &err));
	ends[4] = size_of(fd);
	journal_free(j);
	return fd;
}

static void
P16_P29_what_was_written_is_there_at_the_next_start(void **state)
{
	off_t ends[5];
	int fd = filled(ends);
	struct journal *j = opened(fd);
	unsigned char last[32];
	uint64_t sequence;

	journal_head(j, &sequence, last);
	assert_true(sequence == 9);
	assert_memory_equal(last, key, 32);
	assert_int_equal(journal_destroyed_count(j), 2);
	assert_true(journal_is_destroyed(j, "01jz0000000000000000000001"));
	assert_true(journal_is_destroyed(j, "01jz0000000000000000000002"));
	assert_false(journal_is_destroyed(j, "01jz0000000000000000000003"));
	assert_false(journal_is_destroyed(j, ""));
	/* and it goes on from there */
	OK(journal_append_head(j, 10, hash, &signature, &err));
	journal_free(j);
	j = opened(fd);
	journal_head(j, &sequence, last);
	assert_true(sequence == 10);
	journal_free(j);
	close(fd);
}

static void
P15_custodians_are_there_at_the_next_start(void **state)
{
	static const char one[] = "01jz0000000000000000000001",
			  two[] = "01jz0000000000000000000002";
	int fd = file();
	struct journal *j = opened(fd);
	struct roster r;

	OK(journal_append_custodian(j, one, hash, &err));
	OK(journal_append_custodian(j, two, key, &err));
	OK(journal_append_custodian(j, one, NULL, &err));
	journal_free(j);
	j = opened(fd);
	journal_roster(j, &r);
	assert_int_equal(r.n, 1);
	assert_null(roster_find(&r, one));
	assert_memory_equal(roster_find(&r, two)->seed, key, 32);
	assert_ptr_equal(roster_find_seed(&r, key), roster_find(&r, two));
	assert_null(roster_find_seed(&r, hash));
	journal_free(j);
	close(fd);
}

static void
P29_heads_only_go_forward(void **state)
{
	int fd = file();
	struct journal *j = opened(fd);
	off_t size;

	assert_int_equal(journal_check_head(j, 1, hash, &err), 0);
	OK(journal_append_head(j, 5, hash, &signature, &err));
	REFUSED(journal_check_head(j, 4, hash, &err), R_ANCHOR_OLDER);
	REFUSED(journal_check_head(j, 0, hash, &err), R_ANCHOR_OLDER);
	REFUSED(journal_check_head(j, 5, key, &err), R_ANCHOR_OTHER);
	assert_int_equal(journal_check_head(j, 5, hash, &err), 1);
	assert_int_equal(journal_check_head(j, 6, key, &err), 0);
	size = size_of(fd);
	OK(journal_append_head(j, 5, hash, &signature, &err)); /* written already */
	OK(journal_append_head(j, 3, hash, &signature, &err));
	assert_int_equal(size_of(fd), size);
	journal_free(j);
	close(fd);
}

static int
copy_of(int fd, off_t size)
{
	static unsigned char data[4096];
	int copy = file();

	assert_int_equal(pread(fd, data, sizeof(data), 0), size);
	assert_int_equal(write(copy, data, (size_t)size), size);
	return copy;
}

static void
P7_a_record_cut_short_at_the_end_is_dropped(void **state)
{
	static const char zero[600];
	off_t ends[5];
	int fd = filled(ends);

	for (off_t cut = ends[3]; cut < ends[4]; cut++)
		for (int zeros = 0; zeros < 2; zeros++) {
			int copy = copy_of(fd, ends[4]);
			struct journal *j;
			unsigned char last[32];
			uint64_t sequence;

			assert_int_equal(ftruncate(copy, cut), 0);
			/* the file was made longer, its contents did not arrive */
			if (zeros && cut + 8 <= ends[4])
				assert_int_equal(pwrite(copy, zero, (size_t)(ends[4] - cut), cut),
				    ends[4] - cut);
			j = opened(copy);
			assert_int_equal(size_of(copy), ends[3]);
			journal_head(j, &sequence, last);
			assert_true(sequence == 7);
			assert_int_equal(journal_destroyed_count(j), 2);
			OK(journal_append_head(j, 8, hash, &signature, &err));
			journal_free(j);
			j = opened(copy);
			journal_head(j, &sequence, last);
			assert_true(sequence == 8);
			journal_free(j);
			close(copy);
		}
	close(fd);
}

static void
P16_P29_any_other_change_stops_the_start(void **state)
{
	off_t ends[5];
	int fd = filled(ends);
	struct journal *j = NULL;

	for (off_t at = 0; at < ends[4]; at++)
		for (int bit = 0; bit < 8; bit++) {
			unsigned char byte;

			assert_int_equal(pread(fd, &byte, 1, at), 1);
			byte ^= (unsigned char)(1 << bit);
			assert_int_equal(pwrite(fd, &byte, 1, at), 1);
			REFUSED(journal_open(&j, fd, key, &err), R_JOURNAL_DAMAGED);
			assert_int_equal(size_of(fd), ends[4]);
			byte ^= (unsigned char)(1 << bit);
			assert_int_equal(pwrite(fd, &byte, 1, at), 1);
		}
	j = opened(fd);
	journal_free(j);
	close(fd);
}

static void
P16_a_record_taken_out_or_put_twice_is_found(void **state)
{
	static unsigned char data[4096];
	off_t ends[5];
	int fd = filled(ends), out = file(), twice = file();
	struct journal *j = NULL;

	assert_int_equal(pread(fd, data, sizeof(data), 0), ends[4]);
	/* without the first destroyed key */
	assert_int_equal(write(out, data, (size_t)ends[0]), ends[0]);
	assert_int_equal(
	    write(out, data + ends[1], (size_t)(ends[4] - ends[1])), ends[4] - ends[1]);
	REFUSED(journal_open(&j, out, key, &err), R_JOURNAL_DAMAGED);
	/* the last once more */
	assert_int_equal(write(twice, data, (size_t)ends[4]), ends[4]);
	assert_int_equal(
	    write(twice, data + ends[3], (size_t)(ends[4] - ends[3])), ends[4] - ends[3]);
	REFUSED(journal_open(&j, twice, key, &err), R_JOURNAL_DAMAGED);
	close(fd);
	close(out);
	close(twice);
}

static void
another_key_finds_damage_and_changes_nothing(void **state)
{
	static const unsigned char other[32] = { 7 };
	off_t ends[5];
	int fd = filled(ends);
	struct journal *j = NULL;

	/* also when there is one record only: it is not taken for a torn one */
	for (int all = 0; all < 2; all++) {
		int copy = copy_of(fd, ends[4]);
		off_t size = all ? ends[4] : ends[0];

		assert_int_equal(ftruncate(copy, size), 0);
		REFUSED(journal_open(&j, copy, other, &err), R_JOURNAL_DAMAGED);
		assert_int_equal(size_of(copy), size);
		close(copy);
	}
	close(fd);
}

static void
P7_a_failed_write_leaves_whole_records(void **state)
{
	off_t ends[5];
	int fd = filled(ends);
	struct journal *j = opened(fd);
	unsigned char last[32];
	uint64_t sequence;

	assert_int_equal(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW), 0);
	REFUSED(journal_append_head(j, 11, hash, &signature, &err), R_SYSTEM);
	REFUSED(journal_append_destroyed(j, "01jz0000000000000000000003", &err), R_SYSTEM);
	assert_int_equal(size_of(fd), ends[4]);
	assert_false(journal_is_destroyed(j, "01jz0000000000000000000003"));
	journal_head(j, &sequence, last);
	assert_true(sequence == 9);
	journal_free(j);
	j = opened(fd);
	journal_free(j);
	close(fd);
}

static void
an_empty_file_is_a_new_journal(void **state)
{
	int fd = file();
	struct journal *j = opened(fd);
	unsigned char last[32];
	uint64_t sequence;

	journal_head(j, &sequence, last);
	assert_true(sequence == 0);
	assert_int_equal(journal_destroyed_count(j), 0);
	journal_free(j);
	close(fd);
	REFUSED(journal_open(&j, -1, key, &err), R_SYSTEM);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(P16_P29_what_was_written_is_there_at_the_next_start),
		cmocka_unit_test(P15_custodians_are_there_at_the_next_start),
		cmocka_unit_test(P29_heads_only_go_forward),
		cmocka_unit_test(P7_a_record_cut_short_at_the_end_is_dropped),
		cmocka_unit_test(P16_P29_any_other_change_stops_the_start),
		cmocka_unit_test(P16_a_record_taken_out_or_put_twice_is_found),
		cmocka_unit_test(another_key_finds_damage_and_changes_nothing),
		cmocka_unit_test(P7_a_failed_write_leaves_whole_records),
		cmocka_unit_test(an_empty_file_is_a_new_journal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
