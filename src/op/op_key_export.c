/*
 * op_key_export.c - private keys given out
 */

#include "keys/keys.h"
#include "op/op_key.h"
#include "x509/pem.h"

static int
check_passphrase(struct ctx *cx, const struct key_row *k, const char *passphrase)
{
	if (passphrase[0] == '\0')
		return err_set(
		    &cx->err, R_FIELD_REQUIRED, "passphrase", "the passphrase is required");
	/* of a key that never leaves, the keeper says so */
	if (!k->exportable || utf8_length(passphrase) >= EXPORT_PASSPHRASE_MIN)
		return 0;
	err_set(&cx->err, R_EXPORT_PASSPHRASE, "passphrase",
	    "the passphrase needs at least %d characters", EXPORT_PASSPHRASE_MIN);
	return err_hint(&cx->err, "whoever has the file can guess at it for as long as they like");
}

/* The certificate that goes with a key: the active one, else the newest. */
static int
put_certificates(
    struct ctx *cx, const struct identity *i, const struct key_row *k, struct key_leave *how)
{
	struct cert_row *list, *best = NULL;
	unsigned char *all;
	size_t n;

	if (store_cert_list(cx, i->id, &list, &n) < 0)
		return -1;
	for (size_t c = 0; c < n; c++)
		if (strcmp(list[c].key, k->id) == 0 &&
		    (best == NULL || strcmp(list[c].id, i->active) == 0))
			best = &list[c];
	if (best == NULL)
		return 0;
	all = arena_alloc(cx->arena, best->der_len + best->chain_len);
	memcpy(all, best->der, best->der_len);
	if (best->chain_len > 0)
		memcpy(all + best->der_len, best->chain, best->chain_len);
	how->certificates = all;
	how->certificates_len = best->der_len + best->chain_len;
	return 0;
}

static int
choose(struct ctx *cx, const struct export_wish *w, struct key_leave *how)
{
	if (w->legacy && !w->pkcs12) {
		err_set(&cx->err, R_EXPORT_FORMAT, "legacy",
		    "there are legacy ciphers of PKCS#12 only");
		return err_hint(&cx->err, "ask for the format pkcs12, or leave legacy out");
	}
	how->passphrase = w->passphrase;
	how->format = !w->pkcs12 ? FORMAT_PKCS8 : w->legacy ? FORMAT_PKCS12_LEGACY : FORMAT_PKCS12;
	return 0;
}

static const char *const forms[] = { [0] = "",
	[FORMAT_PKCS8] = "pkcs8",
	[FORMAT_PKCS12] = "pkcs12",
	[FORMAT_PKCS12_LEGACY] = "pkcs12-legacy" };

static const char *
act_of(struct ctx *cx, const struct key_row *k)
{
	return arena_printf(cx->arena, "export %s", k->id);
}

/* May it leave now? What was asked for is what leaves. */
static int
consent(struct ctx *cx, const struct key_row *k, const char *form, const char *code,
    struct exported *out)
{
	struct act act = { .action = "key.export",
		.about = k->id,
		.text = act_of(cx, k),
		.wish = form,
		.code = code };
	struct approval asked, second;

	if (!k->exportable)
		return 0; /* it never leaves: the keeper says so */
	if (approval_find(cx, act.text, &asked, &second) && code[0] == '\0' &&
	    strcmp(asked.account, cx->actor.id) == 0 && strcmp(asked.wish, form) != 0) {
		err_set(&cx->err, R_EXPORT_FORMAT, "format", "asked for was %s", asked.wish);
		return err_hint(&cx->err, "ask again, with a new code, for another format");
	}
	return approval_gather(cx, &act, &out->consent);
}

/* On record before it leaves (P28). */
int
op_key_export(struct ctx *cx, const char *id, const struct export_wish *w, struct exported *out)
{
	struct key_leave how = { 0 };
	struct identity i;
	struct key_row k;
	int rc;

	memset(out, 0, sizeof(*out));
	if (store_key_load(cx, id, &k) < 0 || key_not_destroyed(cx, &k) < 0 ||
	    store_identity_load(cx, k.identity, &i) < 0 || choose(cx, w, &how) < 0)
		return -1;
	out->format = forms[how.format];
	if (consent(cx, &k, out->format, w->code, out) < 0)
		return -1;
	if (out->consent.waiting)
		return 0;
	if (check_passphrase(cx, &k, w->passphrase) < 0 ||
	    (w->pkcs12 && put_certificates(cx, &i, &k, &how) < 0))
		return -1;
	how.tickets = out->consent.tickets;
	how.tickets_len = out->consent.len;
	rc = keys_export(
	    cx->keeper, k.blob, k.blob_len, &how, cx->arena, &out->der, &out->len, &cx->err);
	approval_end(cx, act_of(cx, &k));
	if (rc < 0)
		return -1;
	if (!w->pkcs12)
		out->pem = pem_encode(cx->arena, "ENCRYPTED PRIVATE KEY", out->der, out->len);
	if (db_begin(cx) < 0 ||
	    key_audit(cx, "key.export", &k, i.name,
		arena_printf(cx->arena, ",\"format\":\"%s\"%s", out->format,
		    approval_names(cx, &out->consent))) < 0)
		return -1;
	return db_commit(cx);
}

int
op_key_approve(struct ctx *cx, const char *id, const char *code, struct approval *asked)
{
	struct act act = { .action = "key.export", .wish = "", .code = code };
	struct key_row k;

	if (store_key_load(cx, id, &k) < 0 || key_not_destroyed(cx, &k) < 0)
		return -1;
	act.about = k.id;
	act.text = act_of(cx, &k);
	return approval_give(cx, &act, asked);
}

int
op_key_leaving(struct ctx *cx, const struct key_row *k, struct leaving *out)
{
	char(*ids)[ID_SIZE];
	size_t n;

	memset(out, 0, sizeof(*out));
	if (!k->exportable || k->state == KEY_DESTROYED)
		return 0;
	if (keys_custodians(cx->keeper, cx->arena, &ids, &n, &cx->err) < 0)
		return -1;
	out->two = n >= APPROVAL_TWO;
	for (size_t i = 0; i < n; i++)
		out->custodian = out->custodian || strcmp(ids[i], cx->actor.id) == 0;
	out->waits = out->two && approval_find(cx, act_of(cx, k), &out->asked, &out->second);
	return 0;
}
