/*
 * keeper.c - the process that holds the keys
 *
 * Inherits the KEK, both journals, the spawner's socket and one SOCK_SEQPACKET
 * end for each thread of the front. Opens nothing, speaks to nobody else,
 * ends when the front does (PROTOCOL.keeper).
 */
#include <errno.h>
#include <getopt.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "base/log.h"
#include "base/place.h"
#include "keeper/custodian.h"
#include "keeper/import.h"
#include "keeper/journal.h"
#include "keeper/ops.h"
#include "keeper/pool.h"
#include "keeper/sandbox.h"
#include "keeper/signlog.h"
#include "keeper/vault.h"
#include "wire/channel.h"

#define STACK_SIZE (256 * 1024)
#define USAGE                                                                   \
	"usage: certwright-keeper --kek FD --journal FD --sign-journal FD "     \
	"--readers FD --connections FIRST-LAST [--deliver FD] [--no-sandbox]\n" \
	"certwrightd starts it, with these descriptors; see PROTOCOL.keeper\n"

struct options {
	int kek, journal, sign_journal, readers, deliver, first, last;
	bool no_sandbox;
};

struct connection {
	int fd;
	struct keeper_house *house;
};

/* One thread, one connection: question, answer, question, ... */
static void *
serve(void *arg)
{
	struct connection *c = arg;
	struct answer answer = { 0 };
	struct incoming in = { 0 };
	struct buf out = { 0 };

	for (;;) {
		if (channel_recv(c->fd, &in) < 0) {
			if (errno != 0 && errno != ECONNRESET)
				log_error("connection: %s; ending", strerror(errno));
			_exit(errno == 0 || errno == ECONNRESET ? 0 : 1);
		}
		if (ops_answer(c->house, in.data, in.len, &answer, &out) < 0) {
			log_error("malformed message; ending");
			_exit(1);
		}
		if (channel_send(c->fd, out.data, out.len) < 0)
			_exit(errno == EPIPE ? 0 : 1);
		/* a key file or a passphrase does not wait for the next question */
		channel_drop(&in);
		buf_reset(&out);
		buf_reset(&answer.data);
		buf_reset(&answer.blob);
	}
}

static int
number(const char *text, int *out)
{
	char *end;
	long v = strtol(text, &end, 10);

	if (end == text || *end != '\0' || v < 3 || v > 65535)
		return -1;
	*out = (int)v;
	return 0;
}

static int
options_read(int argc, char **argv, struct options *o)
{
	static const struct option table[] = { { "kek", required_argument, NULL, 'k' },
		{ "journal", required_argument, NULL, 'j' },
		{ "sign-journal", required_argument, NULL, 's' },
		{ "readers", required_argument, NULL, 'r' },
		{ "connections", required_argument, NULL, 'c' },
		{ "deliver", required_argument, NULL, 'd' },
		{ "no-sandbox", no_argument, NULL, 'n' }, { 0 } };
	int c, bad = 0;

	opterr = 0;
	*o = (struct options){ -1, -1, -1, -1, -1, -1, -1, false };
	while ((c = getopt_long(argc, argv, "", table, NULL)) != -1)
		switch (c) {
		case 'k':
			bad |= number(optarg, &o->kek);
			break;
		case 'j':
			bad |= number(optarg, &o->journal);
			break;
		case 's':
			bad |= number(optarg, &o->sign_journal);
			break;
		case 'r':
			bad |= number(optarg, &o->readers);
			break;
		case 'd':
			bad |= number(optarg, &o->deliver);
			break;
		case 'c':
			bad |= sscanf(optarg, "%d-%d", &o->first, &o->last) != 2;
			break;
		case 'n':
			o->no_sandbox = true;
			break;
		default:
			bad = 1;
		}
	return bad || optind < argc || o->kek < 0 || o->journal < 0 || o->sign_journal < 0 ||
		o->readers < 0 || o->first < 3 || o->last < o->first || o->last - o->first > 1000
	    ? -1
	    : 0;
}

static int
own_keys(struct keeper_house *h, struct err *e)
{
	EVP_PKEY *key;
	size_t n = sizeof(h->import_pub);

	if (vault_derive(h->vault, "password hmac v1", h->hmac_key, e) < 0 ||
	    vault_derive(h->vault, "import key v1", h->import_priv, e) < 0)
		return -1;
	key = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, h->import_priv, 32);
	if (key == NULL || EVP_PKEY_get_raw_public_key(key, h->import_pub, &n) != 1)
		err_set(e, R_INTERNAL, NULL, "could not make the import key");
	EVP_PKEY_free(key);
	return err_is_set(e) ? -1 : 0;
}

static int
house_open(struct keeper_house *h, const struct options *o, struct err *e)
{
	unsigned char mac_key[32];

	if (vault_open(&h->vault, o->kek, e) < 0 ||
	    vault_derive(h->vault, "journal mac v1", mac_key, e) < 0 ||
	    journal_open(&h->journal, o->journal, mac_key, e) < 0 ||
	    vault_derive(h->vault, "sign journal mac v1", mac_key, e) < 0 ||
	    signlog_open(&h->signlog, o->sign_journal, mac_key, h->journal, e) < 0)
		return -1;
	vault_set_journal(h->vault, h->journal);
	explicit_bzero(mac_key, sizeof(mac_key));
	close(o->kek);
	h->import = import_new(o->readers);
	h->deliver = o->deliver;
	h->custodians = custodians_new(h->vault, h->journal);
	return own_keys(h, e) < 0 ? -1 : pool_start(&h->pool, e);
}

/* All threads start before the filter; they wait for their first message. */
static int
threads_start(struct keeper_house *h, const struct options *o, struct err *e)
{
	pthread_attr_t attr;
	pthread_t thread;

	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, STACK_SIZE);
	for (int fd = o->first; fd <= o->last; fd++) {
		struct connection *c = calloc(1, sizeof(*c));

		if (c == NULL)
			return err_nomem(e);
		c->fd = fd;
		c->house = h;
		place_nth(&attr, (size_t)(fd - o->first));
		if ((errno = pthread_create(&thread, &attr, serve, c)) != 0)
			return err_errno(e, "start a thread");
		pthread_detach(thread);
	}
	pthread_attr_destroy(&attr);
	return 0;
}

int
main(int argc, char **argv)
{
	static struct keeper_house house;
	struct options o;
	struct err e = { 0 };

	log_name("certwright-keeper");
	if (log_asked(argc, argv, USAGE))
		return 0;
	if (options_read(argc, argv, &o) < 0) {
		fputs(USAGE, stderr);
		return 2;
	}
	house.sandbox = o.no_sandbox ? "none (--no-sandbox)" : "seccomp";
	signal(SIGPIPE, SIG_IGN);
	signal(SIGTERM, SIG_IGN); /* it ends with the front, after the last answer */
	signal(SIGINT, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	mallopt(M_ARENA_MAX, 2);
	if (!sandbox_lock_memory())
		log_warn("keys in use may be written to swap: start certwrightd as root "
			 "with CAP_IPC_LOCK, or with an unlimited RLIMIT_MEMLOCK (ulimit -l)");
	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_ATEXIT, NULL);
	if (sandbox_early(&e) < 0 || house_open(&house, &o, &e) < 0 ||
	    threads_start(&house, &o, &e) < 0 || (!o.no_sandbox && sandbox_close(&e) < 0)) {
		log_err(NULL, &e);
		vault_free(house.vault);
		return err_exit_code(e.kind);
	}
	for (;;)
		poll(NULL, 0, -1);
}
