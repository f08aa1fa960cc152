/*
 * test_serve.c - sockets that are bound, pairs that are served
 *
 * listen.c, tls.c
 */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/err.h>
#include <openssl/x509.h>

#include "front/listen.h"
#include "front/tls.h"

static struct err err;

static int
port_of(int fd)
{
	struct sockaddr_in in;
	socklen_t n = sizeof(in);

	assert_int_equal(getsockname(fd, (struct sockaddr *)&in, &n), 0);
	return ntohs(in.sin_port);
}

static void
a_port_in_use_is_said(void **state)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	int taken = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	char address[40];

	assert_int_equal(bind(taken, (struct sockaddr *)&in, sizeof(in)), 0);
	assert_int_equal(listen(taken, 1), 0);
	snprintf(address, sizeof(address), "127.0.0.1:%d", port_of(taken));
	err_clear(&err);
	assert_int_equal(listen_tcp(address, &err), -1);
	assert_int_equal(err.refusal, R_LISTEN);
	assert_non_null(strstr(err.message, "in use"));
	err_clear(&err);
	assert_int_equal(listen_tcp("203.0.113.1:1", &err), -1); /* nobody's */
	assert_int_equal(err.refusal, R_LISTEN);
	err_clear(&err);
	assert_int_equal(listen_tcp("localhost:1", &err), -1);
	assert_int_equal(err.refusal, R_CONFIG);
	close(taken);
}

static void
the_Unix_socket_is_for_its_owner(void **state)
{
	char folder[] = "/tmp/cw-listen-XXXXXX", path[64];
	struct stat st;
	int fd, again;

	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/sock", folder);
	err_clear(&err);
	assert_true((fd = listen_unix(path, &err)) >= 0);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	/* what a daemon that was killed left behind is replaced */
	assert_true((again = listen_unix(path, &err)) >= 0);
	close(fd);
	close(again);
	unlink(path);
	assert_int_equal(listen_unix("/nonexistent/sock", &err), -1);
	rmdir(folder);
}

static X509 *
certificate_of(EVP_PKEY *key)
{
	X509 *x = X509_new();

	X509_set_version(x, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
	X509_gmtime_adj(X509_getm_notBefore(x), 0);
	X509_gmtime_adj(X509_getm_notAfter(x), 3600);
	X509_set_pubkey(x, key);
	X509_sign(x, key, EVP_sha256());
	return x;
}

static void
P5_only_a_pair_that_fits_is_served(void **state)
{
	struct tls_slot *slot = tls_slot_new(NULL);
	EVP_PKEY *one = EVP_EC_gen("P-256"), *two = EVP_EC_gen("P-256");
	X509 *first = certificate_of(one), *second = certificate_of(two);
	STACK_OF(X509) *chain = sk_X509_new_null();
	SSL *before, *after;

	assert_null(tls_accept(slot));
	err_clear(&err);
	assert_int_equal(tls_serve(slot, first, chain, one, &err), 0);
	before = tls_accept(slot);
	assert_int_equal(tls_serve(slot, second, chain, one, &err), -1);
	assert_int_equal(err.refusal, R_TLS);
	assert_int_equal(ERR_peek_error(), 0);
	err_clear(&err);
	after = tls_accept(slot);
	assert_int_equal(X509_cmp(SSL_get_certificate(after), first), 0);
	SSL_free(after);
	assert_int_equal(tls_serve(slot, second, chain, two, &err), 0);
	after = tls_accept(slot);
	/* who is there goes on with the pair he began with */
	assert_int_equal(X509_cmp(SSL_get_certificate(before), first), 0);
	assert_int_equal(X509_cmp(SSL_get_certificate(after), second), 0);
	SSL_free(before);
	SSL_free(after);
	tls_slot_free(slot);
	sk_X509_free(chain);
	X509_free(first);
	X509_free(second);
	EVP_PKEY_free(one);
	EVP_PKEY_free(two);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_port_in_use_is_said),
		cmocka_unit_test(the_Unix_socket_is_for_its_owner),
		cmocka_unit_test(P5_only_a_pair_that_fits_is_served),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
