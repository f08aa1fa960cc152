/*
 * inprocess.c - the front's loops with the private key in the same process
 *
 * inprocess ADDR:PORT CHAIN.pem KEY.pem SHARE-DIR: what certwrightd would be
 * without a keeper: its listener, loops, TLS, allocator and sandbox, which
 * closes on the working directory. bench.sh measures against it what the
 * keeper costs. Never installed; answers handshakes and static files only.
 */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include <openssl/pem.h>

#include "front/http.h"
#include "front/listen.h"
#include "front/sandbox.h"

#define LOOPS_MAX 256

static int
fail(const struct err *e, const char *what)
{
	fprintf(stderr, "inprocess: %s\n", e != NULL && err_is_set(e) ? e->message : what);
	return 1;
}

static X509 *
read_chain(const char *path, STACK_OF(X509) * chain)
{
	FILE *f = fopen(path, "r");
	X509 *leaf = f == NULL ? NULL : PEM_read_X509(f, NULL, NULL, NULL), *x;

	while (leaf != NULL && (x = PEM_read_X509(f, NULL, NULL, NULL)) != NULL)
		sk_X509_push(chain, x);
	if (f != NULL)
		fclose(f);
	return leaf;
}

static EVP_PKEY *
read_key(const char *path)
{
	FILE *f = fopen(path, "r");
	EVP_PKEY *key = f == NULL ? NULL : PEM_read_PrivateKey(f, NULL, NULL, NULL);

	if (f != NULL)
		fclose(f);
	return key;
}

int
main(int argc, char **argv)
{
	static int nobody[LOOPS_MAX];
	size_t loops = (size_t)sysconf(_SC_NPROCESSORS_ONLN) + 1; /* as certwrightd */
	struct http_options o = { .nlisteners = 1, .unix_listener = -1, .keeper_fds = nobody };
	STACK_OF(X509) * chain;
	struct templates *templates;
	struct assets *assets;
	struct err e = { 0 };
	struct http *http;
	const char *level;
	int fd;
	EVP_PKEY *key;
	X509 *leaf;

	http_memory(); /* before libcrypto's first allocation, as certwrightd */
	chain = sk_X509_new_null();
	if (argc != 5)
		return fail(NULL, "usage: inprocess ADDR:PORT CHAIN.pem KEY.pem SHARE-DIR");
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	signal(SIGPIPE, SIG_IGN);
	if ((leaf = read_chain(argv[2], chain)) == NULL || (key = read_key(argv[3])) == NULL)
		return fail(NULL, "the certificate or the key cannot be read");
	for (size_t i = 0; i < LOOPS_MAX; i++)
		nobody[i] = -1;
	if (assets_load(&assets, &templates, argv[4], &e) < 0 ||
	    (fd = listen_tcp(argv[1], &e)) < 0 || sandbox_front(NULL, &level, &e) < 0)
		return fail(&e, "");
	o.listeners = &fd;
	o.loops = loops;
	o.assets = assets;
	o.tls = tls_slot_new(NULL);
	if (tls_serve(o.tls, leaf, chain, key, &e) < 0 || http_new(&http, &o, &e) < 0 ||
	    http_start(http, NULL, &e) < 0)
		return fail(&e, "");
	printf("listening on https://%s\n", argv[1]);
	fflush(stdout);
	for (;;)
		poll(NULL, 0, -1);
}
