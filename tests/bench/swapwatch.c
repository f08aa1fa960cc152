/*
 * swapwatch.c - handshakes while certificates are swapped, for bench.sh
 *
 * swapwatch PORT THREADS: full TLS 1.3 handshakes until a line comes on
 * standard input. A mixed pair is a leaf whose key did not make the signature
 * (libssl fails the handshake with a bad signature) or whose issuer is not
 * the certificate sent behind it. Prints "done failed mixed leaves-seen".
 */
#include <sys/socket.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/ssl.h>

static atomic_size_t done, failed, mixed;
static atomic_bool stop;
static int port;
static SSL_CTX *ctx;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned char seen[64][32];
static size_t nseen;

static void
note_leaf(X509 *leaf)
{
	unsigned char hash[32];
	unsigned n = sizeof(hash);

	X509_digest(leaf, EVP_sha256(), hash, &n);
	pthread_mutex_lock(&lock);
	for (size_t i = 0; i < nseen; i++)
		if (memcmp(seen[i], hash, sizeof(hash)) == 0) {
			pthread_mutex_unlock(&lock);
			return;
		}
	if (nseen < 64)
		memcpy(seen[nseen++], hash, sizeof(hash));
	pthread_mutex_unlock(&lock);
}

/* The leaf must be signed by the next certificate, or by itself when alone. */
static void
look(SSL *ssl)
{
	STACK_OF(X509) *chain = SSL_get_peer_cert_chain(ssl);
	X509 *leaf = sk_X509_value(chain, 0);
	X509 *issuer = sk_X509_value(chain, sk_X509_num(chain) > 1 ? 1 : 0);

	note_leaf(leaf);
	if (X509_verify(leaf, X509_get0_pubkey(issuer)) != 1)
		atomic_fetch_add(&mixed, 1);
}

static void *
client(void *arg)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	struct linger linger = { 1, 0 };

	(void)arg;
	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	while (!stop) {
		int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		SSL *ssl = SSL_new(ctx);

		setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
		SSL_set_fd(ssl, fd);
		if (connect(fd, (struct sockaddr *)&sin, sizeof(sin)) < 0 ||
		    SSL_connect(ssl) != 1) {
			unsigned long e = ERR_get_error();

			if (ERR_GET_REASON(e) == SSL_R_BAD_SIGNATURE)
				atomic_fetch_add(&mixed, 1);
			atomic_fetch_add(&failed, 1);
			ERR_clear_error();
		} else {
			look(ssl);
			atomic_fetch_add(&done, 1);
		}
		SSL_set_quiet_shutdown(ssl, 1);
		SSL_free(ssl);
		close(fd);
	}
	return NULL;
}

int
main(int argc, char **argv)
{
	pthread_t threads[64];
	char line[16];
	int n;

	if (argc != 3 || (n = atoi(argv[2])) < 1 || n > 64)
		return 2;
	port = atoi(argv[1]);
	ctx = SSL_CTX_new(TLS_client_method());
	SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION);
	SSL_CTX_set_options(ctx, SSL_OP_NO_TICKET);
	for (int i = 0; i < n; i++)
		if (pthread_create(&threads[i], NULL, client, NULL) != 0)
			return 1;
	if (fgets(line, sizeof(line), stdin) == NULL)
		line[0] = '\0';
	stop = true;
	for (int i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	printf("%zu %zu %zu %zu\n", (size_t)done, (size_t)failed, (size_t)mixed, nseen);
	SSL_CTX_free(ctx);
	return 0;
}
