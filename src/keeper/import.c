/*
 * import.c - a key out of a file, by way of a one-shot reader
 */
#include <sys/socket.h>

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/x509.h>

#include "base/clock.h"
#include "keeper/import.h"
#include "keeper/sign.h"
#include "wire/channel.h"

#define PATIENCE_MS 12000 /* a little more than the spawner's own limit */
#define ANSWER_MAX  65536

struct import {
	int spawner;
	pthread_mutex_t lock;
};

DEFINE_AUTO(P8, PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free)
DEFINE_AUTO(EVP_PKEY, EVP_PKEY, EVP_PKEY_free)
DEFINE_AUTO(EVP_MD_CTX, EVP_MD_CTX, EVP_MD_CTX_free)

struct import *
import_new(int spawner_fd)
{
	struct import *in = calloc(1, sizeof(*in));

	if (in == NULL)
		abort();
	in->spawner = spawner_fd;
	pthread_mutex_init(&in->lock, NULL);
	return in;
}

void
import_free(struct import *in)
{
	if (in->spawner >= 0)
		close(in->spawner);
	pthread_mutex_destroy(&in->lock);
	free(in);
}

static int
wait_for(int fd, short events, int64_t deadline)
{
	struct pollfd p = { .fd = fd, .events = events };
	int64_t left;
	int r;

	do {
		left = deadline - clock_monotonic_ms();
		r = poll(&p, 1, left > 0 ? (int)left : 0);
	} while (r < 0 && errno == EINTR);
	return r > 0 ? 0 : -1;
}

/* One request at a time on the control socket. */
static int
ask_for_reader(struct import *in, int64_t deadline, struct err *e)
{
	int fd = -1, ok;

	pthread_mutex_lock(&in->lock);
	ok = send(in->spawner, "K", 1, MSG_NOSIGNAL) == 1 &&
	    wait_for(in->spawner, POLLIN, deadline) == 0 && channel_recv_fd(in->spawner, &fd) == 0;
	pthread_mutex_unlock(&in->lock);
	if (ok)
		return fd;
	err_set(e, R_READER_GONE, NULL, "no reader for key files can be started");
	return err_hint(e, "try again in a moment");
}

static int
put_all(int fd, const struct buf *b, int64_t deadline)
{
	for (size_t at = 0; at < b->len;) {
		ssize_t n;

		if (wait_for(fd, POLLOUT, deadline) < 0)
			return -1;
		n = send(fd, b->data + at, b->len - at, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return -1;
		at += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

static int
get_all(int fd, void *data, size_t len, int64_t deadline)
{
	for (size_t at = 0; at < len;) {
		ssize_t n;

		if (wait_for(fd, POLLIN, deadline) < 0)
			return -1;
		n = recv(fd, (char *)data + at, len - at, MSG_DONTWAIT);
		if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
			return -1;
		at += n > 0 ? (size_t)n : 0;
	}
	return 0;
}

/* One frame there, one frame back (the reader's protocol). */
static int
ask(int fd, const struct bytes *file, const struct bytes *passphrase, struct buf *answer,
    int64_t deadline, struct err *e)
{
	AUTO_BUF struct buf body = { 0 }, frame = { 0 };
	unsigned char head[4];
	struct view v = view_of(head, 4);
	uint32_t len = 0;
	unsigned char *room;

	buf_put_u8(&body, 'K');
	buf_put_u8(&body, passphrase != NULL);
	if (passphrase != NULL)
		buf_put_string(&body, passphrase->data, passphrase->len);
	buf_put_u32(&body, 1);
	buf_put_cstring(&body, "key");
	buf_put_string(&body, file->data, file->len);
	buf_put_string(&frame, body.data, body.len);
	if (put_all(fd, &frame, deadline) < 0 || get_all(fd, head, 4, deadline) < 0 ||
	    view_u32(&v, &len) < 0 || len == 0 || len > ANSWER_MAX || (room = malloc(len)) == NULL)
		return err_set(
		    e, R_READER_FAILED, "file", "the file could not be read: its reader stopped");
	if (get_all(fd, room, len, deadline) == 0)
		buf_put(answer, room, len);
	explicit_bzero(room, len);
	free(room);
	if (answer->len == 0)
		return err_set(
		    e, R_READER_FAILED, "file", "the file could not be read: its reader stopped");
	return 0;
}

static int
carry_refusal(struct view *v, struct err *e)
{
	char id[64], field[48], message[512], hint[320];

	if (view_cstring(v, id, sizeof(id)) < 0 || view_cstring(v, field, sizeof(field)) < 0 ||
	    view_cstring(v, message, sizeof(message)) < 0 ||
	    view_cstring(v, hint, sizeof(hint)) < 0 || refusal_by_id(id) == REFUSAL_NONE)
		return err_set(e, R_READER_FAILED, "file", "the reader gave no answer that fits");
	err_set(e, refusal_by_id(id), field, "%s", message);
	return hint[0] == '\0' ? -1 : err_hint(e, "%s", hint);
}

/*
 * What the private key signs, the public one verifies. The reader has checked
 * all parts of the key; that takes 260 ms for RSA-4096, too long in here (P31).
 */
static bool
fits_itself(EVP_PKEY *key)
{
	const EVP_MD *md = EVP_PKEY_is_a(key, "ED25519") ? NULL : EVP_sha256();
	AUTO(EVP_MD_CTX) EVP_MD_CTX *sign = EVP_MD_CTX_new(), *verify = EVP_MD_CTX_new();
	static const unsigned char message[] = "certwright import";
	unsigned char signature[1024];
	size_t n = sizeof(signature);

	return sign != NULL && verify != NULL &&
	    EVP_DigestSignInit(sign, NULL, md, NULL, key) == 1 &&
	    EVP_DigestSign(sign, signature, &n, message, sizeof(message)) == 1 &&
	    EVP_DigestVerifyInit(verify, NULL, md, NULL, key) == 1 &&
	    EVP_DigestVerify(verify, signature, n, message, sizeof(message)) == 1;
}

static int
take_key(struct buf *answer, EVP_PKEY **out, char *found, size_t size, struct err *e)
{
	AUTO(P8) PKCS8_PRIV_KEY_INFO *p8 = NULL;
	AUTO(EVP_PKEY) EVP_PKEY *key = NULL;
	struct view v = view_of(answer->data, answer->len);
	const unsigned char *der, *end;
	uint8_t status = 0xff, type;
	uint16_t bits;
	size_t len;

	view_u8(&v, &status);
	if (status == 1)
		return carry_refusal(&v, e);
	if (status != 0 || view_string(&v, &der, &len, ANSWER_MAX) < 0 ||
	    view_cstring(&v, found, size) < 0 || view_end(&v) < 0)
		return err_set(e, R_READER_FAILED, "file", "the reader gave no answer that fits");
	end = der + len;
	if ((p8 = d2i_PKCS8_PRIV_KEY_INFO(NULL, &der, (long)len)) == NULL || der != end ||
	    (key = EVP_PKCS82PKEY(p8)) == NULL)
		return err_set(
		    e, R_READER_FAILED, "file", "the reader gave no key that can be read");
	if (key_type(key, &type, &bits, e) < 0)
		return -1;
	if (!fits_itself(key)) {
		ERR_clear_error();
		err_set(e, R_KEY_INCONSISTENT, "file",
		    "the private key does not fit its own public key");
		return err_hint(e, "export the key again from where it came");
	}
	*out = key;
	key = NULL;
	return 0;
}

int
import_key(struct import *in, const struct bytes *file, const struct bytes *passphrase,
    EVP_PKEY **key, char *found, size_t size, struct err *e)
{
	int64_t deadline = clock_monotonic_ms() + PATIENCE_MS;
	AUTO_BUF struct buf answer = { 0 };
	AUTO_CLOSE int fd = ask_for_reader(in, deadline, e);

	if (fd < 0 || ask(fd, file, passphrase, &answer, deadline, e) < 0)
		return -1;
	return take_key(&answer, key, found, size, e);
}
