/*
 * readers.c - hostile files, parsed elsewhere: the front's side
 *
 * One byte over the control socket gets a descriptor back, behind which a
 * fresh reader waits for one request. Frames as in reader/reader.c. Every
 * step shares one deadline; the lock is held only until the descriptor came.
 */
#include <sys/socket.h>

#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/limits.h"
#include "keys/readers.h"
#include "wire/door.h"

#define PATIENCE_MS    10000
#define NAME_MAX_BYTES 255
#define ANSWER_MAX     (2 * LIMIT_BODY)

struct readers {
	struct door *door;
	int64_t patience_ms;
};

/* Tests do not wait for ten seconds. */
static int64_t
patience_ms(void)
{
#ifdef CERTWRIGHT_TEST
	const char *text = getenv("CERTWRIGHT_TEST_READER_PATIENCE_MS");

	if (text != NULL)
		return strtol(text, NULL, 10);
#endif
	return PATIENCE_MS;
}

struct readers *
readers_attach(int fd)
{
	struct readers *r = calloc(1, sizeof(*r));

	if (r == NULL)
		abort();
	r->door = door_new(fd);
	r->patience_ms = patience_ms();
	return r;
}

void
readers_detach(struct readers *r)
{
	if (r == NULL)
		return;
	door_free(r->door);
	free(r);
}

static int
gone(struct err *e)
{
	err_set(e, R_READER_GONE, NULL,
	    "files cannot be read at the moment: "
	    "the process that starts readers is gone");
	return err_hint(e, "the service restarts by itself; try again in a moment");
}

static int
late(struct err *e)
{
	err_set(e, R_READER_TIMEOUT, "files", "reading the file took more than %d s",
	    PATIENCE_MS / 1000);
	return err_hint(e, "try again; if it happens again, give the certificates as PEM");
}

static int
stopped(struct err *e)
{
	err_set(e, R_READER_FAILED, "files", "the file could not be read: its reader stopped");
	return err_hint(e, "the file may be damaged; give the certificates as PEM");
}

static int
reader_open(struct readers *r, int64_t deadline, struct err *e)
{
	int fd = door_ask(r->door, 'B', deadline);

	return fd >= 0 ? fd : fd == DOOR_LATE ? late(e) : gone(e);
}

static int
send_all(int fd, const unsigned char *p, size_t n, int64_t deadline, struct err *e)
{
	ssize_t put;
	int ready;

	while (n > 0) {
		if ((ready = door_wait(fd, POLLOUT, deadline)) == 0)
			return late(e);
		put = ready < 0 ? -1 : send(fd, p, n, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (put < 0 && ready > 0 && errno == EAGAIN)
			continue;
		if (put <= 0)
			return stopped(e);
		p += put;
		n -= (size_t)put;
	}
	return 0;
}

static int
receive_all(int fd, unsigned char *p, size_t n, int64_t deadline, struct err *e)
{
	ssize_t got;
	int ready;

	while (n > 0) {
		if ((ready = door_wait(fd, POLLIN, deadline)) == 0)
			return late(e);
		got = ready < 0 ? -1 : recv(fd, p, n, MSG_DONTWAIT);
		if (got < 0 && ready > 0 && errno == EAGAIN)
			continue;
		if (got <= 0)
			return stopped(e);
		p += got;
		n -= (size_t)got;
	}
	return 0;
}

/* The answer's payload, in the arena. */
static int
receive_answer(int fd, struct arena *a, int64_t deadline, struct view *out, struct err *e)
{
	unsigned char head[4], *payload;
	struct view v = view_of(head, sizeof(head));
	uint32_t len;

	if (receive_all(fd, head, sizeof(head), deadline, e) < 0)
		return -1;
	if (view_u32(&v, &len) < 0 || len == 0 || len > ANSWER_MAX)
		return stopped(e);
	payload = arena_alloc(a, len);
	if (receive_all(fd, payload, len, deadline, e) < 0)
		return -1;
	*out = view_of(payload, len);
	return 0;
}

static void
put_request(struct buf *frame, const struct reader_file *files, size_t n, const char *passphrase)
{
	AUTO_BUF struct buf b = { 0 };

	buf_put_u8(&b, 'B');
	buf_put_u8(&b, passphrase != NULL);
	if (passphrase != NULL)
		buf_put_cstring(&b, passphrase);
	buf_put_u32(&b, (uint32_t)n);
	for (size_t i = 0; i < n; i++) {
		const char *name = files[i].name == NULL ? "" : files[i].name;
		size_t len = strlen(name);

		if (len > NAME_MAX_BYTES) {
			name += len - NAME_MAX_BYTES; /* the end tells more */
			len = NAME_MAX_BYTES;
		}
		buf_put_string(&b, name, len);
		buf_put_string(&b, files[i].data, files[i].len);
	}
	buf_put_string(frame, b.data, b.len);
}

static int
carry_refusal(struct view *v, struct err *e)
{
	char id[64], field[48], message[512], hint[320];
	enum refusal r;

	if (view_cstring(v, id, sizeof(id)) < 0 || view_cstring(v, field, sizeof(field)) < 0 ||
	    view_cstring(v, message, sizeof(message)) < 0 ||
	    view_cstring(v, hint, sizeof(hint)) < 0 || view_end(v) < 0 ||
	    (r = refusal_by_id(id)) == REFUSAL_NONE)
		return stopped(e);
	err_set(e, r, field, "%s", message);
	return err_hint(e, "%s", hint);
}

static const char *
text_of(struct view *v, struct arena *a)
{
	const unsigned char *p = NULL;
	size_t n = 0;

	if (view_string(v, &p, &n, 1024) < 0)
		return "";
	return arena_dup(a, p, n);
}

static const char **
texts_of(struct view *v, struct arena *a, size_t *count)
{
	const char **list;
	uint32_t n;

	*count = 0;
	if (view_u32(v, &n) < 0 || n > 64) {
		v->failed = true;
		return NULL;
	}
	list = arena_new_array(a, n, const char *);
	for (uint32_t i = 0; i < n; i++)
		list[i] = text_of(v, a);
	*count = n;
	return list;
}

static int
read_answer(struct view *v, struct arena *a, struct reader_bundle *out, struct err *e)
{
	uint8_t status;
	uint32_t n;

	if (view_u8(v, &status) < 0)
		return stopped(e);
	if (status != 0)
		return carry_refusal(v, e);
	if (view_u32(v, &n) < 0 || n == 0 || n > LIMIT_PEM_OBJECTS)
		return stopped(e);
	out->certs = arena_new_array(a, n, struct reader_object);
	out->ncerts = n;
	for (uint32_t i = 0; i < n; i++) {
		view_string(v, &out->certs[i].der, &out->certs[i].len, LIMIT_BUNDLE);
		out->certs[i].from = text_of(v, a);
	}
	out->repairs = texts_of(v, a, &out->nrepairs);
	out->notes = texts_of(v, a, &out->nnotes);
	return view_end(v) < 0 ? stopped(e) : 0;
}

/* What no reader is started for. */
static int
check_request(const struct reader_file *files, size_t n, const char *passphrase, struct err *e)
{
	size_t total = 0;

	if (n == 0) {
		err_set(e, R_FILE_EMPTY, "files", "no file was given");
		return err_hint(e, "choose a file, or paste its text");
	}
	if (n > LIMIT_FILES) {
		err_set(e, R_FILE_MANY, "files", "there are more than %d files", LIMIT_FILES);
		return err_hint(e, "give the certificate and those of its issuers only");
	}
	for (size_t i = 0; i < n; i++)
		total += files[i].len;
	if (total > LIMIT_BODY) {
		err_set(e, R_FILE_LARGE, "files", "it is larger than %d KiB", LIMIT_BUNDLE / 1024);
		return err_hint(e,
		    "no chain of certificates is that large; "
		    "give only the file that holds it");
	}
	if (passphrase != NULL && strlen(passphrase) > LIMIT_PASSPHRASE) {
		err_set(e, R_PASSPHRASE_WRONG, "passphrase",
		    "the passphrase is longer than %d bytes", LIMIT_PASSPHRASE);
		return err_hint(e, "give the passphrase itself, not the file it is in");
	}
	return 0;
}

int
readers_bundle(struct readers *r, const struct reader_file *files, size_t n, const char *passphrase,
    struct arena *a, struct reader_bundle *out, struct err *e)
{
	int64_t deadline = clock_monotonic_ms() + r->patience_ms;
	AUTO_BUF struct buf frame = { 0 };
	AUTO_CLOSE int fd = -1;
	struct view answer;

	memset(out, 0, sizeof(*out));
	if (check_request(files, n, passphrase, e) < 0 || (fd = reader_open(r, deadline, e)) < 0)
		return -1;
	put_request(&frame, files, n, passphrase);
	if (send_all(fd, frame.data, frame.len, deadline, e) < 0 ||
	    receive_answer(fd, a, deadline, &answer, e) < 0)
		return -1;
	return read_answer(&answer, a, out, e);
}
