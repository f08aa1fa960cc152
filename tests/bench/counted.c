/*
 * counted.c - what the counted paths find when they begin
 */
#include <sys/socket.h>

#include <stdio.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "../../src/routes.h"
#include "base/io.h"
#include "counted.h"
#include "front/assets.h"
#include "op/op_authority.h"
#include "wire/channel.h"
#include "x509/csr.h"
#include "x509/der.h"

static char folder[64];
static struct db *db;
static int peer;
static struct buf answer;
static struct incoming question;

void
counted_check(struct counted *c, int result, const char *what)
{
	if (result == 0)
		return;
	fprintf(stderr, "%s: %s\n", what, c->cx.err.message);
	exit(1);
}

/* ---- the keeper --------------------------------------------------------------- */

static void
open_keeper(struct counted *c)
{
	static const unsigned char signature[71] = { DER_SEQUENCE, 69, DER_INTEGER, 33, 0, 0x80 };
	struct message m = { .op = OP_SIGN, .data = { signature, sizeof(signature) } };
	int pair[2];

	CHECK(c, socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair));
	peer = pair[1];
	c->cx.keeper = keeper_attach(pair[0]);
	keys_thread(c->cx.keeper);
	CHECK(c, keys_provider_load(&c->cx.err));
	message_pack(&answer, &m, true);
}

void
counted_signature(struct counted *c)
{
	CHECK(c, channel_send(peer, answer.data, answer.len));
}

void
counted_drain(struct counted *c)
{
	CHECK(c, channel_recv(peer, &question));
}

/* ---- rows ----------------------------------------------------------------------- */

static void
read_csr(struct counted *c, const char *share)
{
	struct der all, outer, tbs;
	unsigned char tag;
	struct csr *csr;
	char path[4096];

	snprintf(path, sizeof(path), "%s/tests/fuzz/corpus/csr/full.der", share);
	CHECK(c, file_read(&c->csr, path, LIMIT_CSR, &c->cx.err));
	all = der_of(c->csr.data, c->csr.len);
	CHECK(c, der_next(&all, &tag, &outer, NULL));
	all = outer;
	CHECK(c, der_next(&all, &tag, &outer, &tbs));
	c->tbs = (struct bytes){ tbs.data, tbs.len };
	CHECK(c, csr_parse(&csr, c->csr.data, c->csr.len, &c->cx.err));
	c->spki.data = memmem(c->csr.data, c->csr.len, csr_spki(csr, &c->spki.len), 16);
	csr_sha256(csr, c->request.sha256);
	CHECK(c, csr_spki_sha256(csr, c->key.spki_sha256));
	csr_free(csr);
}

static void
fill_rows(struct counted *c, struct cert_row *cert)
{
	c->portal = (struct identity){ .id = "portal",
		.name = "portal",
		.country = "US",
		.state = "New Jersey",
		.locality = "Hackensack",
		.organization = "Example Video, Inc.",
		.unit = "Conferencing",
		.common_name = "portal.example.com",
		.email = "pki@example.com",
		.names = "*.portal.example.com",
		.active = "cert",
		.generation = 1 };
	snprintf(c->key.id, ID_SIZE, "key");
	snprintf(c->key.identity, ID_SIZE, "portal");
	c->key.generation = 1;
	c->key.type = "ec:P-256";
	c->key.origin = "generated";
	c->key.bits = 256;
	c->key.blob = (const unsigned char *)"blob";
	c->key.blob_len = 4;
	c->key.spki = c->spki.data;
	c->key.spki_len = c->spki.len;
	snprintf(c->request.identity, ID_SIZE, "portal");
	snprintf(c->request.key, ID_SIZE, "key");
	memcpy(c->request.spki_sha256, c->key.spki_sha256, SPKI_SHA256_SIZE);
	c->request.state = "pending";
	c->request.der = c->csr.data;
	c->request.der_len = c->csr.len;
	c->request.subject = "C=US\nO=Example\nCN=a.example.com";
	c->request.names = "a.example.com\n*.b.example.com";
	c->request.digest = "sha256";
	c->request.created_by = "counted";
	*cert = (struct cert_row){ .id = "cert",
		.identity = "portal",
		.key = "key",
		.der = (const unsigned char *)"d",
		.der_len = 1,
		.serial = "01",
		.subject = "CN=portal.example.com",
		.issuer = "CN=Example TLS CA 1",
		.names = "portal.example.com\n*.portal.example.com",
		.origin = "answer",
		.not_before = COUNTED_NOW - 30 * 86400,
		.not_after = COUNTED_NOW + 60 * 86400 };
}

static void
open_store(struct counted *c)
{
	struct ctx *cx = &c->cx;
	struct cert_row cert;

	snprintf(folder, sizeof(folder), "/tmp/cw-counted-XXXXXX");
	if (mkdtemp(folder) == NULL || chdir(folder) < 0)
		exit(1);
	CHECK(c, db_open(&db, "certwright.db", &cx->err));
	cx->db = db_attach(db);
	fill_rows(c, &cert);
	CHECK(c, db_begin(cx));
	CHECK(c, store_identity_insert(cx, &c->portal));
	CHECK(c, store_key_insert(cx, &c->key));
	CHECK(c, store_cert_insert(cx, &cert));
	CHECK(c, db_commit(cx));
}

/* ---- the house -------------------------------------------------------------------- */

static bool
serves(struct tls_slot *slot, const unsigned char sha256[32])
{
	return true;
}

void
counted_open(struct counted *c, const char *share)
{
	static const char *addresses[] = { "127.0.0.1:8443" };
	struct templates *templates = NULL;
	struct assets *assets = NULL;
	struct routes *routes = NULL;
	struct ctx *cx = &c->cx;
	char cards[4096];

	memset(c, 0, sizeof(*c));
	cx->arena = arena_new();
	cx->house = &c->house;
	cx->now = COUNTED_NOW;
	cx->actor.kind = ACTOR_ACCOUNT;
	cx->actor.role = ROLE_OPERATOR;
	snprintf(cx->actor.name, sizeof(cx->actor.name), "counted");
	snprintf(cx->actor.source, sizeof(cx->actor.source), "192.0.2.1");
	snprintf(cx->tenant, sizeof(cx->tenant), "%s", TENANT_SYSTEM);
	c->house.serves = serves;
	c->house.addresses = addresses;
	c->house.naddresses = nitems(addresses);
	snprintf(cards, sizeof(cards), "%s/share/authorities", share);
	CHECK(c, cards_load(&c->house.cards, cards, false, &cx->err));
	CHECK(c, assets_load(&assets, &templates, share, &cx->err));
	CHECK(c, routes_new(&routes, route_tables, templates, &cx->err));
	c->view = (struct view_house){ .templates = templates, .routes = routes };
	read_csr(c, share);
	open_keeper(c);
	open_store(c);
}

void
counted_close(struct counted *c)
{
	static const char *const files[] = { "certwright.db", "certwright.db-wal",
		"certwright.db-shm" };

	db_detach(c->cx.db);
	db_close(db);
	for (size_t i = 0; i < nitems(files); i++)
		unlink(files[i]);
	if (chdir("/") == 0)
		rmdir(folder);
}
