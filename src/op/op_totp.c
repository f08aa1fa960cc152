/*
 * op_totp.c - one-time codes (RFC 6238) as a second factor
 *
 * The seed is sealed by the keeper and bound to its row, shown once, and on
 * only when a code proved that it arrived. The keeper judges codes, too: the
 * seed of a custodian never leaves it. A step is accepted once.
 */
#include <openssl/crypto.h>
#include <qrencode.h>

#include "base/buf.h"
#include "base/clock.h"
#include "keys/keys.h"
#include "op/op_access.h"
#include "op/op_attempt.h"
#include "op/op_custodian.h"
#include "op/op_totp.h"

#define SEED_SIZE 20
#define PENDING	  (-1) /* totp_step of a seed not yet confirmed */
#define DIGITS	  6

bool
totp_is_on(const struct account *a)
{
	return a->totp != NULL && a->totp_len > 0 && a->totp_step != PENDING;
}

static const char *
seed_aad(struct ctx *cx, const struct account *a)
{
	return arena_printf(cx->arena, "account/%s/%s/totp", a->tenant, a->id);
}

static int
code_wrong(struct ctx *cx)
{
	err_set(&cx->err, R_CODE_WRONG, "code", "the code is wrong or no longer valid");
	return err_hint(&cx->err, "use the code shown now; check the clock of the telephone");
}

int
totp_code(struct ctx *cx, const char *text, uint32_t *code)
{
	int n = 0;

	*code = 0;
	for (; text != NULL && *text != '\0'; text++) {
		if (*text == ' ')
			continue;
		if (*text < '0' || *text > '9' || n++ == DIGITS)
			return code_wrong(cx);
		*code = *code * 10 + (uint32_t)(*text - '0');
	}
	return n == DIGITS ? 0 : code_wrong(cx);
}

struct key_person
totp_person(struct ctx *cx, const struct account *a)
{
	return (struct key_person){
		.tenant = a->tenant, .id = a->id, .seed = a->totp, .seed_len = a->totp_len
	};
}

int
totp_check(struct ctx *cx, const struct account *a, const char *text, int64_t *step)
{
	struct key_person who = totp_person(cx, a);
	uint32_t code;

	if (totp_code(cx, text, &code) < 0)
		return -1;
	return keys_code(cx->keeper, &who, code, step, &cx->err);
}

/* ---- own account ------------------------------------------------------------- */
static int
own_account(struct ctx *cx, struct account *a)
{
	if (cx->actor.id[0] == '\0') {
		err_set(&cx->err, R_ACCOUNT_NONE, NULL, "the local administrator has no account");
		return err_hint(&cx->err, "sign in at the portal");
	}
	return store_account_load(cx, cx->actor.id, a);
}

/* RFC 4648 section 6, no padding: 20 bytes are 32 characters. */
static const char *
base32(struct ctx *cx, const unsigned char *data, size_t n)
{
	static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
	char *out = arena_alloc(cx->arena, n * 8 / 5 + 2), *p = out;
	unsigned bits = 0, value = 0;

	for (size_t i = 0; i < n; i++) {
		value = value << 8 | data[i];
		for (bits += 8; bits >= 5; bits -= 5)
			*p++ = alphabet[value >> (bits - 5) & 31];
		value &= (1U << bits) - 1;
	}
	if (bits > 0)
		*p++ = alphabet[value << (5 - bits) & 31];
	return out;
}

/* One path for the whole picture: a bar for each run of dark modules. */
static int
qr_path(struct ctx *cx, struct totp_start *t)
{
	QRcode *qr = QRcode_encodeString8bit(t->uri, 0, QR_ECLEVEL_M);
	struct buf b = { 0 };
	int run;

	if (qr == NULL)
		return err_set(&cx->err, R_INTERNAL, NULL, "the QR code could not be made");
	for (int y = 0; y < qr->width; y++) {
		for (int x = 0; x < qr->width; x += run + 1) {
			for (run = 0;
			     x + run < qr->width && (qr->data[y * qr->width + x + run] & 1) != 0;
			     run++)
				;
			if (run > 0)
				buf_printf(&b, "M%d %dh%dv1h-%dz", x, y, run, run);
		}
	}
	t->qr_size = (size_t)qr->width;
	t->qr_path = arena_strdup(cx->arena, buf_text(&b));
	buf_free(&b);
	QRcode_free(qr);
	return 0;
}

int
op_totp_start(struct ctx *cx, struct totp_start *out)
{
	unsigned char seed[SEED_SIZE];
	struct account a = { 0 };
	int rc;

	if (own_account(cx, &a) < 0)
		return -1;
	if (totp_is_on(&a)) {
		err_set(&cx->err, R_TOTP_ON, NULL, "one-time codes are on already");
		return err_hint(&cx->err, "turn them off first");
	}
	random_bytes(seed, sizeof(seed));
	out->secret = base32(cx, seed, sizeof(seed));
	out->uri = arena_printf(cx->arena,
	    "otpauth://totp/Certwright:%s?secret=%s&issuer=Certwright",
	    url_encode(cx->arena, a.name), out->secret);
	rc = keys_seal(cx->keeper, seed_aad(cx, &a), seed, sizeof(seed), cx->arena, &a.totp,
	    &a.totp_len, &cx->err);
	OPENSSL_cleanse(seed, sizeof(seed));
	a.totp_step = PENDING;
	if (rc < 0 || qr_path(cx, out) < 0 || db_begin(cx) < 0 ||
	    store_account_update(cx, &a) < 0 || audit(cx, "account.totp.start", a.name, NULL) < 0)
		return -1;
	return db_commit(cx);
}

int
op_totp_confirm(struct ctx *cx, const char *code)
{
	struct account a = { 0 };

	if (own_account(cx, &a) < 0)
		return -1;
	if (totp_is_on(&a))
		return err_set(&cx->err, R_TOTP_ON, NULL, "one-time codes are on already");
	if (a.totp == NULL || a.totp_len == 0) {
		err_set(&cx->err, R_TOTP_NONE, NULL, "no one-time codes were started");
		return err_hint(&cx->err, "start with the QR code");
	}
	if (totp_check(cx, &a, code, &a.totp_step) < 0 || db_begin(cx) < 0 ||
	    store_account_update(cx, &a) < 0 || audit(cx, "account.totp.on", a.name, NULL) < 0)
		return -1;
	return db_commit(cx);
}

int
op_totp_off(struct ctx *cx, const char *password)
{
	struct account a = { 0 };

	if (own_account(cx, &a) < 0)
		return -1;
	if (!totp_is_on(&a))
		return err_set(&cx->err, R_TOTP_NONE, NULL, "one-time codes are not on");
	if (custodian_not(cx, &a) < 0 || attempt_password(cx, &a, "totp_password", password) < 0)
		return -1;
	a.totp = NULL;
	a.totp_len = 0;
	a.totp_step = 0;
	if (db_begin(cx) < 0 || store_account_update(cx, &a) < 0 ||
	    audit(cx, "account.totp.off", a.name, NULL) < 0)
		return -1;
	return db_commit(cx);
}
