/*
 * op_key_export.c - private keys given out
 */

#include "keys/keys.h"
#include "op/op_key.h"
#include "x509/pem.h"

static int
check_passphrase(struct ctx *cx, const struct key_row *k, const char *passphrase)
{
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

/* On record before it leaves (P28). */
int
op_key_export(struct ctx *cx, const char *id, const struct export_wish *w, struct exported *out)
{
	static const char *const forms[] = { [FORMAT_PKCS8] = "pkcs8",
		[FORMAT_PKCS12] = "pkcs12",
		[FORMAT_PKCS12_LEGACY] = "pkcs12-legacy" };
	struct key_leave how = { 0 };
	struct identity i;
	struct key_row k;

	if (store_key_load(cx, id, &k) < 0 || key_not_destroyed(cx, &k) < 0 ||
	    store_identity_load(cx, k.identity, &i) < 0 || choose(cx, w, &how) < 0 ||
	    check_passphrase(cx, &k, w->passphrase) < 0 ||
	    (w->pkcs12 && put_certificates(cx, &i, &k, &how) < 0) ||
	    keys_export(cx->keeper, k.blob, k.blob_len, &how, cx->arena, &out->der, &out->len,
		&cx->err) < 0)
		return -1;
	out->format = forms[how.format];
	out->pem = w->pkcs12 ? NULL
			     : pem_encode(cx->arena, "ENCRYPTED PRIVATE KEY", out->der, out->len);
	if (db_begin(cx) < 0 || key_audit(cx, "key.export", &k, i.name, out->format) < 0)
		return -1;
	return db_commit(cx);
}
