/*
 * procedure_fake.c - what a keeper answers about keys, said by the test
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "procedure_fake.h"

struct key_wish fake_wish;
struct key_leave fake_leave;
EVP_PKEY *fake_key;
enum refusal fake_destroy_refusal;
unsigned fake_destroyed;
bool fake_in_transaction;
struct ctx *fake_cx;
enum refusal fake_open_refusal, fake_activate_refusal;
bool fake_mute;
enum key_purpose fake_opened_for;
unsigned fake_activated;

static EVP_PKEY *kept[64];		 /* the last ones that were made */
static char kept_blob[nitems(kept)][40]; /* and how they were wrapped */
static size_t nkept;

static void
keep(EVP_PKEY *key, const char *blob)
{
	size_t at = nkept++ % nitems(kept);

	EVP_PKEY_free(kept[at]);
	kept[at] = key;
	snprintf(kept_blob[at], sizeof(kept_blob[at]), "%s", blob);
}

EVP_PKEY *
fake_key_of(const void *spki, size_t len)
{
	EVP_PKEY *found = NULL;

	for (size_t i = 0; i < nitems(kept) && kept[i] != NULL && found == NULL; i++) {
		unsigned char *der = NULL;
		int n = i2d_PUBKEY(kept[i], &der);

		if (n > 0 && (size_t)n == len && memcmp(der, spki, len) == 0)
			found = kept[i];
		OPENSSL_free(der);
	}
	return found;
}

void
procedure_fake_reset(struct ctx *cx)
{
	fake_cx = cx;
	fake_key = NULL;
	fake_destroy_refusal = fake_open_refusal = fake_activate_refusal = REFUSAL_NONE;
	fake_destroyed = fake_activated = 0;
	fake_in_transaction = fake_mute = false;
}

static EVP_PKEY *
fresh(enum key_type type)
{
	const struct key_type_info *info = key_type_info(type);

	if (strcmp(info->ossl_name, "RSA") == 0)
		return EVP_RSA_gen(info->bits);
	return info->group != NULL ? EVP_EC_gen(info->group)
				   : EVP_PKEY_Q_keygen(NULL, NULL, info->ossl_name);
}

static int
made(const struct key_wish *w, enum key_type type, struct arena *a, struct key_made *out)
{
	EVP_PKEY *key = fake_key != NULL ? fake_key : fresh(type);
	unsigned char *der = NULL;
	int n = i2d_PUBKEY(key, &der);

	assert_true(n > 0);
	fake_wish = *w;
	fake_wish.id = arena_strdup(a, w->id);
	fake_in_transaction = db_in_transaction(fake_cx);
	memset(out, 0, sizeof(*out));
	out->type = key_type_of(key);
	out->bits = (unsigned)EVP_PKEY_get_bits(key);
	out->blob = (const unsigned char *)arena_printf(a, "blob %s", w->id);
	out->blob_len = strlen((const char *)out->blob);
	out->spki = arena_dup(a, der, (size_t)n);
	out->spki_len = (size_t)n;
	EVP_Digest(der, (size_t)n, out->spki_sha256, NULL, EVP_sha256(), NULL);
	OPENSSL_free(der);
	if (key == fake_key)
		EVP_PKEY_up_ref(key);
	keep(key, (const char *)out->blob);
	return 0;
}

int
keys_generate(struct keeper *k, const struct key_wish *w, struct arena *a, struct key_made *out,
    struct err *e)
{
	return made(w, w->type, a, out);
}

int
keys_import(struct keeper *k, const struct key_wish *w, const void *file, size_t len,
    const char *passphrase, struct arena *a, struct key_made *out, struct err *e)
{
	out->found = NULL;
	return made(w, KEY_EC_P256, a, out);
}

int
keys_import_sealed(struct keeper *k, const struct key_wish *w, const void *envelope, size_t len,
    struct arena *a, struct key_made *out, struct err *e)
{
	return made(w, KEY_EC_P256, a, out);
}

int
keys_import_key(struct keeper *k, unsigned char out[32], struct err *e)
{
	memset(out, 0x42, 32);
	return 0;
}

int
keys_export(struct keeper *k, const void *blob, size_t len, const struct key_leave *how,
    struct arena *a, const unsigned char **out, size_t *out_len, struct err *e)
{
	fake_leave = *how;
	*out = arena_dup(a, "0\003\002\001\007", 5);
	*out_len = 5;
	return 0;
}

int
keys_destroy(struct keeper *k, const void *blob, size_t len, struct err *e)
{
	fake_in_transaction = db_in_transaction(fake_cx);
	if (fake_destroy_refusal != REFUSAL_NONE)
		return err_set(e, fake_destroy_refusal, NULL, "said by the test");
	fake_destroyed++;
	return 0;
}

int
keys_open(const void *blob, size_t len, const void *spki, size_t spki_len, enum key_purpose purpose,
    EVP_PKEY **out, struct err *e)
{
	const unsigned char *p = spki;

	fake_opened_for = purpose;
	fake_in_transaction = db_in_transaction(fake_cx);
	if (blob == NULL)
		return err_set(e, R_KEY_DESTROYED, NULL, "this key was destroyed");
	if (fake_open_refusal != REFUSAL_NONE)
		return err_set(e, fake_open_refusal, NULL, "said by the test");
	if (fake_mute) {
		*out = d2i_PUBKEY(NULL, &p, (long)spki_len);
	} else {
		*out = fake_key_of(spki, spki_len);
		EVP_PKEY_up_ref(*out);
	}
	return 0;
}

int
keys_sign(struct keeper *k, const void *blob, size_t len, enum key_purpose purpose,
    enum key_type type, const char *digest, const void *message, size_t message_len,
    struct arena *a, const unsigned char **signature, size_t *signature_len, struct err *e)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	unsigned char sig[1024];
	size_t i = 0;

	fake_opened_for = purpose;
	assert_false(db_in_transaction(fake_cx));
	while (i < nitems(kept) &&
	    (strlen(kept_blob[i]) != len || memcmp(kept_blob[i], blob, len) != 0))
		i++;
	assert_true(i < nitems(kept));
	*signature_len = sizeof(sig);
	if (fake_mute || fake_open_refusal != REFUSAL_NONE ||
	    EVP_DigestSignInit_ex(
		md, NULL, type == KEY_ED25519 ? NULL : "SHA256", NULL, NULL, kept[i], NULL) != 1 ||
	    EVP_DigestSign(md, sig, signature_len, message, message_len) != 1)
		err_set(e, R_ISSUE_SIGN, NULL, "said by the test");
	EVP_MD_CTX_free(md);
	*signature = arena_dup(a, sig, *signature_len);
	return err_is_set(e) ? -1 : 0;
}

int
keys_activate(struct keeper *k, const void *blob, size_t len, const void *leaf, size_t leaf_len,
    struct arena *a, const unsigned char **out, size_t *out_len, struct err *e)
{
	fake_in_transaction = db_in_transaction(fake_cx);
	if (fake_activate_refusal != REFUSAL_NONE)
		return err_set(e, fake_activate_refusal, NULL, "said by the test");
	fake_activated++;
	*out = (const unsigned char *)arena_printf(a, "%.*s serves", (int)len, (const char *)blob);
	*out_len = len + strlen(" serves");
	return 0;
}
