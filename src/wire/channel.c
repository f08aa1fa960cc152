/*
 * channel.c - whole messages over a SOCK_SEQPACKET pair
 */
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/io.h"
#include "wire/channel.h"

#define MARK  0xff
#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL)

union control {
	struct cmsghdr head;
	char room[CMSG_SPACE(sizeof(int))];
};

static int
send_packet(int fd, struct iovec *parts, size_t n, int pass)
{
	struct msghdr m = { .msg_iov = parts, .msg_iovlen = n };
	union control control = { 0 };
	size_t len = 0;
	ssize_t sent;

	for (size_t i = 0; i < n; i++)
		len += parts[i].iov_len;
	if (pass >= 0) {
		m.msg_control = control.room;
		m.msg_controllen = sizeof(control.room);
		control.head.cmsg_level = SOL_SOCKET;
		control.head.cmsg_type = SCM_RIGHTS;
		control.head.cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(&control.head), &pass, sizeof(int));
	}
	do {
		sent = sendmsg(fd, &m, MSG_NOSIGNAL);
	} while (sent < 0 && errno == EINTR);
	return sent == (ssize_t)len ? 0 : -1;
}

/* The one descriptor that came, -1 for none; several are closed: -2. */
static int
take_descriptor(struct msghdr *m)
{
	int fd = -1, all[8];
	size_t n = 0;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(m); c != NULL; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		n = n < nitems(all) ? n : nitems(all);
		memcpy(all, CMSG_DATA(c), n * sizeof(int));
		fd = n > 0 ? all[0] : -1;
	}
	if (n <= 1 && (m->msg_flags & (MSG_TRUNC | MSG_CTRUNC)) == 0)
		return fd;
	for (size_t i = 0; i < n; i++)
		close(all[i]);
	return -2;
}

/* A packet of at most `max` bytes and at most one descriptor (-1: none). */
static ssize_t
recv_packet(int fd, void *data, size_t max, int *pass)
{
	struct iovec iov = { .iov_base = data, .iov_len = max };
	union control control = { 0 };
	struct msghdr m = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.room,
		.msg_controllen = sizeof(control.room) };
	ssize_t n;

	*pass = -1;
	do {
		n = recvmsg(fd, &m, MSG_CMSG_CLOEXEC);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return -1;
	if ((*pass = take_descriptor(&m)) == -2) {
		*pass = -1;
		errno = EPROTO;
		return -1;
	}
	return n;
}

static int
send_large(int fd, const struct iovec parts[2], size_t len)
{
	AUTO_CLOSE int mem = memfd_create("message", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	unsigned char head[5] = { MARK, (unsigned char)(len >> 24), (unsigned char)(len >> 16),
		(unsigned char)(len >> 8), (unsigned char)len };
	struct iovec packet = { .iov_base = head, .iov_len = sizeof(head) };

	if (mem < 0 || write_full(mem, parts[0].iov_base, parts[0].iov_len) < 0 ||
	    write_full(mem, parts[1].iov_base, parts[1].iov_len) < 0 ||
	    fcntl(mem, F_ADD_SEALS, SEALS) < 0)
		return -1;
	return send_packet(fd, &packet, 1, mem);
}

int
channel_send_parts(int fd, const void *one, size_t n, const void *two, size_t m)
{
	struct iovec parts[2] = { { .iov_base = (void *)(uintptr_t)one, .iov_len = n },
		{ .iov_base = (void *)(uintptr_t)two, .iov_len = m } };

	if (n == 0 || n > CHANNEL_MAX || m > CHANNEL_MAX - n) {
		errno = EMSGSIZE;
		return -1;
	}
	return n + m <= CHANNEL_INLINE ? send_packet(fd, parts, 2, -1)
				       : send_large(fd, parts, n + m);
}

int
channel_send(int fd, const void *data, size_t len)
{
	return channel_send_parts(fd, data, len, NULL, 0);
}

/* The sealed file behind a long message: neither its size nor its bytes change. */
static int
map_large(struct incoming *in, int mem)
{
	struct view v = view_of(in->data + 1, in->len - 1);
	uint32_t len;
	struct stat st;
	void *map;

	in->len = 0;
	if (view_u32(&v, &len) < 0 || view_end(&v) < 0 || len <= CHANNEL_INLINE ||
	    len > CHANNEL_MAX || fcntl(mem, F_GET_SEALS) != SEALS || fstat(mem, &st) < 0 ||
	    st.st_size != (off_t)len) {
		errno = EPROTO;
		return -1;
	}
	if ((map = mmap(NULL, len, PROT_READ, MAP_SHARED, mem, 0)) == MAP_FAILED)
		return -1;
	in->map = map;
	in->data = map;
	in->len = len;
	return 0;
}

void
channel_drop(struct incoming *in)
{
	if (in->map != NULL)
		munmap(in->map, in->len);
	in->map = NULL;
	in->data = NULL;
	in->len = 0;
	buf_reset(&in->room);
}

void
channel_free(struct incoming *in)
{
	channel_drop(in);
	buf_free(&in->room);
}

int
channel_recv(int fd, struct incoming *in)
{
	AUTO_CLOSE int mem = -1;
	ssize_t n;

	channel_drop(in);
	if (in->room.cap < CHANNEL_INLINE) {
		/* room once; the pages are touched only when a message needs them */
		if ((in->room.data = malloc(CHANNEL_INLINE)) == NULL)
			return -1;
		in->room.cap = CHANNEL_INLINE;
	}
	if ((n = recv_packet(fd, in->room.data, in->room.cap, &mem)) < 0)
		return -1;
	if (n == 0) {
		errno = 0;
		return -1;
	}
	in->room.len = (size_t)n;
	in->data = in->room.data;
	in->len = in->room.len;
	if (in->data[0] == MARK && mem >= 0)
		return map_large(in, mem);
	if (in->data[0] == MARK || mem >= 0) {
		errno = EPROTO;
		return -1;
	}
	return 0;
}

int
channel_send_fd(int fd, int pass)
{
	unsigned char byte = 0;
	struct iovec packet = { .iov_base = &byte, .iov_len = 1 };

	return send_packet(fd, &packet, 1, pass);
}

int
channel_recv_fd(int fd, int *got)
{
	unsigned char byte;

	if (recv_packet(fd, &byte, 1, got) == 1 && *got >= 0)
		return 0;
	if (*got >= 0)
		close(*got);
	*got = -1;
	errno = EPROTO;
	return -1;
}
