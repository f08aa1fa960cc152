/*
 * haproxy.c - a certificate into a running HAProxy, by its runtime API
 *
 * A connection a command: it answers and closes.
 */
#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/io.h"
#include "base/text.h"
#include "deliver/haproxy.h"

#define ANSWER_MAX 4096

static int
fault(struct err *e, const char *what)
{
	return err_set(e, R_DELIVER_HAPROXY, NULL, "HAProxy: %s: %s", what, strerror(errno));
}

static int
reach(const struct target *t, struct err *e)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	struct timeval patience = { .tv_sec = t->timeout_s };
	int fd;

	if ((size_t)snprintf(to.sun_path, sizeof(to.sun_path), "%s", t->socket) >=
	    sizeof(to.sun_path)) {
		errno = ENAMETOOLONG;
		return fault(e, t->socket);
	}
	if ((fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) < 0)
		return fault(e, "socket");
	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)) < 0 ||
	    connect(fd, (struct sockaddr *)&to, sizeof(to)) < 0) {
		fault(e, t->socket);
		close(fd);
		return -1;
	}
	return fd;
}

/* One command; the answer, at most ANSWER_MAX bytes of it. */
static int
command(const struct target *t, const struct buf *text, struct buf *answer, struct err *e)
{
	AUTO_CLOSE int fd = reach(t, e);
	int64_t end = clock_monotonic_ms() + t->timeout_s * 1000LL;
	char room[512];
	ssize_t n;

	buf_reset(answer);
	if (fd < 0)
		return -1;
	if (write_full(fd, text->data, text->len) < 0)
		return fault(e, "write");
	while ((n = read(fd, room, sizeof(room))) > 0) {
		if (answer->len < ANSWER_MAX)
			buf_put(answer, room, (size_t)n);
		if (clock_monotonic_ms() > end) {
			errno = ETIMEDOUT;
			return fault(e, "answer");
		}
	}
	return n < 0 ? fault(e, "answer") : 0;
}

/* What it answered, in a line. */
static int
refused(struct err *e, struct buf *answer)
{
	char line[200];
	const char *text = buf_text(answer);

	text += strspn(text, " \r\n");
	snprintf(line, sizeof(line), "%.*s", (int)strcspn(text, "\r\n"), text);
	utf8_mend(line);
	err_set(e, R_DELIVER_HAPROXY, NULL, "HAProxy: %s", line[0] == '\0' ? "no answer" : line);
	return err_hint(
	    e, "the socket needs \"level admin\", and the name is one of \"show ssl cert\"");
}

static int
expect(const struct target *t, const struct buf *text, const char *word, struct err *e)
{
	AUTO_BUF struct buf answer = { 0 };

	if (command(t, text, &answer, e) < 0)
		return -1;
	return strstr(buf_text(&answer), word) == NULL ? refused(e, &answer) : 0;
}

int
haproxy_put(const struct target *t, struct buf *pem, struct err *e)
{
	AUTO_BUF struct buf set = { 0 }, commit = { 0 }, abort_it = { 0 };
	struct err ignored = { 0 };

	buf_printf(&set, "set ssl cert %s <<\n", t->certificate);
	buf_put(&set, pem->data, pem->len);
	buf_put_text(&set, "\n");
	buf_printf(&commit, "commit ssl cert %s\n", t->certificate);
	buf_printf(&abort_it, "abort ssl cert %s\n", t->certificate);
	if (expect(t, &set, "ransaction ", e) == 0 && expect(t, &commit, "Success!", e) == 0)
		return 0;
	expect(t, &abort_it, "", &ignored); /* it may not have begun */
	return -1;
}
