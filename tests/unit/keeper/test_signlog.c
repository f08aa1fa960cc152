/*
 * test_signlog.c - the sign journal: what was written, torn, changed, put back
 *
 * signlog_read.c
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

#include "keeper/signlog.h"
#include "wire/purpose.h"

static const unsigned char key[32] = { 1, 2, 3 }, journal_key[32] = { 4 };
static const char id[] = "01jz0000000000000000000001";
static struct err err;
static uint64_t written;

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

#define RECORDS 5

struct house {
	int fd, journal_fd;
	struct signlog *log;
	struct journal *journal;
	uint64_t ends[RECORDS]; /* of three certificates, a CRL, and one more */
};

static off_t
size_of(int fd)
{
	struct stat st;

	fstat(fd, &st);
	return st.st_size;
}

static int
copy_of(int from, off_t size)
{
	int fd = memfd_create("copy", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	unsigned char *data = malloc((size_t)size + 1);

	assert_int_equal(pread(from, data, (size_t)size, 0), size);
	assert_int_equal(write(fd, data, (size_t)size), size);
	free(data);
	return fd;
}

static void
house_start(struct house *h)
{
	OK(journal_open(&h->journal, h->journal_fd, journal_key, &err));
	OK(signlog_open(&h->log, h->fd, key, h->journal, &err));
}

static void
house_stop(struct house *h)
{
	signlog_free(h->log);
	journal_free(h->journal);
	h->log = NULL;
	h->journal = NULL;
}

/* The n-th certificate: 700 bytes of its number. */
static struct bytes
certificate(int n)
{
	static unsigned char data[700];

	memset(data, n, sizeof(data));
	return (struct bytes){ data, sizeof(data) };
}

static int
filled(void **state)
{
	struct house *h = calloc(1, sizeof(*h));
	struct bytes tbs;

	h->fd = memfd_create("sign-journal", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	h->journal_fd = memfd_create("journal", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	house_start(h);
	for (int i = 0; i < RECORDS; i++) {
		tbs = certificate(i + 1);
		if (i == 3)
			OK(signlog_list(h->log, id, PURPOSE_CRL, 7, &tbs, &err));
		else
			OK(signlog_certificate(h->log, id, &tbs, &written, &err));
		h->ends[i] = (uint64_t)size_of(h->fd);
	}
	*state = h;
	return 0;
}

static int
emptied(void **state)
{
	struct house *h = *state;

	house_stop(h);
	close(h->fd);
	close(h->journal_fd);
	free(h);
	return 0;
}

/* Which certificate is behind `after`; 0 for none. */
static int
next(struct house *h, uint64_t after, uint64_t *position)
{
	AUTO_BUF struct buf tbs = { 0 };
	struct bytes one;
	char key_id[ID_SIZE];

	OK(signlog_next(h->log, after, position, key_id, &tbs, &err));
	if (tbs.len == 0) {
		assert_string_equal(key_id, "");
		return 0;
	}
	assert_string_equal(key_id, id);
	one = certificate(tbs.data[0]);
	assert_int_equal(tbs.len, one.len);
	assert_memory_equal(tbs.data, one.data, one.len);
	return tbs.data[0];
}

static void
P4_certificates_are_read_one_after_another(void **state)
{
	struct house *h = *state;
	uint64_t at = 0;

	for (int round = 0; round < 2; round++) {
		at = 0;
		for (int i = 0; i < RECORDS; i++)
			if (i != 3) {
				assert_int_equal(next(h, at, &at), i + 1);
				assert_int_equal(at, h->ends[i]);
			}
		assert_int_equal(next(h, at, &at), 0);
		assert_int_equal(at, h->ends[RECORDS - 1]);
		assert_int_equal(signlog_unreconciled(h->log), 4);
		assert_int_equal(next(h, UINT64_MAX, &at), 0); /* where the end is */
		assert_int_equal(at, h->ends[RECORDS - 1]);
		house_stop(h);
		house_start(h);
	}
}

static void
P4_nothing_is_read_before_the_checkpoint(void **state)
{
	struct house *h = *state;
	unsigned char byte = 0xee;
	struct bytes tbs = certificate(6);
	uint64_t at;

	OK(signlog_checkpoint(h->log, h->ends[1], &err));
	OK(signlog_checkpoint(h->log, h->ends[1], &err)); /* once more is fine */
	assert_int_equal(signlog_unreconciled(h->log), 2);
	assert_int_equal(next(h, 0, &at), 3);
	assert_int_equal(pwrite(h->fd, &byte, 1, 100), 1); /* who would read that? */
	house_stop(h);
	house_start(h);
	assert_int_equal(signlog_unreconciled(h->log), 2);
	assert_int_equal(next(h, 0, &at), 3);
	OK(signlog_certificate(h->log, id, &tbs, &written, &err));
	assert_int_equal(signlog_unreconciled(h->log), 3);
	OK(signlog_checkpoint(h->log, (uint64_t)size_of(h->fd), &err));
	house_stop(h);
	house_start(h);
	assert_int_equal(signlog_unreconciled(h->log), 0);
	assert_int_equal(next(h, 0, &at), 0);
	assert_int_equal(at, size_of(h->fd));
}

static void
P9_all_is_read_again_from_the_first_record_on(void **state)
{
	struct house *h = *state;
	AUTO_BUF struct buf tbs = { 0 };
	uint64_t at = SIGNLOG_FIRST, from_checkpoint;
	char key_id[ID_SIZE];
	int n = 0;

	OK(signlog_checkpoint(h->log, h->ends[1], &err));
	for (;;) {
		OK(signlog_next(h->log, at, &at, key_id, &tbs, &err));
		if (tbs.len == 0)
			break;
		n++;
	}
	assert_int_equal(n, 4);
	assert_int_equal(at, h->ends[4]);
	OK(signlog_next(h->log, h->ends[0], &at, key_id, &tbs, &err));
	assert_int_equal(at, h->ends[1]);
	OK(signlog_next(h->log, 0, &from_checkpoint, key_id, &tbs, &err));
	assert_true(from_checkpoint > h->ends[1]);
}

static void
P4_a_position_is_the_end_of_a_record_behind_the_checkpoint(void **state)
{
	struct house *h = *state;
	AUTO_BUF struct buf tbs = { 0 };
	uint64_t wrong[] = { 1, h->ends[1] - 1, h->ends[1] + 1, h->ends[4] + 1, UINT64_MAX - 2 };
	char key_id[ID_SIZE];
	uint64_t at;

	OK(signlog_checkpoint(h->log, h->ends[1], &err));
	for (size_t i = 0; i < nitems(wrong); i++) {
		REFUSED(signlog_checkpoint(h->log, wrong[i], &err), R_SIGN_JOURNAL_POSITION);
		REFUSED(signlog_next(h->log, wrong[i], &at, key_id, &tbs, &err),
		    R_SIGN_JOURNAL_POSITION);
		assert_int_equal(tbs.len, 0);
	}
	REFUSED(signlog_checkpoint(h->log, 0, &err), R_SIGN_JOURNAL_POSITION);
	REFUSED(signlog_checkpoint(h->log, h->ends[0], &err), R_SIGN_JOURNAL_POSITION);
	REFUSED(signlog_checkpoint(h->log, SIGNLOG_FIRST, &err), R_SIGN_JOURNAL_POSITION);
	assert_int_equal(signlog_unreconciled(h->log), 2);
}

/* Starts with this sign journal; how many certificates are left, -1: it does not. */
static int
left(struct house *h, int fd)
{
	struct signlog *log = NULL;
	int n;

	err_clear(&err);
	if (signlog_open(&log, fd, key, h->journal, &err) < 0)
		return -1;
	n = (int)signlog_unreconciled(log);
	signlog_free(log);
	return n;
}

static void
P7_a_torn_tail_is_dropped(void **state)
{
	struct house *h = *state;
	int fd;

	for (uint64_t end = h->ends[2] + 1; end < h->ends[4]; end++) {
		off_t whole = (off_t)(end < h->ends[3] ? h->ends[2] : h->ends[3]);

		fd = copy_of(h->fd, (off_t)end);
		assert_int_equal(left(h, fd), 3);
		assert_int_equal(size_of(fd), whole);
		close(fd);
		for (off_t zeros = 1; end % 512 == 0 && zeros <= 2048; zeros++) {
			fd = copy_of(h->fd, (off_t)end);
			assert_int_equal(ftruncate(fd, (off_t)end + zeros), 0);
			assert_int_equal(left(h, fd), 3);
			assert_int_equal(size_of(fd), whole);
			close(fd);
		}
	}
	/* nothing but zeros */
	fd = copy_of(h->fd, (off_t)h->ends[4]);
	assert_int_equal(ftruncate(fd, (off_t)h->ends[4] + 9000), 0);
	assert_int_equal(left(h, fd), 4);
	assert_int_equal(size_of(fd), h->ends[4]);
	close(fd);
}

static void
P7_a_sector_that_was_not_written_drops_what_follows(void **state)
{
	static const unsigned char zero[512];
	struct house *h = *state;
	int fd = copy_of(h->fd, (off_t)h->ends[4]);

	/* the second certificate is in bytes 737 to 1474 */
	assert_true(h->ends[0] < 1024 && h->ends[1] > 1024);
	assert_int_equal(pwrite(fd, zero, 512, 512), 512);
	assert_int_equal(left(h, fd), 0);
	assert_int_equal(size_of(fd), 0);
	close(fd);
}

static void
P2_any_other_change_stops_the_start(void **state)
{
	struct house *h = *state;

	for (uint64_t i = 0; i < h->ends[4]; i += i % 737 < 40 || i % 737 > 700 ? 1 : 61) {
		int fd = copy_of(h->fd, (off_t)h->ends[4]);
		unsigned char byte;

		assert_int_equal(pread(fd, &byte, 1, (off_t)i), 1);
		byte ^= 0x10;
		assert_int_equal(pwrite(fd, &byte, 1, (off_t)i), 1);
		if (left(h, fd) >= 0)
			fail_msg("byte %d can be changed", (int)i);
		assert_int_equal(err.refusal, R_SIGN_JOURNAL_DAMAGED);
		assert_int_equal(size_of(fd), h->ends[4]);
		close(fd);
	}
}

static void
P2_a_record_taken_out_or_put_twice_is_found(void **state)
{
	static unsigned char data[8192];
	struct house *h = *state;
	off_t size = (off_t)h->ends[4];
	int out = memfd_create("out", MFD_CLOEXEC), twice = copy_of(h->fd, size);

	assert_int_equal(pread(h->fd, data, sizeof(data), 0), size);
	assert_true(write(out, data, h->ends[1]) > 0);
	assert_true(write(out, data + h->ends[2], h->ends[4] - h->ends[2]) > 0);
	assert_int_equal(left(h, out), -1);
	assert_int_equal(err.refusal, R_SIGN_JOURNAL_DAMAGED);
	assert_true(write(twice, data + h->ends[3], h->ends[4] - h->ends[3]) > 0);
	assert_int_equal(left(h, twice), -1);
	assert_int_equal(err.refusal, R_SIGN_JOURNAL_DAMAGED);
	close(out);
	close(twice);
}

static void
P9_an_older_sign_journal_stops_the_start(void **state)
{
	struct house *h = *state;
	int older = copy_of(h->fd, (off_t)h->ends[1]), empty = copy_of(h->fd, 0);
	int torn = copy_of(h->fd, (off_t)h->ends[2] - 1), same = copy_of(h->fd, (off_t)h->ends[2]);
	int other = copy_of(h->fd, (off_t)h->ends[4]);
	unsigned char byte = 0xee;

	OK(signlog_checkpoint(h->log, h->ends[2], &err));
	assert_int_equal(pwrite(other, &byte, 1, (off_t)h->ends[2] - 1), 1);
	assert_int_equal(left(h, older), -1);
	assert_int_equal(err.refusal, R_SIGN_JOURNAL_OLDER);
	assert_int_equal(err_exit_code(err.kind), 11);
	assert_int_equal(size_of(older), h->ends[1]);
	assert_int_equal(left(h, empty), -1);
	assert_int_equal(err.refusal, R_SIGN_JOURNAL_OLDER);
	assert_int_equal(left(h, torn), -1);
	assert_int_equal(err.refusal, R_SIGN_JOURNAL_OLDER);
	assert_int_equal(left(h, other), -1);
	assert_int_equal(err.refusal, R_SIGN_JOURNAL_OLDER);
	assert_int_equal(left(h, same), 0);
	close(older);
	close(empty);
	close(torn);
	close(same);
	close(other);
}

static void
P7_a_failed_write_leaves_whole_records(void **state)
{
	struct house *h = *state;
	struct bytes tbs = certificate(9);

	assert_int_equal(fcntl(h->fd, F_ADD_SEALS, F_SEAL_GROW), 0);
	REFUSED(signlog_certificate(h->log, id, &tbs, &written, &err), R_SYSTEM);
	REFUSED(signlog_list(h->log, id, PURPOSE_OCSP, 1, &tbs, &err), R_SYSTEM);
	assert_int_equal(size_of(h->fd), h->ends[4]);
	assert_int_equal(signlog_unreconciled(h->log), 4);
	assert_int_equal(fcntl(h->journal_fd, F_ADD_SEALS, F_SEAL_GROW), 0);
	REFUSED(signlog_checkpoint(h->log, h->ends[4], &err), R_SYSTEM);
	assert_int_equal(signlog_unreconciled(h->log), 4);
	REFUSED(signlog_open(&(struct signlog *){ NULL }, -1, key, h->journal, &err), R_SYSTEM);
}

#define EACH(test) cmocka_unit_test_setup_teardown(test, filled, emptied)
int
main(void)
{
	const struct CMUnitTest tests[] = {
		EACH(P4_certificates_are_read_one_after_another),
		EACH(P4_nothing_is_read_before_the_checkpoint),
		EACH(P9_all_is_read_again_from_the_first_record_on),
		EACH(P4_a_position_is_the_end_of_a_record_behind_the_checkpoint),
		EACH(P7_a_torn_tail_is_dropped),
		EACH(P7_a_sector_that_was_not_written_drops_what_follows),
		EACH(P2_any_other_change_stops_the_start),
		EACH(P2_a_record_taken_out_or_put_twice_is_found),
		EACH(P9_an_older_sign_journal_stops_the_start),
		EACH(P7_a_failed_write_leaves_whole_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
