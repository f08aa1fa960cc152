/*
 * install_fake.c - a CA that answers, a reader that finds PEM, listeners that count
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <openssl/pem.h>

#include "install_fake.h"
#include "op/op_authority.h"
#include "op/op_identity.h"
#include "op/op_install.h"
#include "op/op_key.h"
#include "x509/cert.h"

struct fake_input fake_input;
enum refusal fake_reader_refusal, fake_serve_refusal;
unsigned fake_presented;
char fake_presented_id[ID_SIZE];
unsigned char fake_presented_sha256[32];
unsigned fake_served;
unsigned char fake_served_sha256[32];
bool fake_serve_in_transaction;
const char *fake_root, *fake_inter;

static EVP_PKEY *root_key, *inter_key, *stranger;
static X509 *root, *inter;

static const char *
pem_of(struct ctx *cx, X509 *cert)
{
	unsigned char *der = NULL;
	int n = i2d_X509(cert, &der);
	const char *pem = cert_pem_of_der(cx->arena, der, (size_t)n);

	OPENSSL_free(der);
	return pem;
}

/* ---- reader and listeners ------------------------------------------------------ */

int
readers_bundle(struct readers *r, const struct reader_file *files, size_t n, const char *passphrase,
    struct arena *a, struct reader_bundle *out, struct err *e)
{
	memset(out, 0, sizeof(*out));
	fake_input = (struct fake_input){ .n = n, .passphrase = passphrase };
	if (fake_reader_refusal != REFUSAL_NONE)
		return err_set(e, fake_reader_refusal, "passphrase", "said by the test");
	out->certs = arena_new_array(a, 32, struct reader_object);
	for (size_t i = 0; i < n; i++) {
		fake_input.name[i] = files[i].name == NULL ? NULL : arena_strdup(a, files[i].name);
		fake_input.data[i] = arena_dup(a, files[i].data, files[i].len);
		BIO *in = BIO_new_mem_buf(files[i].data, (int)files[i].len);
		char *name, *header;
		unsigned char *der;
		long len;

		while (PEM_read_bio(in, &name, &header, &der, &len) == 1) {
			struct reader_object *o = &out->certs[out->ncerts++];

			o->der = arena_dup(a, der, (size_t)len);
			o->len = (size_t)len;
			o->from = arena_printf(a, "%s, PEM block %zu", files[i].name, out->ncerts);
			OPENSSL_free(name);
			OPENSSL_free(header);
			OPENSSL_free(der);
		}
		BIO_free(in);
	}
	out->repairs = arena_new_array(a, 1, const char *);
	out->repairs[out->nrepairs++] = "said by the test";
	return out->ncerts > 0 ? 0 : err_set(e, R_BUNDLE_NONE, "files", "no certificate");
}

static int
serve(struct tls_slot *slot, X509 *leaf, STACK_OF(X509) * chain, EVP_PKEY *key, struct err *e)
{
	fake_served++;
	fake_serve_in_transaction = db_in_transaction(fake_cx);
	assert_int_equal(X509_check_private_key(leaf, key), 1);
	assert_int_equal(X509_digest(leaf, EVP_sha256(), fake_served_sha256, NULL), 1);
	return 0;
}

static int
serve_check(X509 *leaf, STACK_OF(X509) * chain, EVP_PKEY *key, struct err *e)
{
	return fake_serve_refusal == REFUSAL_NONE
	    ? 0
	    : err_set(e, fake_serve_refusal, NULL, "said by the test");
}

static bool
serves(struct tls_slot *slot, const unsigned char sha256[32])
{
	return memcmp(sha256, fake_served_sha256, 32) == 0;
}

static void
present(struct sni *s, const struct sni_offer *o)
{
	fake_presented++;
	snprintf(fake_presented_id, sizeof(fake_presented_id), "%s", o->identity);
	memcpy(fake_presented_sha256, o->sha256, sizeof(fake_presented_sha256));
}

static bool
presents(struct sni *s, const char *identity, const unsigned char sha256[32])
{
	return strcmp(identity, fake_presented_id) == 0 &&
	    memcmp(sha256, fake_presented_sha256, 32) == 0;
}

/* ---- the CA ---------------------------------------------------------------------- */

static void
make_authority(void)
{
	root_key = make_key("ec:P-256");
	inter_key = make_key("ec:P-256");
	stranger = make_key("ec:P-256");
	root = make_ca("Example Root R1", root_key, NULL, NULL);
	inter = make_ca("Example TLS CA 1", inter_key, root, root_key);
}

const char *
fake_cert(struct ctx *cx, struct make m)
{
	const char *pem;
	X509 *cert;

	if (m.issuer == NULL) {
		m.issuer = inter;
		m.issuer_key = inter_key;
	}
	cert = make_cert(&m);
	pem = pem_of(cx, cert);
	X509_free(cert);
	return pem;
}

EVP_PKEY *
fake_stranger(void)
{
	return stranger;
}

const char *
fake_leaf(struct ctx *cx, const struct key_row *k, const char *names)
{
	char *sans = arena_printf(cx->arena, "subjectAltName="), *copy, *save = NULL;
	struct make m = { .subject = arena_dup(cx->arena, names, strcspn(names, " ")),
		.key = fake_key_of(k->spki, k->spki_len),
		.extensions = {
		    "basicConstraints=critical,CA:FALSE", "extendedKeyUsage=serverAuth" } };

	copy = arena_strdup(cx->arena, names);
	for (char *p = strtok_r(copy, " ", &save); p != NULL; p = strtok_r(NULL, " ", &save))
		sans = arena_printf(
		    cx->arena, "%s%sDNS:%s", sans, sans[strlen(sans) - 1] == '=' ? "" : ",", p);
	m.extensions[2] = sans;
	return fake_cert(cx, m);
}

void
fake_listeners(struct house *h)
{
	h->serve = serve;
	h->serve_check = serve_check;
	h->serves = serves;
	h->present = present;
	h->presents = presents;
	fake_presented = 0;
	fake_serve_refusal = fake_reader_refusal = REFUSAL_NONE;
	fake_served = 0;
	fake_serve_in_transaction = false;
}

/* ---- a house with a portal --------------------------------------------------------- */

int
install_fake_open(void **state)
{
	struct identity i;
	struct fake *f;

	fake_open(state);
	f = *state;
	procedure_fake_reset(&f->cx);
	fake_listeners(&f->house);
	if (root == NULL)
		make_authority();
	fake_root = pem_of(fake_cx, root);
	fake_inter = pem_of(fake_cx, inter);
	fake_request(fake_cx, MAKE_NOW, "192.0.2.1");
	fake_cx->actor.kind = ACTOR_ACCOUNT;
	fake_cx->actor.role = ROLE_SUPER;
	strcpy(fake_cx->actor.name, "root");
	assert_done(fake_cx, cards_load(&f->house.cards, CARDS, false, &fake_cx->err));
	assert_done(fake_cx, op_identity_create(fake_cx, IDENTITY_PORTAL, &i));
	fake_new_key(fake_cx, IDENTITY_PORTAL);
	return 0;
}

int
install_fake_close(void **state)
{
	cards_free(((struct fake *)*state)->house.cards);
	return fake_close(state);
}

struct identity
fake_identity(struct ctx *cx, const char *name)
{
	struct identity i;

	assert_done(cx, op_identity_load(cx, name, &i));
	return i;
}

struct key_row
fake_new_key(struct ctx *cx, const char *identity)
{
	struct key_row k;

	assert_done(cx, op_key_generate(cx, identity, "ec:P-256", false, &k));
	return k;
}

struct request_row
fake_request_of(struct ctx *cx, const char *identity, const char *names)
{
	struct identity i = fake_identity(cx, identity);
	char *lines = arena_strdup(cx->arena, names);
	struct csr_typed typed = { .country = "US",
		.state = "New Jersey",
		.locality = "Hackensack",
		.organization = "Example Video, Inc.",
		.unit = "R&D",
		.common_name = arena_dup(cx->arena, names, strcspn(names, " ")),
		.email = "pki@example.com",
		.names = lines };
	struct request_row r;
	struct key_row k;

	for (char *p = lines; *p != '\0'; p++)
		if (*p == ' ')
			*p = '\n';
	assert_done(cx, op_csr_regenerate(cx, &i, &typed, &r, &k));
	return r;
}

int
fake_read(
    struct ctx *cx, const char *identity, const char *pem, const char *request, struct answer *a)
{
	struct reader_file file = { "answer.pem", pem, strlen(pem) };
	struct answer_input in = { .files = &file, .n = 1, .request = request };
	struct identity i = fake_identity(cx, identity);

	return op_answer_read(cx, &i, &in, a);
}

struct cert_row
fake_installed(struct ctx *cx, const char *identity, const char *names)
{
	struct identity i = fake_identity(cx, identity);
	AUTO_ANSWER struct answer a = { 0 };
	struct cert_row c;
	struct key_row k;

	assert_done(cx, op_key_for_csr(cx, &i, &k));
	assert_done(cx,
	    fake_read(cx, identity,
		arena_printf(cx->arena, "%s%s", fake_leaf(cx, &k, names), fake_inter), NULL, &a));
	assert_done(cx, op_install(cx, &a, NULL, &c));
	return c;
}
