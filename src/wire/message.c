/*
 * message.c - the keeper protocol: every message, packed and unpacked
 */
#include "wire/message.h"

/*
 * i id  t tenant  k type and bits  p purposes  x exportable  s scheme
 * e format  c count  n sequence  h hash  b blob  d data  S spki  f passphrase
 * a text  K code  T tickets  Z state
 */
static const struct {
	const char *name;
	const char *question;
	const char *answer;
} rows[OP_COUNT] = {
	[OP_STATE] = { "state", "", "Znha" },
	[OP_GENERATE] = { "generate", "itkpx", "kbS" },
	[OP_IMPORT] = { "import", "itpxdfT", "kbSa" },
	[OP_IMPORT_SEALED] = { "import-sealed", "itpxdT", "kbSa" },
	[OP_IMPORT_KEY] = { "import-key", "", "h" },
	[OP_ACTIVATE] = { "activate", "bd", "b" },
	[OP_SIGN] = { "sign", "psbd", "d" },
	[OP_EXPORT] = { "export", "befdT", "d" },
	[OP_HMAC] = { "hmac", "d", "h" },
	[OP_SEAL] = { "seal", "ad", "d" },
	[OP_UNSEAL] = { "unseal", "ad", "d" },
	[OP_DESTROY] = { "destroy", "b", "" },
	[OP_ANCHOR] = { "anchor", "bnh", "d" },
	[OP_SERIAL] = { "serial", "c", "d" },
	[OP_UNRECONCILED] = { "unreconciled", "n", "nid" },
	[OP_CHECKPOINT] = { "checkpoint", "n", "" },
	[OP_CODE] = { "code", "itdK", "n" },
	[OP_APPROVE] = { "approve", "itdKa", "dn" },
	[OP_CUSTODIAN_ADD] = { "custodian-add", "itdT", "" },
	[OP_CUSTODIAN_REMOVE] = { "custodian-remove", "iT", "" },
	[OP_CUSTODIANS] = { "custodians", "", "d" },
	[OP_SIGN_SEVERAL] = { "sign-several", "d", "d" },
	[OP_DELIVER] = { "deliver", "bha", "" },
};

const char *
message_name(uint8_t op)
{
	return op < OP_COUNT && rows[op].name != NULL ? rows[op].name : "?";
}

static void
pack_state(struct buf *b, const struct message *m)
{
	for (int i = 0; i < 3; i++) {
		buf_put_u16(b, m->pool_have[i]);
		buf_put_u16(b, m->pool_want[i]);
	}
	buf_put_u32(b, m->destroyed);
	buf_put(b, m->kek_id, sizeof(m->kek_id));
	buf_put_u32(b, m->unreconciled);
}

static int
unpack_state(struct view *v, struct message *m)
{
	const unsigned char *p;

	for (int i = 0; i < 3; i++) {
		view_u16(v, &m->pool_have[i]);
		view_u16(v, &m->pool_want[i]);
	}
	view_u32(v, &m->destroyed);
	if (view_bytes(v, &p, sizeof(m->kek_id)) < 0)
		return -1;
	memcpy(m->kek_id, p, sizeof(m->kek_id));
	return view_u32(v, &m->unreconciled);
}

static void
pack_field(struct buf *b, const struct message *m, char field)
{
	switch (field) {
	case 'i':
		buf_put_cstring(b, m->id);
		break;
	case 't':
		buf_put_cstring(b, m->tenant);
		break;
	case 'k':
		buf_put_u8(b, m->type);
		buf_put_u16(b, m->bits);
		break;
	case 'p':
		buf_put_u32(b, m->purposes);
		break;
	case 'x':
		buf_put_u8(b, m->exportable);
		break;
	case 's':
		buf_put_u8(b, m->scheme);
		break;
	case 'e':
		buf_put_u8(b, m->format);
		break;
	case 'c':
		buf_put_u16(b, m->count);
		break;
	case 'n':
		buf_put_u64(b, m->sequence);
		break;
	case 'h':
		buf_put(b, m->hash, sizeof(m->hash));
		break;
	case 'b':
		buf_put_string(b, m->blob.data, m->blob.len);
		break;
	case 'd':
		buf_put_string(b, m->data.data, m->data.len);
		break;
	case 'S':
		buf_put_string(b, m->spki.data, m->spki.len);
		break;
	case 'f':
		buf_put_u8(b, m->has_passphrase);
		buf_put_string(b, m->passphrase.data, m->passphrase.len);
		break;
	case 'a':
		buf_put_cstring(b, m->text);
		break;
	case 'K':
		buf_put_u32(b, m->code);
		break;
	case 'T':
		buf_put_string(b, m->tickets.data, m->tickets.len);
		break;
	case 'Z':
		pack_state(b, m);
		break;
	}
}

static int
unpack_bytes(struct view *v, struct bytes *out)
{
	return view_string(v, &out->data, &out->len, v->len);
}

static int
unpack_flag(struct view *v, uint8_t *flag)
{
	return view_u8(v, flag) < 0 || *flag > 1 ? -1 : 0;
}

static int
unpack_number(struct view *v, struct message *m, char field)
{
	switch (field) {
	case 'p':
		return view_u32(v, &m->purposes);
	case 's':
		return view_u8(v, &m->scheme);
	case 'e':
		return view_u8(v, &m->format);
	case 'c':
		return view_u16(v, &m->count);
	case 'n':
		return view_u64(v, &m->sequence);
	case 'K':
		return view_u32(v, &m->code);
	}
	return -1;
}

static int
unpack_field(struct view *v, struct message *m, char field)
{
	const unsigned char *p;
	uint8_t flag;

	switch (field) {
	case 'i':
		return view_cstring(v, m->id, sizeof(m->id));
	case 't':
		return view_cstring(v, m->tenant, sizeof(m->tenant));
	case 'k':
		return view_u8(v, &m->type) < 0 ? -1 : view_u16(v, &m->bits);
	case 'x':
		return unpack_flag(v, &m->exportable);
	case 'h':
		if (view_bytes(v, &p, sizeof(m->hash)) < 0)
			return -1;
		memcpy(m->hash, p, sizeof(m->hash));
		return 0;
	case 'b':
		return unpack_bytes(v, &m->blob);
	case 'd':
		return unpack_bytes(v, &m->data);
	case 'S':
		return unpack_bytes(v, &m->spki);
	case 'f':
		if (unpack_flag(v, &flag) < 0)
			return -1;
		m->has_passphrase = flag;
		return unpack_bytes(v, &m->passphrase);
	case 'a':
		return view_cstring(v, m->text, sizeof(m->text));
	case 'T':
		return unpack_bytes(v, &m->tickets);
	case 'Z':
		return unpack_state(v, m);
	}
	return unpack_number(v, m, field);
}

void
why_pack(struct buf *b, const struct err *e)
{
	buf_put_cstring(b, refusal_id(e->refusal));
	buf_put_cstring(b, e->field);
	buf_put_cstring(b, e->message);
	buf_put_cstring(b, e->hint);
}

int
why_unpack(struct view *v, struct err *e)
{
	char id[64];

	if (view_cstring(v, id, sizeof(id)) < 0 ||
	    view_cstring(v, e->field, sizeof(e->field)) < 0 ||
	    view_cstring(v, e->message, sizeof(e->message)) < 0 ||
	    view_cstring(v, e->hint, sizeof(e->hint)) < 0)
		return -1;
	if ((e->refusal = refusal_by_id(id)) == REFUSAL_NONE)
		e->refusal = R_INTERNAL;
	e->kind = refusal_kind(e->refusal);
	return 0;
}

void
message_pack(struct buf *out, const struct message *m, bool answer)
{
	buf_reset(out);
	buf_put_u8(out, WIRE_VERSION);
	buf_put_u8(out, m->op);
	if (answer)
		buf_put_u8(out, m->refused);
	if (answer && m->refused) {
		why_pack(out, &m->why);
		return;
	}
	for (const char *f = answer ? rows[m->op].answer : rows[m->op].question; *f != '\0'; f++)
		pack_field(out, m, *f);
}

int
message_unpack(struct message *m, const void *data, size_t len, bool answer)
{
	struct view v = view_of(data, len);
	uint8_t version = 0, flag = 0;

	memset(m, 0, sizeof(*m));
	if (view_u8(&v, &version) < 0 || version != WIRE_VERSION || view_u8(&v, &m->op) < 0 ||
	    m->op >= OP_COUNT || rows[m->op].name == NULL)
		return -1;
	if (answer && unpack_flag(&v, &flag) < 0)
		return -1;
	m->refused = flag;
	if (m->refused)
		return why_unpack(&v, &m->why) < 0 ? -1 : view_end(&v);
	for (const char *f = answer ? rows[m->op].answer : rows[m->op].question; *f != '\0'; f++)
		if (unpack_field(&v, m, *f) < 0)
			return -1;
	return view_end(&v);
}
