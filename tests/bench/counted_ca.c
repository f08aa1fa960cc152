/*
 * counted_ca.c - an authority of our own for the counted path that issues
 *
 * The real keeper answers, on a thread of its own, which is not counted: its
 * vault and its two journals are files in memory.
 */
#include <sys/mman.h>
#include <sys/socket.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "base/config.h"
#include "counted.h"
#include "keeper/journal.h"
#include "keeper/ops.h"
#include "keeper/signlog.h"
#include "keeper/vault.h"
#include "op/op_ca.h"
#include "wire/channel.h"
#include "x509/csr.h"

static struct keeper_house house;

static void *
serve(void *arg)
{
	int fd = *(int *)arg;
	struct answer a = { 0 };
	struct incoming in = { 0 };
	struct buf out = { 0 };

	while (channel_recv(fd, &in) == 0 && ops_answer(&house, in.data, in.len, &a, &out) == 0 &&
	    channel_send(fd, out.data, out.len) == 0)
		;
	return NULL;
}

static int
file_in_memory(size_t size)
{
	int fd = memfd_create("counted", MFD_CLOEXEC);

	if (fd < 0 || ftruncate(fd, (off_t)size) < 0)
		exit(1);
	return fd;
}

static void
open_house(struct counted *c)
{
	unsigned char mac[32] = { 0 };
	struct err *e = &c->cx.err;

	CHECK(c, vault_open(&house.vault, file_in_memory(KEK_SIZE), e));
	CHECK(c, journal_open(&house.journal, file_in_memory(0), mac, e));
	CHECK(c, signlog_open(&house.signlog, file_in_memory(0), mac, house.journal, e));
	vault_set_journal(house.vault, house.journal);
}

/* {"csr": "-----BEGIN ..."} */
static void
make_body(struct counted *c)
{
	struct csr_wish w = { .country = "US",
		.state = "New Jersey",
		.locality = "Hackensack",
		.organization = "Example",
		.unit = "Conf",
		.common_name = "portal.example.com" };
	EVP_PKEY *key = EVP_EC_gen("P-256");
	json_t *o = json_object();
	struct csr *csr;

	CHECK(c,
	    names_parse(&c->cx.err, "names", "www.portal.example.com", w.common_name, c->cx.arena,
		&w.names));
	CHECK(c, csr_compose(&csr, &w, key, &c->cx.err));
	json_object_set_new(o, "csr", json_string(csr_pem(c->cx.arena, csr)));
	c->body = json_dumps(o, 0);
	json_decref(o);
	csr_free(csr);
	EVP_PKEY_free(key);
}

void
counted_authority(struct counted *c)
{
	static const struct config config = { .http_url = "http://pki.example.com" };
	static const struct ca_order order = { .name = "house" };
	static int pair[2];
	pthread_t thread;

	if (c->body != NULL)
		return;
	open_house(c);
	CHECK(c, socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair));
	CHECK(c, pthread_create(&thread, NULL, serve, &pair[1]));
	c->cx.keeper = keeper_attach(pair[0]);
	keys_thread(c->cx.keeper);
	c->cx.config = &config;
	CHECK(c, op_ca_create(&c->cx, &order));
	make_body(c);
}
