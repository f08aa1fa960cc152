/*
 * test_vault.c - keys at rest: nothing can be read, changed, moved or brought back
 *
 * gcm.c, chain.c
 */
#include <sys/mman.h>

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/x509.h>

#include "keeper/journal.h"
#include "keeper/sign.h"
#include "keeper/vault.h"
#include "wire/purpose.h"

struct house {
	struct vault *vault;
	struct journal *journal;
	int fd; /* of the journal */
	struct err e;
};

#define OK(expr)                                                 \
	do {                                                     \
		if ((expr) < 0)                                  \
			fail_msg("%s: %s", #expr, h->e.message); \
	} while (0)
#define REFUSED(expr, why)                                                      \
	do {                                                                    \
		assert_int_equal((expr), -1);                                   \
		assert_string_equal(refusal_id(h->e.refusal), refusal_id(why)); \
		err_clear(&h->e);                                               \
	} while (0)

static int
file_of(const void *data, size_t len)
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	assert_int_equal(write(fd, data, len), (ssize_t)len);
	lseek(fd, 0, SEEK_SET);
	return fd;
}

static struct vault *
vault_with(unsigned char fill, struct err *e)
{
	unsigned char kek[KEK_SIZE];
	struct vault *v = NULL;
	int fd;

	memset(kek, fill, sizeof(kek));
	fd = file_of(kek, sizeof(kek));
	vault_open(&v, fd, e);
	close(fd);
	return v;
}

static int
house_open(void **state)
{
	static const unsigned char mac_key[32] = { 9 };
	struct house *h = calloc(1, sizeof(*h));

	h->vault = vault_with(1, &h->e);
	h->fd = memfd_create("journal", MFD_CLOEXEC);
	if (h->vault == NULL || journal_open(&h->journal, h->fd, mac_key, &h->e) < 0)
		return -1;
	vault_set_journal(h->vault, h->journal);
	*state = h;
	return 0;
}

static int
house_close(void **state)
{
	struct house *h = *state;

	vault_free(h->vault);
	journal_free(h->journal);
	close(h->fd);
	free(h);
	return 0;
}

static struct key_head
head_of(uint8_t type)
{
	struct key_head head = { .tenant = "system",
		.type = type,
		.purposes = PURPOSE_CSR,
		.exportable = true,
		.created = 1795526400 };

	id_new(head.id);
	return head;
}

static struct bytes
bytes_of(const struct buf *b)
{
	return (struct bytes){ b->data, b->len };
}

/* A new key, wrapped. */
static struct key_head
wrapped(struct house *h, struct buf *blob)
{
	struct key_head head = head_of(WIRE_ED25519);
	EVP_PKEY *key = key_make(WIRE_ED25519, 0, &h->e);

	OK(vault_wrap(h->vault, &head, key, blob, &h->e));
	EVP_PKEY_free(key);
	return head;
}

static void
P11_a_key_comes_back_and_is_not_in_its_blob(void **state)
{
	struct house *h = *state;

	for (uint8_t type = WIRE_RSA; type <= WIRE_ED25519; type++) {
		AUTO_BUF struct buf blob = { 0 };
		AUTO(opened) struct opened *o = NULL;
		struct key_head head = head_of(type);
		EVP_PKEY *key = key_make(type, 2048, &h->e);
		struct bytes b;
		unsigned char *der = NULL;
		int n = i2d_PrivateKey(key, &der);

		head.bits = 2048;
		OK(vault_wrap(h->vault, &head, key, &blob, &h->e));
		assert_null(memmem(blob.data, blob.len, der + n - 40, 16));
		b = bytes_of(&blob);
		OK(vault_key(h->vault, &b, &o, &h->e));
		assert_int_equal(EVP_PKEY_eq(o->key, key), 1);
		assert_string_equal(o->head.id, head.id);
		assert_string_equal(o->head.tenant, "system");
		assert_int_equal(o->head.type, type);
		assert_int_equal(o->head.bits, 2048);
		assert_int_equal(o->head.purposes, PURPOSE_CSR);
		assert_true(o->head.exportable);
		assert_true(o->head.created == head.created);
		OPENSSL_free(der);
		EVP_PKEY_free(key);
	}
}

static void
P14_each_changed_byte_of_a_blob_is_found(void **state)
{
	struct house *h = *state;
	AUTO_BUF struct buf blob = { 0 };
	struct opened *o;
	struct bytes b;

	wrapped(h, &blob);
	b = bytes_of(&blob);
	for (size_t i = 0; i < blob.len; i++) {
		blob.data[i] ^= 1;
		/* 4 bytes of magic, then the KEK's id */
		REFUSED(vault_key(h->vault, &b, &o, &h->e),
		    i >= 4 && i < 20 ? R_KEK_WRONG : R_BLOB_DAMAGED);
		assert_null(o);
		blob.data[i] ^= 1;
	}
	for (b.len = 0; b.len < blob.len; b.len++) {
		unsigned char *copy = malloc(b.len + 1);
		struct bytes cut = { copy, b.len };

		memcpy(copy, blob.data, b.len);
		REFUSED(vault_key(h->vault, &cut, &o, &h->e), R_BLOB_DAMAGED);
		free(copy);
	}
	buf_put_u8(&blob, 0);
	b = bytes_of(&blob);
	REFUSED(vault_key(h->vault, &b, &o, &h->e), R_BLOB_DAMAGED);
	while (blob.len < 9000)
		buf_put_u8(&blob, 0);
	b = bytes_of(&blob);
	REFUSED(vault_key(h->vault, &b, &o, &h->e), R_BLOB_DAMAGED);
}

/* The head of one blob before the ciphertext of another. */
static void
P14_a_key_cannot_take_the_place_of_another(void **state)
{
	struct house *h = *state;
	AUTO_BUF struct buf one = { 0 }, two = { 0 };
	struct key_head a = wrapped(h, &one), b = wrapped(h, &two);
	struct opened *o;
	struct bytes moved;
	unsigned char *at;

	/* the other's id, byte for byte in its place */
	at = memmem(one.data, one.len, a.id, 26);
	assert_non_null(at);
	memcpy(at, b.id, 26);
	moved = bytes_of(&one);
	REFUSED(vault_key(h->vault, &moved, &o, &h->e), R_BLOB_DAMAGED);
	memcpy(at, a.id, 26);
	/* another tenant of the same length */
	at = memmem(one.data, one.len, "system", 6);
	memcpy(at, "tenant", 6);
	REFUSED(vault_key(h->vault, &moved, &o, &h->e), R_BLOB_DAMAGED);
	memcpy(at, "system", 6);
	/* type, bits, purposes, exportable follow the tenant */
	for (size_t i = 6; i < 6 + 1 + 2 + 4 + 1; i++) {
		at[i] ^= 1;
		REFUSED(vault_key(h->vault, &moved, &o, &h->e), R_BLOB_DAMAGED);
		at[i] ^= 1;
	}
	/* all of the head */
	memcpy(one.data, two.data, (size_t)(at - one.data) + 22);
	REFUSED(vault_key(h->vault, &moved, &o, &h->e), R_BLOB_DAMAGED);
}

static void
another_KEK_opens_nothing(void **state)
{
	struct house *h = *state;
	AUTO_BUF struct buf blob = { 0 }, sealed = { 0 }, plain = { 0 };
	struct vault *other = vault_with(2, &h->e);
	unsigned char a[32], b[32];
	struct bytes in, secret = { (const unsigned char *)"secret", 6 };
	struct opened *o;

	vault_set_journal(other, h->journal);
	wrapped(h, &blob);
	in = bytes_of(&blob);
	REFUSED(vault_key(other, &in, &o, &h->e), R_KEK_WRONG);
	OK(vault_seal(h->vault, "place", &secret, &sealed, &h->e));
	in = bytes_of(&sealed);
	REFUSED(vault_unseal(other, "place", &in, &plain, &h->e), R_UNSEAL);
	OK(vault_derive(h->vault, "label", a, &h->e));
	OK(vault_derive(other, "label", b, &h->e));
	assert_memory_not_equal(a, b, 32);
	OK(vault_derive(h->vault, "label 2", b, &h->e));
	assert_memory_not_equal(a, b, 32);
	OK(vault_derive(h->vault, "label", b, &h->e));
	assert_memory_equal(a, b, 32);
	vault_free(other);
}

static void
a_KEK_has_32_bytes(void **state)
{
	static const unsigned char kek[40] = { 1 };
	struct house *h = *state;

	for (size_t n = 0; n <= sizeof(kek); n++) {
		struct vault *v = NULL;
		int fd = file_of(kek, n);

		if (n == KEK_SIZE) {
			OK(vault_open(&v, fd, &h->e));
			vault_free(v);
		} else {
			REFUSED(vault_open(&v, fd, &h->e), R_KEK_WRONG);
			assert_null(v);
		}
		close(fd);
	}
}

static void
P14_a_secret_opens_in_its_place_only(void **state)
{
	struct house *h = *state;
	AUTO_BUF struct buf sealed = { 0 }, plain = { 0 };
	struct bytes secret = { (const unsigned char *)"secret", 6 }, in;

	for (secret.len = 0; secret.len <= 6; secret.len += 6) {
		OK(vault_seal(h->vault, "account/1/totp", &secret, &sealed, &h->e));
		in = bytes_of(&sealed);
		OK(vault_unseal(h->vault, "account/1/totp", &in, &plain, &h->e));
		assert_int_equal(plain.len, secret.len);
	}
	assert_memory_equal(plain.data, "secret", 6);
	REFUSED(vault_unseal(h->vault, "account/2/totp", &in, &plain, &h->e), R_UNSEAL);
	REFUSED(vault_unseal(h->vault, "", &in, &plain, &h->e), R_UNSEAL);
	for (size_t i = 0; i < sealed.len; i++) {
		sealed.data[i] ^= 1;
		REFUSED(vault_unseal(h->vault, "account/1/totp", &in, &plain, &h->e), R_UNSEAL);
		assert_int_equal(plain.len, 0);
		sealed.data[i] ^= 1;
	}
	for (in.len = 0; in.len < sealed.len; in.len++)
		REFUSED(vault_unseal(h->vault, "account/1/totp", &in, &plain, &h->e), R_UNSEAL);
}

static void
a_key_is_opened_once(void **state)
{
	enum { MANY = 100 };
	struct house *h = *state;
	struct opened *o[MANY];
	struct buf blob[MANY] = { 0 };

	for (size_t i = 0; i < MANY; i++) {
		struct bytes b;

		wrapped(h, &blob[i]);
		b = bytes_of(&blob[i]);
		OK(vault_key(h->vault, &b, &o[i], &h->e));
	}
	for (size_t i = 0; i < MANY; i++) {
		struct bytes b = bytes_of(&blob[i]);
		AUTO(opened) struct opened *again = NULL;

		OK(vault_key(h->vault, &b, &again, &h->e));
		assert_ptr_equal(again, o[i]);
	}
	for (size_t i = 0; i < MANY; i++) {
		opened_free(o[i]);
		buf_free(&blob[i]);
	}
}

static void
P16_a_destroyed_key_does_not_come_back(void **state)
{
	struct house *h = *state;
	AUTO_BUF struct buf blob = { 0 };
	struct key_head head = wrapped(h, &blob);
	struct bytes b = bytes_of(&blob);
	struct opened *o;

	OK(vault_key(h->vault, &b, &o, &h->e));
	OK(journal_append_destroyed(h->journal, head.id, &h->e));
	vault_forget(h->vault, head.id);
	assert_int_equal(o->refs, 1);
	opened_free(o);
	REFUSED(vault_key(h->vault, &b, &o, &h->e), R_KEY_DESTROYED);
}

struct opener {
	struct house *h;
	struct bytes blob;
	pthread_barrier_t *start;
};

static void *
open_it(void *arg)
{
	struct opener *p = arg;
	struct opened *o = NULL;
	struct err e = { 0 };

	pthread_barrier_wait(p->start);
	vault_key(p->h->vault, &p->blob, &o, &e);
	opened_free(o);
	return NULL;
}

/* Opened by one thread while another destroys it: not kept in the cache. */
static void
P16_a_key_destroyed_while_it_is_opened_is_gone_too(void **state)
{
	struct house *h = *state;
	pthread_barrier_t start;

	pthread_barrier_init(&start, NULL, 2);
	for (int round = 0; round < 200; round++) {
		AUTO_BUF struct buf blob = { 0 };
		struct key_head head = wrapped(h, &blob);
		struct opener p = { h, bytes_of(&blob), &start };
		struct opened *o;
		pthread_t thread;

		assert_int_equal(pthread_create(&thread, NULL, open_it, &p), 0);
		pthread_barrier_wait(&start);
		for (volatile int wait = 0; wait < round * 100; wait++)
			;
		OK(journal_append_destroyed(h->journal, head.id, &h->e));
		vault_forget(h->vault, head.id);
		pthread_join(thread, NULL);
		REFUSED(vault_key(h->vault, &p.blob, &o, &h->e), R_KEY_DESTROYED);
	}
	pthread_barrier_destroy(&start);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(P11_a_key_comes_back_and_is_not_in_its_blob),
		cmocka_unit_test(P14_each_changed_byte_of_a_blob_is_found),
		cmocka_unit_test(P14_a_key_cannot_take_the_place_of_another),
		cmocka_unit_test(another_KEK_opens_nothing),
		cmocka_unit_test(a_KEK_has_32_bytes),
		cmocka_unit_test(P14_a_secret_opens_in_its_place_only),
		cmocka_unit_test(a_key_is_opened_once),
		cmocka_unit_test(P16_a_destroyed_key_does_not_come_back),
		cmocka_unit_test(P16_a_key_destroyed_while_it_is_opened_is_gone_too),
	};

	return cmocka_run_group_tests(tests, house_open, house_close);
}
