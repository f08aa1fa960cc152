/*
 * test_channel.c - whole messages, short and long, and nothing else
 */
#include <sys/mman.h>
#include <sys/socket.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "wire/channel.h"

#define LONG  (5 * 1024 * 1024)
#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL)

struct pair {
	int a, b;
	struct incoming in;
};

static int
pair_open(void **state)
{
	struct pair *p = calloc(1, sizeof(*p));
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return -1;
	p->a = ends[0];
	p->b = ends[1];
	*state = p;
	return 0;
}

static int
pair_close(void **state)
{
	struct pair *p = *state;

	close(p->a);
	close(p->b);
	channel_free(&p->in);
	free(p);
	return 0;
}

static size_t
open_descriptors(void)
{
	DIR *dir = opendir("/proc/self/fd");
	size_t n = 0;

	while (readdir(dir) != NULL)
		n++;
	closedir(dir);
	return n;
}

static void
messages_of_every_length_arrive_whole(void **state)
{
	static const size_t lengths[] = { 1, 2, 5, 4096, CHANNEL_INLINE - 1, CHANNEL_INLINE,
		CHANNEL_INLINE + 1, LONG - 1, LONG, 3 };
	struct pair *p = *state;
	unsigned char *data = malloc(LONG);
	size_t before = open_descriptors();

	for (size_t i = 0; i < LONG; i++)
		data[i] = (unsigned char)(i * 7 + i / 251);
	for (size_t i = 0; i < nitems(lengths); i++) {
		data[0] = i % 2 == 0 ? 1 : 0xfe;
		assert_int_equal(channel_send(p->a, data, lengths[i]), 0);
		assert_int_equal(channel_recv(p->b, &p->in), 0);
		assert_int_equal(p->in.len, lengths[i]);
		assert_memory_equal(p->in.data, data, lengths[i]);
	}
	assert_int_equal(open_descriptors(), before);
	free(data);
}

/* A revocation list: it is neither copied nor kept. */
static void
two_parts_are_one_message_and_the_longest_is_mapped(void **state)
{
	struct pair *p = *state;
	size_t len = CHANNEL_MAX - 3;
	unsigned char *data = calloc(1, len);

	data[len - 1] = 7;
	assert_int_equal(channel_send_parts(p->a, "\1\2\3", 3, "\4\5", 2), 0);
	assert_int_equal(channel_recv(p->b, &p->in), 0);
	assert_int_equal(p->in.len, 5);
	assert_memory_equal(p->in.data, "\1\2\3\4\5", 5);
	assert_int_equal(channel_send_parts(p->a, "\1\2\3", 3, data, len), 0);
	assert_int_equal(channel_recv(p->b, &p->in), 0);
	assert_int_equal(p->in.len, CHANNEL_MAX);
	assert_memory_equal(p->in.data, "\1\2\3", 4);
	assert_int_equal(p->in.data[CHANNEL_MAX - 1], 7);
	assert_true(p->in.room.cap == CHANNEL_INLINE);
	assert_int_equal(channel_send_parts(p->a, "\1\2\3\4", 4, data, len), -1);
	assert_int_equal(errno, EMSGSIZE);
	channel_drop(&p->in);
	assert_null(p->in.map);
	free(data);
}

static void
nothing_and_too_much_are_not_sent(void **state)
{
	struct pair *p = *state;
	unsigned char *data = calloc(1, CHANNEL_MAX + 1);

	assert_int_equal(channel_send(p->a, data, 0), -1);
	assert_int_equal(errno, EMSGSIZE);
	assert_int_equal(channel_send(p->a, data, CHANNEL_MAX + 1), -1);
	assert_int_equal(errno, EMSGSIZE);
	free(data);
}

static void
the_end_of_the_other_side_is_told_apart(void **state)
{
	struct pair *p = *state;

	close(p->a);
	p->a = -1;
	assert_int_equal(channel_recv(p->b, &p->in), -1);
	assert_int_equal(errno, 0);
	assert_int_equal(channel_send(p->b, "x", 1), -1);
	assert_int_equal(errno, EPIPE);
}

/* A packet of these bytes with so many of these descriptors. */
static void
packet(int to, const void *data, size_t len, const int *fds, size_t n)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(8 * sizeof(int))];
	} control = { 0 };
	struct iovec iov = { (void *)(uintptr_t)data, len };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (n > 0) {
		m.msg_control = control.room;
		m.msg_controllen = CMSG_SPACE(n * sizeof(int));
		control.head.cmsg_level = SOL_SOCKET;
		control.head.cmsg_type = SCM_RIGHTS;
		control.head.cmsg_len = CMSG_LEN(n * sizeof(int));
		memcpy(CMSG_DATA(&control.head), fds, n * sizeof(int));
	}
	assert_int_equal(sendmsg(to, &m, 0), (ssize_t)len);
}

static int
memory(size_t len, int seals)
{
	int fd = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	assert_int_equal(ftruncate(fd, (off_t)len), 0);
	assert_int_equal(fcntl(fd, F_ADD_SEALS, seals), 0);
	return fd;
}

static void
not_a_message(struct pair *p, const void *data, size_t len, const int *fds, size_t n)
{
	size_t before = open_descriptors();

	packet(p->a, data, len, fds, n);
	assert_int_equal(channel_recv(p->b, &p->in), -1);
	assert_int_equal(errno, EPROTO);
	assert_int_equal(open_descriptors(), before);
}

static void
what_is_no_message_is_refused_and_leaves_no_descriptor(void **state)
{
	static const unsigned char head[] = { 0xff, 0, 2, 0, 1 }; /* 128 KiB and a byte */
	struct pair *p = *state;
	const size_t len = CHANNEL_INLINE + 1;
	int good = memory(len, SEALS), fds[4] = { good, good, good, good };

	packet(p->a, head, 5, fds, 1);
	assert_int_equal(channel_recv(p->b, &p->in), 0);
	assert_int_equal(p->in.len, len);
	not_a_message(p, head, 5, NULL, 0); /* the mark alone */
	not_a_message(p, head, 4, fds, 1);  /* cut */
	not_a_message(p, "\xff\0\2\0\1x", 6, fds, 1);
	not_a_message(p, "\1\2", 2, fds, 1); /* a descriptor that nobody asked for */
	not_a_message(p, head, 5, fds, 2);
	not_a_message(p, head, 5, fds, 4);
	not_a_message(p, "\xff\0\2\0\2", 5, fds, 1); /* another length than the file's */
	not_a_message(p, "\xff\0\2\0\0", 5, fds, 1); /* would fit into the packet */
	not_a_message(p, "\xff\xff\xff\xff\xff", 5, fds, 1);
	close(good);
	for (size_t i = 0; i < 4; i++) {
		static const int parts[] = { F_SEAL_SHRINK, F_SEAL_GROW, F_SEAL_WRITE,
			F_SEAL_SEAL };
		int fd = memory(len, SEALS & ~parts[i]);

		not_a_message(p, head, 5, &fd, 1);
		close(fd);
	}
	not_a_message(p, head, 5, &p->a, 1); /* no file at all */
}

static void
a_packet_that_is_too_long_is_refused(void **state)
{
	struct pair *p = *state;
	unsigned char *data = calloc(1, CHANNEL_INLINE + 1);

	packet(p->a, data, CHANNEL_INLINE + 1, NULL, 0);
	assert_int_equal(channel_recv(p->b, &p->in), -1);
	assert_int_equal(errno, EPROTO);
	free(data);
}

static void
one_descriptor_comes_with_one_byte(void **state)
{
	struct pair *p = *state;
	int got, fds[2] = { p->a, p->a };
	size_t before = open_descriptors();

	packet(p->a, "", 1, fds, 1);
	assert_int_equal(channel_recv_fd(p->b, &got), 0);
	assert_true(got > 2);
	assert_int_equal(fcntl(got, F_GETFD), FD_CLOEXEC);
	close(got);
	assert_int_equal(channel_send_fd(p->a, p->a), 0);
	assert_int_equal(channel_recv_fd(p->b, &got), 0);
	close(got);
	packet(p->a, "", 1, NULL, 0);
	assert_int_equal(channel_recv_fd(p->b, &got), -1);
	packet(p->a, "", 1, fds, 2);
	assert_int_equal(channel_recv_fd(p->b, &got), -1);
	packet(p->a, "xy", 2, fds, 1);
	assert_int_equal(channel_recv_fd(p->b, &got), -1);
	packet(p->a, "", 0, fds, 1);
	assert_int_equal(channel_recv_fd(p->b, &got), -1);
	assert_int_equal(open_descriptors(), before);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, pair_open, pair_close)
	const struct CMUnitTest tests[] = {
		TEST(messages_of_every_length_arrive_whole),
		TEST(two_parts_are_one_message_and_the_longest_is_mapped),
		TEST(nothing_and_too_much_are_not_sent),
		TEST(the_end_of_the_other_side_is_told_apart),
		TEST(what_is_no_message_is_refused_and_leaves_no_descriptor),
		TEST(a_packet_that_is_too_long_is_refused),
		TEST(one_descriptor_comes_with_one_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
