/*
 * client.c - a stub for each operation of the keeper
 *
 * keys_x pairs by name with answer_x in src/keeper/ops.c.
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "keys/custodians.h"
#include "keys/keeper.h"
#include "wire/channel.h"
#include "wire/scheme.h"

static _Thread_local struct keeper *of_thread;

static const struct {
	enum key_type type;
	uint8_t wire;
	uint16_t bits;
} types[] = {
	{ KEY_RSA_2048, WIRE_RSA, 2048 },
	{ KEY_RSA_3072, WIRE_RSA, 3072 },
	{ KEY_RSA_4096, WIRE_RSA, 4096 },
	{ KEY_EC_P256, WIRE_P256, 0 },
	{ KEY_EC_P384, WIRE_P384, 0 },
	{ KEY_EC_P521, WIRE_P521, 0 },
	{ KEY_ED25519, WIRE_ED25519, 0 },
	{ KEY_RSA_OTHER, WIRE_RSA, 0 },
};

struct keeper *
keeper_attach(int fd)
{
	struct keeper *k = calloc(1, sizeof(*k));

	if (k == NULL)
		abort();
	k->fd = fd;
	return k;
}

void
keeper_detach(struct keeper *k)
{
	if (k == NULL)
		return;
	close(k->fd);
	buf_free(&k->out);
	channel_free(&k->in);
	free(k);
}

void
keys_thread(struct keeper *k)
{
	of_thread = k;
}

struct keeper *
keeper_of_thread(void)
{
	return of_thread;
}

/* A long message to be signed is not copied first: it ends the question. */
static int
send_question(struct keeper *k, const struct message *q)
{
	struct message head = *q;
	struct bytes tail = { NULL, 0 };

	if (q->op == OP_SIGN && q->data.len > CHANNEL_INLINE) {
		tail = q->data;
		head.data = (struct bytes){ NULL, 0 };
	}
	message_pack(&k->out, &head, false);
	if (tail.len > 0) {
		k->out.len -= 4;
		buf_put_u32(&k->out, tail.len > UINT32_MAX ? UINT32_MAX : (uint32_t)tail.len);
	}
	return channel_send_parts(k->fd, k->out.data, k->out.len, tail.data, tail.len);
}

int
keeper_ask(struct keeper *k, struct message *q, struct message *a, struct err *e)
{
	int failed;

	failed = send_question(k, q) < 0 || channel_recv(k->fd, &k->in) < 0;
	buf_reset(&k->out);
	if (failed) {
		err_set(e, R_KEEPER_GONE, NULL, "the keeper does not answer");
		return err_hint(e, "the service restarts by itself; look at its log");
	}
	if (message_unpack(a, k->in.data, k->in.len, true) < 0 || a->op != q->op)
		return err_set(e, R_KEEPER_PROTOCOL, NULL, "the keeper's answer does not fit");
	if (!a->refused)
		return 0;
	if (!err_is_set(e))
		*e = a->why;
	return -1;
}

static struct message
question(uint8_t op, const struct key_wish *w)
{
	struct message q = { .op = op };

	if (w == NULL)
		return q;
	snprintf(q.id, sizeof(q.id), "%s", w->id);
	snprintf(q.tenant, sizeof(q.tenant), "%s", w->tenant);
	q.purposes = w->purposes;
	q.exportable = w->exportable;
	q.tickets = (struct bytes){ .data = w->tickets, .len = w->tickets_len };
	return q;
}

static struct bytes
bytes_of(const void *data, size_t len)
{
	return (struct bytes){ .data = data, .len = len };
}

static void
copy_out(struct arena *a, const struct bytes *b, const unsigned char **out, size_t *len)
{
	*out = arena_dup(a, b->data, b->len);
	*len = b->len;
}

static int
key_made(const struct message *a, struct arena *arena, struct key_made *out, struct err *e)
{
	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < nitems(types) && out->type == KEY_NONE; i++)
		if (types[i].wire == a->type &&
		    (a->type != WIRE_RSA || types[i].bits == a->bits || types[i].bits == 0))
			out->type = types[i].type;
	out->bits = a->bits;
	copy_out(arena, &a->blob, &out->blob, &out->blob_len);
	copy_out(arena, &a->spki, &out->spki, &out->spki_len);
	out->found = a->text[0] == '\0' ? NULL : arena_strdup(arena, a->text);
	if (EVP_Digest(out->spki, out->spki_len, out->spki_sha256, NULL, EVP_sha256(), NULL) != 1)
		return err_set(e, R_INTERNAL, NULL, "could not hash the public key");
	return 0;
}

int
keys_generate(struct keeper *k, const struct key_wish *w, struct arena *arena, struct key_made *out,
    struct err *e)
{
	struct message q = question(OP_GENERATE, w), a = { 0 };

	for (size_t i = 0; i < nitems(types); i++)
		if (types[i].type == w->type) {
			q.type = types[i].wire;
			q.bits = types[i].bits;
		}
	if (keeper_ask(k, &q, &a, e) < 0)
		return -1;
	return key_made(&a, arena, out, e);
}

int
keys_import(struct keeper *k, const struct key_wish *w, const void *file, size_t len,
    const char *passphrase, struct arena *arena, struct key_made *out, struct err *e)
{
	struct message q = question(OP_IMPORT, w), a = { 0 };

	q.data = bytes_of(file, len);
	q.has_passphrase = passphrase != NULL;
	if (passphrase != NULL)
		q.passphrase = bytes_of(passphrase, strlen(passphrase));
	if (keeper_ask(k, &q, &a, e) < 0)
		return -1;
	return key_made(&a, arena, out, e);
}

int
keys_import_sealed(struct keeper *k, const struct key_wish *w, const void *envelope, size_t len,
    struct arena *arena, struct key_made *out, struct err *e)
{
	struct message q = question(OP_IMPORT_SEALED, w), a = { 0 };

	q.data = bytes_of(envelope, len);
	if (keeper_ask(k, &q, &a, e) < 0)
		return -1;
	return key_made(&a, arena, out, e);
}

int
keys_import_key(struct keeper *k, unsigned char out[32], struct err *e)
{
	struct message q = question(OP_IMPORT_KEY, NULL), a = { 0 };

	if (keeper_ask(k, &q, &a, e) < 0)
		return -1;
	memcpy(out, a.hash, 32);
	return 0;
}

int
keys_activate(struct keeper *k, const void *blob, size_t len, const void *leaf, size_t leaf_len,
    struct arena *arena, const unsigned char **out, size_t *out_len, struct err *e)
{
	struct message q = question(OP_ACTIVATE, NULL), a = { 0 };

	q.blob = bytes_of(blob, len);
	q.data = bytes_of(leaf, leaf_len);
	if (keeper_ask(k, &q, &a, e) < 0)
		return -1;
	copy_out(arena, &a.blob, out, out_len);
	return 0;
}

int
keys_serials(struct keeper *k, unsigned count, unsigned char *out, struct err *e)
{
	struct message q = question(OP_SERIAL, NULL), a = { 0 };

	q.count = count > UINT16_MAX ? UINT16_MAX : (uint16_t)count;
	if (keeper_ask(k, &q, &a, e) < 0)
		return -1;
	if (a.data.len == 0 || a.data.len != (size_t)count * 16)
		return err_set(e, R_KEEPER_PROTOCOL, NULL, "the keeper's answer does not fit");
	memcpy(out, a.data.data, a.data.len);
	return 0;
}

int
keys_unreconciled(struct keeper *k, uint64_t after, uint64_t *position, char key_id[ID_SIZE],
    struct arena *arena, const unsigned char **tbs, size_t *len, struct err *e)
{
	struct message q = question(OP_UNRECONCILED, NULL), a = { 0 };

	q.sequence = after;
	if (keeper_ask(k, &q, &a, e) < 0)
		return -1;
	*position = a.sequence;
	memcpy(key_id, a.id, ID_SIZE);
	*tbs = NULL;
	*len = 0;
	if (a.data.len > 0)
		copy_out(arena, &a.data, tbs, len);
	return 0;
}

int
keys_checkpoint(struct keeper *k, uint64_t position, struct err *e)
{
	struct message q = question(OP_CHECKPOINT, NULL), a = { 0 };

	q.sequence = position;
	return keeper_ask(k, &q, &a, e);
}

/* The scheme by which a key of this type makes certificates with this digest. */
static uint8_t
scheme_of(enum key_type type, const char *digest)
{
	static const char *const names[] = { "sha256", "sha384", "sha512" };
	bool ec = type >= KEY_EC_P256 && type <= KEY_EC_P521;
	unsigned md = type == KEY_EC_P384 ? 384 : type == KEY_EC_P521 ? 512 : 256;
	const struct scheme *s;

	if (type == KEY_ED25519)
		return SCHEME_ED25519;
	for (unsigned i = 0; digest != NULL && i < nitems(names); i++) {
		md = 256 + 128 * i;
		if (strcmp(names[i], digest) == 0)
			break;
		md = 0;
	}
	s = scheme_for(ec ? "EC" : "RSA", md, false);
	return s == NULL ? 0 : s->number;
}

int
keys_sign(struct keeper *k, const void *blob, size_t len, enum key_purpose purpose,
    enum key_type type, const char *digest, const void *message, size_t message_len,
    struct arena *arena, const unsigned char **signature, size_t *signature_len, struct err *e)
{
	struct message q = question(OP_SIGN, NULL), a = { 0 };

	q.purposes = purpose;
	q.scheme = scheme_of(type, digest);
	q.blob = bytes_of(blob, len);
	q.data = bytes_of(message, message_len);
	if (keeper_ask(k, &q, &a, e) < 0)
		return -1;
	copy_out(arena, &a.data, signature, signature_len);
	return 0;
}

int
keys_export(struct keeper *k, const void *blob, size_t len, const struct key_leave *how,
    struct arena *arena, const unsigned char **out, size_t *out_len, struct err *e)
{
	struct message q = question(OP_EXPORT, NULL), a = { 0 };

	q.blob = bytes_of(blob, len);
	q.format = (uint8_t)how->format;
	q.has_passphrase = how->passphrase != NULL;
	if (how->passphrase != NULL)
		q.passphrase = bytes_of(how->passphrase, strlen(how->passphrase));
	q.data = bytes_of(how->certificates, how->certificates_len);
	q.tickets = bytes_of(how->tickets, how->tickets_len);
	if (keeper_ask(k, &q, &a, e) < 0)
		return -1;
	copy_out(arena, &a.data, out, out_len);
	return 0;
}

int
keys_destroy(struct keeper *k, const void *blob, size_t len, struct err *e)
{
	struct message q = question(OP_DESTROY, NULL), a = { 0 };

	q.blob = bytes_of(blob, len);
	return keeper_ask(k, &q, &a, e);
}

int
keys_deliver(struct keeper *k, const void *blob, size_t len, const unsigned char ticket[32],
    const char *target, struct err *e)
{
	struct message q = question(OP_DELIVER, NULL), a = { 0 };

	q.blob = bytes_of(blob, len);
	memcpy(q.hash, ticket, sizeof(q.hash));
	snprintf(q.text, sizeof(q.text), "%s", target);
	return keeper_ask(k, &q, &a, e);
}

int
keys_hmac(struct keeper *k, const void *data, size_t len, unsigned char out[32], struct err *e)
{
	struct message q = question(OP_HMAC, NULL), a = { 0 };

	q.data = bytes_of(data, len);
	if (keeper_ask(k, &q, &a, e) < 0)
		return -1;
	memcpy(out, a.hash, 32);
	return 0;
}

static int
seal_or_unseal(struct keeper *k, uint8_t op, const char *aad, const void *data, size_t len,
    struct arena *arena, const unsigned char **out, size_t *out_len, struct err *e)
{
	struct message q = question(op, NULL), a = { 0 };

	snprintf(q.text, sizeof(q.text), "%s", aad);
	q.data = bytes_of(data, len);
	if (keeper_ask(k, &q, &a, e) < 0)
		return -1;
	copy_out(arena, &a.data, out, out_len);
	return 0;
}

int
keys_seal(struct keeper *k, const char *aad, const void *data, size_t len, struct arena *arena,
    const unsigned char **out, size_t *out_len, struct err *e)
{
	return seal_or_unseal(k, OP_SEAL, aad, data, len, arena, out, out_len, e);
}

int
keys_unseal(struct keeper *k, const char *aad, const void *data, size_t len, struct arena *arena,
    const unsigned char **out, size_t *out_len, struct err *e)
{
	return seal_or_unseal(k, OP_UNSEAL, aad, data, len, arena, out, out_len, e);
}

int
keys_anchor(struct keeper *k, const void *blob, size_t len, uint64_t sequence,
    const unsigned char hash[32], struct arena *arena, const unsigned char **out, size_t *out_len,
    struct err *e)
{
	struct message q = question(OP_ANCHOR, NULL), a = { 0 };

	q.blob = bytes_of(blob, len);
	q.sequence = sequence;
	memcpy(q.hash, hash, 32);
	if (keeper_ask(k, &q, &a, e) < 0)
		return -1;
	copy_out(arena, &a.data, out, out_len);
	return 0;
}

int
keys_state(struct keeper *k, struct keeper_state *s, struct err *e)
{
	struct message q = question(OP_STATE, NULL), a = { 0 };

	if (keeper_ask(k, &q, &a, e) < 0)
		return -1;
	memset(s, 0, sizeof(*s));
	s->anchored_sequence = a.sequence;
	memcpy(s->anchored_hash, a.hash, 32);
	memcpy(s->kek_id, a.kek_id, sizeof(s->kek_id));
	for (int i = 0; i < 3; i++) {
		s->pool_have[i] = a.pool_have[i];
		s->pool_want[i] = a.pool_want[i];
	}
	s->destroyed = a.destroyed;
	s->unreconciled = a.unreconciled;
	snprintf(s->sandbox, sizeof(s->sandbox), "%.63s", a.text);
	return 0;
}
