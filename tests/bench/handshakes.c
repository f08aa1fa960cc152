/*
 * handshakes.c - full TLS 1.3 handshakes against a server, for bench.sh
 *
 * handshakes PORT SECONDS CONNECTIONS [PREFIX COUNT SUFFIX]: each thread
 * connects, completes a full handshake (no ticket, no session), closes, again.
 * It asks for no name, or for PREFIX00042SUFFIX, any number below COUNT, and
 * takes another host's certificate for a failure. Prints "count failures
 * p50_us p99_us".
 */
#include <sys/socket.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#define MAX_SAMPLES 2000000

static uint32_t *samples;
static atomic_size_t count, failures;
static double until;
static int port;
static SSL_CTX *ctx;
static const char *prefix, *suffix;
static unsigned names; /* 0: none is asked for */

static double
now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Is it the certificate of the host that was asked for? */
static int
right_one(SSL *ssl, const char *name)
{
	X509 *x = SSL_get1_peer_certificate(ssl);
	int ok = x != NULL && X509_check_host(x, name, 0, 0, NULL) == 1;

	X509_free(x);
	return ok ? 0 : -1;
}

static int
handshake(unsigned *seed)
{
	char name[256];
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1, ok = -1;
	struct linger linger = { 1, 0 }; /* no TIME_WAIT heap */
	SSL *ssl;

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	if (connect(fd, (struct sockaddr *)&sin, sizeof(sin)) == 0 &&
	    (ssl = SSL_new(ctx)) != NULL) {
		SSL_set_fd(ssl, fd);
		if (names > 0) {
			snprintf(name, sizeof(name), "%s%05u%s", prefix,
			    (unsigned)rand_r(seed) % names, suffix);
			SSL_set_tlsext_host_name(ssl, name);
		}
		if (SSL_connect(ssl) == 1)
			ok = names > 0 ? right_one(ssl, name) : 0;
		SSL_set_quiet_shutdown(ssl, 1);
		SSL_shutdown(ssl);
		SSL_free(ssl);
	}
	close(fd);
	return ok;
}

static void *
client(void *arg)
{
	unsigned seed = (unsigned)(uintptr_t)arg;

	for (double t = now(); t < until;) {
		double start = t;
		size_t i;

		if (handshake(&seed) < 0) {
			atomic_fetch_add(&failures, 1);
			t = now();
			continue;
		}
		t = now();
		i = atomic_fetch_add(&count, 1);
		if (i < MAX_SAMPLES)
			samples[i] = (uint32_t)((t - start) * 1e6);
	}
	return NULL;
}

static int
by_value(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

int
main(int argc, char **argv)
{
	pthread_t threads[256];
	int n;
	size_t got;

	if ((argc != 4 && argc != 7) || (n = atoi(argv[3])) < 1 || n > 256) {
		fprintf(
		    stderr, "usage: %s PORT SECONDS CONNECTIONS [PREFIX COUNT SUFFIX]\n", argv[0]);
		return 2;
	}
	port = atoi(argv[1]);
	if (argc == 7) {
		prefix = argv[4];
		names = (unsigned)atoi(argv[5]);
		suffix = argv[6];
	}
	samples = calloc(MAX_SAMPLES, sizeof(*samples));
	ctx = SSL_CTX_new(TLS_client_method());
	if (samples == NULL || ctx == NULL)
		return 1;
	SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION);
	SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
	SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	until = now() + atof(argv[2]);
	for (int i = 0; i < n; i++)
		if (pthread_create(&threads[i], NULL, client, (void *)(uintptr_t)(i + 1)) != 0)
			return 1;
	for (int i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	got = count < MAX_SAMPLES ? count : MAX_SAMPLES;
	qsort(samples, got, sizeof(*samples), by_value);
	printf("%zu %zu %u %u\n", (size_t)count, (size_t)failures, got ? samples[got / 2] : 0,
	    got ? samples[got * 99 / 100] : 0);
	SSL_CTX_free(ctx);
	free(samples);
	return 0;
}
