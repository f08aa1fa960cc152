/*
 * ask.c - a real certwright-reader, and questions to it
 */
#include <sys/socket.h>
#include <sys/wait.h>

#include <openssl/x509.h>

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "ask.h"
#include "base/io.h"

struct spawned the_spawner;
struct readers *readers;
static bool seen[REFUSAL_COUNT];

void
saw_refusal(enum refusal r)
{
	seen[r] = true;
}

bool
refusal_seen(enum refusal r)
{
	return seen[r];
}

void
spawn(struct spawned *s, const char *option)
{
	int front[2], keeper[2];
	char front_fd[12], keeper_fd[12];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, front) < 0 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, keeper) < 0)
		abort();
	if ((s->pid = fork()) == 0) {
		fcntl(front[1], F_SETFD, 0);
		fcntl(keeper[1], F_SETFD, 0);
		snprintf(front_fd, sizeof(front_fd), "%d", front[1]);
		snprintf(keeper_fd, sizeof(keeper_fd), "%d", keeper[1]);
		execl(READER_EXE, READER_EXE, "--spawner", "--front", front_fd, "--keeper",
		    keeper_fd, option, (char *)NULL);
		_exit(127);
	}
	close(front[1]);
	close(keeper[1]);
	s->front = front[0];
	s->keeper = keeper[0];
}

int
spawned_end(struct spawned *s)
{
	int status = -1;

	close(s->front);
	close(s->keeper);
	waitpid(s->pid, &status, 0);
	return status;
}

int
reader_for(int control, char kind)
{
	union {
		struct cmsghdr align;
		char space[CMSG_SPACE(sizeof(int))];
	} u;
	char byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr m = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = u.space,
		.msg_controllen = sizeof(u.space) };
	int fd = -1;

	if (send(control, &kind, 1, MSG_NOSIGNAL) != 1 ||
	    recvmsg(control, &m, MSG_CMSG_CLOEXEC) != 1 || CMSG_FIRSTHDR(&m) == NULL)
		return -1;
	memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&m)), sizeof(fd));
	return fd;
}

struct buf
ask_raw(char kind, const void *p, size_t n)
{
	AUTO_CLOSE int fd = reader_for(kind == 'K' ? the_spawner.keeper : the_spawner.front, kind);
	struct buf out = { 0 };
	unsigned char piece[4096];
	const unsigned char *at = p;
	ssize_t got;

	while (n > 0 && (got = send(fd, at, n, MSG_NOSIGNAL)) > 0) {
		at += got;
		n -= (size_t)got;
	}
	shutdown(fd, SHUT_WR);
	while ((got = read(fd, piece, sizeof(piece))) > 0)
		buf_put(&out, piece, (size_t)got);
	return out;
}

static void
read_key_answer(struct view *v, struct key_answer *a)
{
	char id[64], field[48], message[512], hint[320];
	PKCS8_PRIV_KEY_INFO *p8;
	const unsigned char *der;
	uint32_t len;
	uint8_t status;
	size_t n;

	if (view_u32(v, &len) < 0 || len != v->len || view_u8(v, &status) < 0)
		return;
	a->answered = true;
	if (status == 1) {
		view_cstring(v, id, sizeof(id));
		view_cstring(v, field, sizeof(field));
		view_cstring(v, message, sizeof(message));
		view_cstring(v, hint, sizeof(hint));
		a->answered = view_end(v) == 0 && hint[0] != '\0';
		err_set(&a->err, refusal_by_id(id), field, "%s", message);
		saw_refusal(a->err.refusal);
		return;
	}
	view_string(v, &der, &n, 65536);
	view_cstring(v, a->found, sizeof(a->found));
	if (view_end(v) < 0)
		return;
	p8 = d2i_PKCS8_PRIV_KEY_INFO(NULL, &der, (long)n);
	a->key = p8 == NULL ? NULL : EVP_PKCS82PKEY(p8);
	PKCS8_PRIV_KEY_INFO_free(p8);
}

void
ask_key(const struct buf *file, const char *passphrase, struct key_answer *a)
{
	AUTO_BUF struct buf request = { 0 };
	AUTO_BUF struct buf frame = { 0 };
	AUTO_BUF struct buf answer = { 0 };
	struct view v;

	memset(a, 0, sizeof(*a));
	buf_put_u8(&request, 'K');
	buf_put_u8(&request, passphrase != NULL);
	if (passphrase != NULL)
		buf_put_cstring(&request, passphrase);
	buf_put_u32(&request, 1);
	buf_put_cstring(&request, "key.file");
	buf_put_string(&request, file->data, file->len);
	buf_put_string(&frame, request.data, request.len);
	answer = ask_raw('K', frame.data, frame.len);
	v = view_of(answer.data, answer.len);
	read_key_answer(&v, a);
}

void
key_answer_clear(struct key_answer *a)
{
	EVP_PKEY_free(a->key);
	memset(a, 0, sizeof(*a));
}
