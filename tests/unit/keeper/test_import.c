/*
 * test_import.c - what a reader says is believed only as far as it can be checked
 */
#include <sys/socket.h>

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/core_names.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "base/io.h"
#include "keeper/import.h"
#include "keeper/sign.h"

/* The test plays the spawner and its reader, in a thread. */
struct player {
	int spawner;
	struct buf answer; /* the frame, as it goes out; nothing: the reader dies */
	struct buf asked;  /* what came in */
	pthread_t thread;
};

struct house {
	struct import *import;
	int spawner;
	struct err e;
	char found[64];
};

static int
house_open(void **state)
{
	struct house *h = calloc(1, sizeof(*h));
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
		return -1;
	h->import = import_new(ends[0]);
	h->spawner = ends[1];
	*state = h;
	return 0;
}

static int
house_close(void **state)
{
	struct house *h = *state;

	import_free(h->import);
	close(h->spawner);
	free(h);
	return 0;
}

static void
pass(int to, int fd)
{
	union {
		struct cmsghdr head;
		char room[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec iov = { (char[]){ 0 }, 1 };
	struct msghdr m = { .msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.room,
		.msg_controllen = sizeof(control.room) };

	control.head.cmsg_level = SOL_SOCKET;
	control.head.cmsg_type = SCM_RIGHTS;
	control.head.cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(&control.head), &fd, sizeof(fd));
	sendmsg(to, &m, MSG_NOSIGNAL);
}

static void *
play(void *arg)
{
	struct player *p = arg;
	unsigned char head[4] = { 0 }, piece[4096];
	struct view v = view_of(head, 4);
	uint32_t len = 0;
	char wish;
	int ends[2];

	if (recv(p->spawner, &wish, 1, 0) != 1 || wish != 'K' ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return NULL;
	pass(p->spawner, ends[0]);
	close(ends[0]);
	if (read_full(ends[1], head, 4) == 0 && view_u32(&v, &len) == 0)
		for (uint32_t n; len > 0; len -= n) {
			n = len < sizeof(piece) ? len : (uint32_t)sizeof(piece);
			if (read_full(ends[1], piece, n) < 0)
				break;
			buf_put(&p->asked, piece, n);
		}
	if (p->answer.len > 0)
		(void)!send(ends[1], p->answer.data, p->answer.len, MSG_NOSIGNAL);
	close(ends[1]);
	return NULL;
}

/* One import for which the reader answers this frame. */
static int
import_with(struct house *h, const struct buf *frame, EVP_PKEY **key)
{
	static const struct bytes file = { (const unsigned char *)"the file", 8 };
	static const struct bytes passphrase = { (const unsigned char *)"secret", 6 };
	struct player p = { .spawner = h->spawner };
	int r;

	err_clear(&h->e);
	*key = NULL;
	buf_put(&p.answer, frame->data, frame->len);
	assert_int_equal(pthread_create(&p.thread, NULL, play, &p), 0);
	r = import_key(h->import, &file, &passphrase, key, h->found, sizeof(h->found), &h->e);
	pthread_join(p.thread, NULL);
	assert_non_null(memmem(p.asked.data, p.asked.len, "the file", 8));
	assert_non_null(memmem(p.asked.data, p.asked.len, "secret", 6));
	buf_free(&p.answer);
	buf_free(&p.asked);
	return r;
}

/* A frame that says: this PKCS#8 was found; `more` bytes too many. */
static void
found(struct buf *frame, const void *der, size_t len, size_t more)
{
	AUTO_BUF struct buf body = { 0 };

	buf_put_u8(&body, 0);
	buf_put_string(&body, der, len);
	buf_put_cstring(&body, "PKCS#8");
	buf_put(&body, "xxxx", more);
	buf_reset(frame);
	buf_put_string(frame, body.data, body.len);
}

static void
found_key(struct buf *frame, EVP_PKEY *key)
{
	PKCS8_PRIV_KEY_INFO *p8 = EVP_PKEY2PKCS8(key);
	unsigned char *der = NULL;
	int n = i2d_PKCS8_PRIV_KEY_INFO(p8, &der);

	found(frame, der, (size_t)n, 0);
	OPENSSL_free(der);
	PKCS8_PRIV_KEY_INFO_free(p8);
}

static void
refused(struct house *h, const struct buf *frame, enum refusal why)
{
	EVP_PKEY *key;

	assert_int_equal(import_with(h, frame, &key), -1);
	assert_string_equal(refusal_id(h->e.refusal), refusal_id(why));
	assert_null(key);
}

static void
a_key_of_each_type_comes_in(void **state)
{
	struct house *h = *state;
	AUTO_BUF struct buf frame = { 0 };

	for (uint8_t type = WIRE_RSA; type <= WIRE_ED25519; type++) {
		EVP_PKEY *key = key_make(type, 2048, &h->e), *got;

		found_key(&frame, key);
		assert_int_equal(import_with(h, &frame, &got), 0);
		assert_int_equal(EVP_PKEY_eq(key, got), 1);
		assert_string_equal(h->found, "PKCS#8");
		EVP_PKEY_free(got);
		EVP_PKEY_free(key);
	}
}

static void
a_refusal_is_carried_and_an_unknown_one_is_none(void **state)
{
	struct house *h = *state;
	AUTO_BUF struct buf frame = { 0 };

	for (int known = 0; known < 2; known++) {
		AUTO_BUF struct buf body = { 0 };

		buf_put_u8(&body, 1);
		buf_put_cstring(&body, known ? "file.passphrase.wrong" : "no.such.thing");
		buf_put_cstring(&body, "passphrase");
		buf_put_cstring(&body, "the passphrase does not fit");
		buf_put_cstring(&body, "try another");
		buf_reset(&frame);
		buf_put_string(&frame, body.data, body.len);
		refused(h, &frame, known ? R_PASSPHRASE_WRONG : R_READER_FAILED);
	}
	assert_string_equal(h->e.message, "the passphrase does not fit");
	assert_string_equal(h->e.field, "passphrase");
	assert_string_equal(h->e.hint, "try another");
}

static void
what_is_no_answer_is_said_so(void **state)
{
	struct house *h = *state;
	AUTO_BUF struct buf frame = { 0 };
	EVP_PKEY *key = key_make(WIRE_P256, 0, &h->e);

	refused(h, &frame, R_READER_FAILED); /* it died */
	buf_put(&frame, "\0\0\0\0", 4);
	refused(h, &frame, R_READER_FAILED);
	buf_reset(&frame);
	buf_put(&frame, "\0\1\0\1x", 5); /* longer than is taken */
	refused(h, &frame, R_READER_FAILED);
	buf_reset(&frame);
	buf_put(&frame, "\0\0\0\2x", 5); /* cut */
	refused(h, &frame, R_READER_FAILED);
	buf_reset(&frame);
	buf_put(&frame, "\0\0\0\1\2", 5); /* neither found nor refused */
	refused(h, &frame, R_READER_FAILED);
	found(&frame, "x", 1, 0);
	refused(h, &frame, R_READER_FAILED);
	found(&frame, "", 0, 0);
	refused(h, &frame, R_READER_FAILED);
	found_key(&frame, key);
	frame.data[3]++; /* one byte more than its parts */
	buf_put_u8(&frame, 0);
	refused(h, &frame, R_READER_FAILED);
	EVP_PKEY_free(key);
}

/* The bytes of one key's public part, in the frame, become another's. */
static void
exchange(struct buf *frame, EVP_PKEY *one, EVP_PKEY *two, const char *part)
{
	unsigned char a[300], b[300], *at;
	size_t n = 0, m = 0;

	if (strcmp(part, OSSL_PKEY_PARAM_PUB_KEY) == 0) {
		EVP_PKEY_get_octet_string_param(one, part, a, sizeof(a), &n);
		EVP_PKEY_get_octet_string_param(two, part, b, sizeof(b), &m);
	} else {
		BIGNUM *x = NULL, *y = NULL;

		EVP_PKEY_get_bn_param(one, part, &x);
		EVP_PKEY_get_bn_param(two, part, &y);
		n = (size_t)BN_bn2bin(x, a);
		m = (size_t)BN_bn2bin(y, b);
		BN_free(x);
		BN_free(y);
	}
	assert_true(n > 30 && n == m);
	found_key(frame, one);
	at = memmem(frame->data, frame->len, a, n);
	assert_non_null(at);
	memcpy(at, b, n);
}

static void
a_key_that_does_not_fit_itself_is_refused(void **state)
{
	static const struct {
		uint8_t type;
		const char *part;
	} cases[] = { { WIRE_RSA, OSSL_PKEY_PARAM_RSA_N }, { WIRE_P256, OSSL_PKEY_PARAM_PUB_KEY },
		{ WIRE_P521, OSSL_PKEY_PARAM_PUB_KEY } };
	struct house *h = *state;
	AUTO_BUF struct buf frame = { 0 };

	for (size_t i = 0; i < nitems(cases); i++) {
		EVP_PKEY *one = key_make(cases[i].type, 2048, &h->e);
		EVP_PKEY *two = key_make(cases[i].type, 2048, &h->e);

		exchange(&frame, one, two, cases[i].part);
		refused(h, &frame, R_KEY_INCONSISTENT);
		EVP_PKEY_free(one);
		EVP_PKEY_free(two);
	}
}

static void
P19_P31_a_key_that_is_not_kept_is_not_tried_out(void **state)
{
	struct house *h = *state;
	AUTO_BUF struct buf frame = { 0 };
	EVP_PKEY *keys[] = { EVP_RSA_gen(1024), EVP_EC_gen("P-224"), EVP_EC_gen("secp256k1"),
		EVP_PKEY_Q_keygen(NULL, NULL, "ED448"), EVP_PKEY_Q_keygen(NULL, NULL, "X25519") };

	for (size_t i = 0; i < nitems(keys); i++) {
		assert_non_null(keys[i]);
		found_key(&frame, keys[i]);
		refused(h, &frame, i == 0 ? R_KEY_SMALL : R_KEY_TYPE);
		EVP_PKEY_free(keys[i]);
	}
}

static void
without_a_spawner_there_is_no_reader(void **state)
{
	static const struct bytes file = { (const unsigned char *)"x", 1 };
	struct house *h = *state;
	EVP_PKEY *key = NULL;

	close(h->spawner);
	h->spawner = -1;
	err_clear(&h->e);
	assert_int_equal(
	    import_key(h->import, &file, NULL, &key, h->found, sizeof(h->found), &h->e), -1);
	assert_int_equal(h->e.refusal, R_READER_GONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_of_each_type_comes_in),
		cmocka_unit_test(a_refusal_is_carried_and_an_unknown_one_is_none),
		cmocka_unit_test(what_is_no_answer_is_said_so),
		cmocka_unit_test(a_key_that_does_not_fit_itself_is_refused),
		cmocka_unit_test(P19_P31_a_key_that_is_not_kept_is_not_tried_out),
		cmocka_unit_test(without_a_spawner_there_is_no_reader),
	};

	return cmocka_run_group_tests(tests, house_open, house_close);
}
