/*
 * client.c - client certificates, at the handshake
 */
#include <pthread.h>

#include "base/clock.h"
#include "base/log.h"
#include "front/client.h"
#include "op/op_client.h"
#include "op/op_doors.h"

#define CHAIN_MAX (32 * 1024) /* bytes that a client may send */

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int ctx_index = -1; /* SSL ex_data: struct ctx */

static void
make_index(void)
{
	ctx_index = SSL_get_ex_new_index(0, NULL, NULL, NULL, NULL);
}

void
client_prepare(SSL *ssl, struct ctx *cx, int listener, unsigned *generation)
{
	int mode = SSL_VERIFY_PEER | SSL_VERIFY_CLIENT_ONCE;
	enum client_wish wish;

	*generation = 0;
	if (cx == NULL || (wish = doors_client(cx->house, listener, generation)) == CLIENT_NO)
		return;
	pthread_once(&once, make_index);
	if (wish == CLIENT_REQUIRED)
		mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
	if (SSL_set_ex_data(ssl, ctx_index, cx) != 1)
		abort();
	SSL_set_verify(ssl, mode, NULL);
	SSL_set_max_cert_list(ssl, CHAIN_MAX);
	SSL_set0_CA_list(ssl, op_client_issuers(cx->house));
}

int
client_verify(X509_STORE_CTX *store, void *unused)
{
	const SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct ctx *cx = ssl == NULL || ctx_index < 0 ? NULL : SSL_get_ex_data(ssl, ctx_index);
	int r = X509_V_ERR_APPLICATION_VERIFICATION;

	if (cx != NULL) {
		cx->now = clock_wall();
		err_clear(&cx->err);
		r = op_client_verify(cx, X509_STORE_CTX_get0_cert(store));
		if (err_is_set(&cx->err)) /* who comes is refused, and it is no fault of his */
			log_err("a client certificate could not be looked up", &cx->err);
		arena_reset(cx->arena);
	}
	X509_STORE_CTX_set_error(store, r);
	return r == X509_V_OK;
}

bool
client_is_due(struct ctx *cx, int listener, unsigned generation)
{
	unsigned now;

	return cx != NULL && doors_client(cx->house, listener, &now) == CLIENT_REQUIRED &&
	    now != generation;
}
