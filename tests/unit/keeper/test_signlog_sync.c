/*
 * test_signlog_sync.c - P2: durable first, then signed; threads share an fsync
 *
 * fdatasync() is ours: it counts, and notes how much was durable when.
 *
 * ops_sign.c
 */
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "fake_ca.h"
#include "keeper/journal.h"
#include "keeper/ops.h"
#include "keeper/sign.h"
#include "keeper/signlog.h"
#include "keeper/vault.h"
#include "wire/purpose.h"

#define THREADS 8
#define EACH	25

static struct {
	pthread_mutex_t lock;
	int fd; /* of the sign journal */
	int calls, fail;
	size_t durable;
	size_t signed_then; /* bytes of a signature that was there when it was called */
	const struct answer *answer;
} sync_of = { .lock = PTHREAD_MUTEX_INITIALIZER, .fd = -1 };

int
fdatasync(int fd)
{
	struct stat st;

	if (fd != sync_of.fd)
		return 0;
	pthread_mutex_lock(&sync_of.lock);
	sync_of.calls++;
	if (sync_of.answer != NULL)
		sync_of.signed_then = sync_of.answer->data.len;
	pthread_mutex_unlock(&sync_of.lock);
	fstat(fd, &st);
	usleep(2000);
	pthread_mutex_lock(&sync_of.lock);
	if ((size_t)st.st_size > sync_of.durable)
		sync_of.durable = (size_t)st.st_size;
	pthread_mutex_unlock(&sync_of.lock);
	return sync_of.fail ? -1 : 0;
}

static struct keeper_house house;
static struct answer answer;

static int
house_open(void **state)
{
	static const unsigned char mac_key[32] = { 9 };
	unsigned char kek[KEK_SIZE] = { 1 };
	int fd = memfd_create("kek", MFD_CLOEXEC), journal = memfd_create("journal", MFD_CLOEXEC);
	struct err e = { 0 };

	sync_of.fd = memfd_create("sign-journal", MFD_CLOEXEC);
	if (write(fd, kek, sizeof(kek)) != sizeof(kek) || lseek(fd, 0, SEEK_SET) != 0 ||
	    vault_open(&house.vault, fd, &e) < 0 ||
	    journal_open(&house.journal, journal, mac_key, &e) < 0 ||
	    signlog_open(&house.signlog, sync_of.fd, mac_key, house.journal, &e) < 0)
		return -1;
	close(fd);
	vault_set_journal(house.vault, house.journal);
	return 0;
}

static int
house_close(void **state)
{
	vault_free(house.vault);
	signlog_free(house.signlog);
	journal_free(house.journal);
	close(sync_of.fd);
	buf_free(&answer.data);
	return 0;
}

/* Is it among the first `durable` bytes of the sign journal? */
static bool
is_durable(const void *tbs, size_t len)
{
	size_t n = sync_of.durable;
	unsigned char *data = malloc(n + 1);
	bool found;

	assert_int_equal(pread(sync_of.fd, data, n, 0), (ssize_t)n);
	found = memmem(data, n, tbs, len) != NULL;
	free(data);
	return found;
}

static struct answer *
ask(struct message *q)
{
	AUTO_BUF struct buf question = { 0 }, out = { 0 };

	err_clear(&answer.m.why);
	message_pack(&question, q, false);
	assert_int_equal(ops_answer(&house, question.data, question.len, &answer, &out), 0);
	return &answer;
}

/* A root certificate of a key that is not active, with a serial number. */
static void
root_tbs(EVP_PKEY *key, struct buf *tbs)
{
	struct fake_cert c = { .issuer = "CN=root",
		.subject = "CN=root",
		.until = 90,
		.constraints = "critical,CA:TRUE",
		.usage = "critical,keyCertSign",
		.key = key };
	struct message q = { .op = OP_SERIAL, .count = 1 };
	X509 *x = fake_make(&c);
	BIGNUM *n;

	n = BN_bin2bn(ask(&q)->data.data, 16, NULL);
	BN_to_ASN1_INTEGER(n, X509_get_serialNumber(x));
	BN_free(n);
	fake_tbs(x, tbs);
}

static void
wrapped(EVP_PKEY *key, struct buf *blob)
{
	struct key_head head = { .tenant = "system", .type = WIRE_P256, .purposes = PURPOSE_ROOT };
	struct err e = { 0 };

	id_new(head.id);
	assert_int_equal(vault_wrap(house.vault, &head, key, blob, &e), 0);
}

static void
P2_a_certificate_is_durable_before_it_is_signed(void **state)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	AUTO_BUF struct buf blob = { 0 }, tbs = { 0 };
	struct message q = {
		.op = OP_SIGN, .purposes = PURPOSE_CERT, .scheme = SCHEME_ECDSA_SHA256
	};

	wrapped(key, &blob);
	root_tbs(key, &tbs);
	q.blob = (struct bytes){ blob.data, blob.len };
	q.data = (struct bytes){ tbs.data, tbs.len };
	buf_reset(&answer.data);
	sync_of.answer = &answer;
	sync_of.signed_then = 1;
	assert_false(ask(&q)->m.refused);
	assert_true(answer.data.len > 0);
	assert_int_equal(sync_of.signed_then, 0); /* there was none yet */
	assert_true(is_durable(tbs.data, tbs.len));
	sync_of.answer = NULL;
	EVP_PKEY_free(key);
}

/* A question of `sign-several`: each a string. */
static void
put_question(struct buf *several, const struct message *q)
{
	AUTO_BUF struct buf one = { 0 };

	message_pack(&one, q, false);
	buf_put_string(several, one.data, one.len);
}

/* Its answers, in turn. */
static struct message
next_answer(struct view *v)
{
	const unsigned char *data;
	struct message m;
	size_t n;

	assert_int_equal(view_string(v, &data, &n, v->len), 0);
	assert_int_equal(message_unpack(&m, data, n, true), 0);
	assert_int_equal(m.op, OP_SIGN);
	return m;
}

static void
P2_several_are_durable_with_one_fsync_before_any_is_signed(void **state)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	AUTO_BUF struct buf blob = { 0 }, data = { 0 };
	struct buf tbs[3] = { 0 };
	struct message q = {
		.op = OP_SIGN, .purposes = PURPOSE_CERT, .scheme = SCHEME_ECDSA_SHA256
	};
	struct message several = { .op = OP_SIGN_SEVERAL }, m;
	struct view v;

	wrapped(key, &blob);
	q.blob = (struct bytes){ blob.data, blob.len };
	for (size_t i = 0; i < nitems(tbs); i++) {
		root_tbs(key, &tbs[i]);
		q.data = (struct bytes){ tbs[i].data, tbs[i].len };
		put_question(&data, &q);
	}
	put_question(&data, &q); /* its number is used up (P3) */
	several.data = (struct bytes){ data.data, data.len };
	buf_reset(&answer.data);
	sync_of.answer = &answer;
	sync_of.signed_then = 1;
	sync_of.calls = 0;
	assert_false(ask(&several)->m.refused);
	assert_int_equal(sync_of.calls, 1);
	assert_int_equal(sync_of.signed_then, 0);
	sync_of.answer = NULL;
	v = view_of(answer.data.data, answer.data.len);
	for (size_t i = 0; i < nitems(tbs); i++) {
		m = next_answer(&v);
		assert_false(m.refused);
		assert_true(m.data.len > 60);
		assert_true(is_durable(tbs[i].data, tbs[i].len));
	}
	m = next_answer(&v);
	assert_true(m.refused);
	assert_int_equal(m.why.refusal, R_SIGN_GUARD);
	assert_int_equal(view_end(&v), 0);
	for (size_t i = 0; i < nitems(tbs); i++)
		buf_free(&tbs[i]);
	EVP_PKEY_free(key);
}

static void
several_at_once_are_certificates(void **state)
{
	AUTO_BUF struct buf data = { 0 }, many = { 0 };
	struct message q = { .op = OP_SIGN, .purposes = PURPOSE_CSR }, serial = { .op = OP_SERIAL };
	struct message several = { .op = OP_SIGN_SEVERAL };
	const struct message *others[] = { &q, &serial };

	for (size_t i = 0; i < nitems(others); i++) {
		buf_reset(&data);
		put_question(&data, others[i]);
		several.data = (struct bytes){ data.data, data.len };
		assert_true(ask(&several)->m.refused);
		assert_int_equal(answer.m.why.refusal, R_SIGN_SEVERAL);
	}
	several.data.len--; /* cut short */
	assert_true(ask(&several)->m.refused);
	q.purposes = PURPOSE_CERT;
	for (size_t i = 0; i <= SEVERAL_MAX; i++)
		put_question(&many, &q);
	several.data = (struct bytes){ many.data, many.len };
	assert_true(ask(&several)->m.refused);
	assert_int_equal(answer.m.why.refusal, R_SIGN_SEVERAL);
}

static void
P2_what_cannot_be_written_down_is_not_signed(void **state)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	AUTO_BUF struct buf blob = { 0 }, tbs = { 0 };
	struct message q = {
		.op = OP_SIGN, .purposes = PURPOSE_CERT, .scheme = SCHEME_ECDSA_SHA256
	};
	struct signlog *usual = house.signlog;
	int full = memfd_create("full", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	wrapped(key, &blob);
	root_tbs(key, &tbs);
	q.blob = (struct bytes){ blob.data, blob.len };
	q.data = (struct bytes){ tbs.data, tbs.len };
	assert_int_equal(fcntl(full, F_ADD_SEALS, F_SEAL_GROW), 0);
	assert_int_equal(signlog_open(&house.signlog, full, (unsigned char[32]){ 0 }, house.journal,
			     &answer.m.why),
	    0);
	buf_reset(&answer.data);
	assert_true(ask(&q)->m.refused);
	assert_int_equal(answer.data.len, 0);
	signlog_free(house.signlog);
	house.signlog = usual;
	/* its number is used up all the same (P3) */
	assert_true(ask(&q)->m.refused);
	assert_int_equal(answer.m.why.refusal, R_SIGN_GUARD);
	close(full);
	EVP_PKEY_free(key);
}

static void *
issue(void *arg)
{
	char text[64];
	struct err e = { 0 };
	uint64_t end;

	for (int i = 0; i < EACH; i++) {
		int n = snprintf(
		    text, sizeof(text), "certificate %d of thread %d.", i, *(const int *)arg);
		struct bytes tbs = { (const unsigned char *)text, (size_t)n };
		bool ok;

		if (signlog_certificate(house.signlog, "k", &tbs, &end, &e) < 0)
			return (void *)1;
		signlog_wait(house.signlog, end);
		pthread_mutex_lock(&sync_of.lock);
		ok = is_durable(text, (size_t)n);
		pthread_mutex_unlock(&sync_of.lock);
		if (!ok)
			return (void *)1;
	}
	return NULL;
}

static void
P2_threads_share_an_fsync_and_none_is_answered_before_it(void **state)
{
	pthread_t threads[THREADS];
	int number[THREADS];
	uint32_t before = signlog_unreconciled(house.signlog);
	void *failed;

	sync_of.calls = 0;
	for (int i = 0; i < THREADS; i++) {
		number[i] = i;
		assert_int_equal(pthread_create(&threads[i], NULL, issue, &number[i]), 0);
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], &failed);
		assert_null(failed);
	}
	assert_int_equal(signlog_unreconciled(house.signlog) - before, THREADS * EACH);
	assert_true(sync_of.calls >= EACH);
	/* each alone would be 200; shared, some 50 */
	assert_true(sync_of.calls < THREADS * EACH / 2);
}

static void
a_list_is_not_waited_for_and_a_checkpoint_is(void **state)
{
	struct bytes m = { (const unsigned char *)"m", 1 };
	struct err e = { 0 };
	struct stat st;

	sync_of.calls = 0;
	assert_int_equal(signlog_list(house.signlog, "k", PURPOSE_OCSP, 1, &m, &e), 0);
	assert_int_equal(sync_of.calls, 0);
	fstat(sync_of.fd, &st);
	assert_true(sync_of.durable < (size_t)st.st_size);
	assert_int_equal(signlog_checkpoint(house.signlog, (uint64_t)st.st_size, &e), 0);
	assert_int_equal(sync_of.calls, 1);
	assert_true(sync_of.durable == (size_t)st.st_size);
}

static void
P7_a_failed_fsync_ends_the_process(void **state)
{
	struct bytes m = { (const unsigned char *)"m", 1 };
	struct err e = { 0 };
	pid_t pid = fork();
	uint64_t end;
	int status;

	if (pid == 0) {
		sync_of.fail = 1;
		signlog_certificate(house.signlog, "k", &m, &end, &e);
		signlog_wait(house.signlog, end);
		_exit(9);
	}
	waitpid(pid, &status, 0);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(P2_a_certificate_is_durable_before_it_is_signed),
		cmocka_unit_test(P2_several_are_durable_with_one_fsync_before_any_is_signed),
		cmocka_unit_test(several_at_once_are_certificates),
		cmocka_unit_test(P2_what_cannot_be_written_down_is_not_signed),
		cmocka_unit_test(P2_threads_share_an_fsync_and_none_is_answered_before_it),
		cmocka_unit_test(a_list_is_not_waited_for_and_a_checkpoint_is),
		cmocka_unit_test(P7_a_failed_fsync_ends_the_process),
	};

	return cmocka_run_group_tests(tests, house_open, house_close);
}
