/*
 * child.c - a reader's life: one request, one answer, the end
 */
#include <openssl/crypto.h>

#include <unistd.h>

#include "base/io.h"
#include "reader/reader.h"
#include "reader/sandbox.h"

#define EXIT_SANDBOX 3
#define EXIT_REQUEST 4

static int
receive(int fd, struct buf *request)
{
	unsigned char head[4], piece[16 * 1024];
	struct view v = view_of(head, sizeof(head));
	uint32_t len, n;

	if (read_full(fd, head, sizeof(head)) < 0 || view_u32(&v, &len) < 0 || len == 0 ||
	    len > READER_REQUEST_MAX)
		return -1;
	for (; len > 0; len -= n) {
		n = len < sizeof(piece) ? len : (uint32_t)sizeof(piece);
		if (read_full(fd, piece, n) < 0)
			return -1;
		buf_put(request, piece, n);
	}
	explicit_bzero(piece, sizeof(piece));
	return 0;
}

static void
answer(int fd, struct buf *payload)
{
	AUTO_BUF struct buf frame = { 0 };

	buf_put_string(&frame, payload->data, payload->len);
	write_full(fd, frame.data, frame.len);
}

void
reader_run(int fd, char kind, bool sandbox)
{
	struct buf request = { 0 }, payload = { 0 };
	struct err e = { 0 };

	if (sandbox && sandbox_reader(&e) < 0)
		_exit(EXIT_SANDBOX); /* P41: then nothing is parsed */
	if (receive(fd, &request) < 0)
		_exit(EXIT_REQUEST);
	reader_answer(kind, request.data, request.len, &payload);
	buf_free(&request);
	if (payload.len > 0)
		answer(fd, &payload);
	buf_free(&payload);
	_exit(payload.len > 0 ? 0 : EXIT_REQUEST);
}
