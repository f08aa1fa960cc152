/*
 * bundle_seal.c - CMS AuthEnvelopedData: the bundle's key under the passphrase, all
 * else under the bundle's key
 *
 * AES-256-GCM each. The key that PBKDF2 makes of the passphrase (PasswordRecipientInfo,
 * RFC 5652 section 6.2.4) is made once: OpenSSL 3.0 knows only HMAC-SHA1 there, so the
 * rounds are many. The other parts are for whoever has the bundle's key
 * (KEKRecipientInfo, section 6.2.3).
 */
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "base/text.h"
#include "cli/bundle.h"

#define ROUNDS	 1300000
#define KEY_ID	 "bundle"
#define KEY_TEXT (2 * BUNDLE_KEY)

DEFINE_AUTO(cms, CMS_ContentInfo, CMS_ContentInfo_free)
DEFINE_AUTO(bio, BIO, BIO_free_all)

static int
failed(struct err *e, const char *what)
{
	unsigned long why = ERR_peek_last_error();
	const char *reason = ERR_reason_error_string(why);

	err_set(e, R_INTERNAL, NULL, "could not %s: %s", what,
	    reason == NULL ? "out of memory" : reason);
	ERR_clear_error();
	return -1;
}

/* The passphrase becomes the structure's, which frees it. */
static int
for_passphrase(CMS_ContentInfo *cms, const char *passphrase)
{
	char *own = OPENSSL_strdup(passphrase);

	if (own != NULL &&
	    CMS_add0_recipient_password(cms, ROUNDS, NID_id_alg_PWRI_KEK, NID_id_pbkdf2,
		(unsigned char *)own, -1, EVP_aes_256_cbc()) != NULL)
		return 0;
	OPENSSL_free(own);
	return -1;
}

/* As above. */
static int
for_key(CMS_ContentInfo *cms, const unsigned char *key)
{
	unsigned char *own = OPENSSL_memdup(key, BUNDLE_KEY);
	unsigned char *id = OPENSSL_memdup(KEY_ID, strlen(KEY_ID));

	if (own != NULL && id != NULL &&
	    CMS_add0_recipient_key(
		cms, NID_undef, own, BUNDLE_KEY, id, strlen(KEY_ID), NULL, NULL, NULL) != NULL)
		return 0;
	OPENSSL_clear_free(own, BUNDLE_KEY);
	OPENSSL_free(id);
	return -1;
}

/* passphrase NULL: for the key */
static int
seal(const void *p, size_t n, const char *passphrase, const unsigned char *key, struct buf *out,
    struct err *e)
{
	AUTO(cms) CMS_ContentInfo *cms = CMS_AuthEnvelopedData_create(EVP_aes_256_gcm());
	AUTO(bio) BIO *in = BIO_new_mem_buf(p, (int)n);
	unsigned char *der = NULL;
	int len;

	if (cms == NULL || in == NULL ||
	    (passphrase == NULL ? for_key(cms, key) : for_passphrase(cms, passphrase)) < 0 ||
	    CMS_set_detached(cms, 0) != 1 || CMS_final(cms, in, NULL, CMS_BINARY) != 1 ||
	    (len = i2d_CMS_ContentInfo(cms, &der)) <= 0)
		return failed(e, "encrypt");
	buf_put(out, der, (size_t)len);
	OPENSSL_free(der);
	return 0;
}

int
bundle_seal(
    const void *p, size_t n, const unsigned char key[BUNDLE_KEY], struct buf *out, struct err *e)
{
	return seal(p, n, NULL, key, out, e);
}

int
bundle_seal_key(
    const unsigned char key[BUNDLE_KEY], const char *passphrase, struct buf *out, struct err *e)
{
	char text[KEY_TEXT + 1];
	int r;

	hex_encode(text, key, BUNDLE_KEY);
	r = seal(text, KEY_TEXT, passphrase, NULL, out, e);
	explicit_bzero(text, sizeof(text));
	return r;
}

static int
damaged(struct err *e)
{
	ERR_clear_error();
	err_set(e, R_SECURITY_BUNDLE_DAMAGED, NULL,
	    "the bundle is damaged: a part of it does not decrypt");
	return err_hint(e, "take another copy of it, or make a new one");
}

/* One for just this kind of recipient. */
static bool
is_ours(CMS_ContentInfo *cms, int recipient)
{
	STACK_OF(CMS_RecipientInfo) *who = CMS_get0_RecipientInfos(cms);

	return OBJ_obj2nid(CMS_get0_type(cms)) == NID_id_smime_ct_authEnvelopedData &&
	    who != NULL && sk_CMS_RecipientInfo_num(who) == 1 &&
	    CMS_RecipientInfo_type(sk_CMS_RecipientInfo_value(who, 0)) == recipient;
}

static int
unlock(CMS_ContentInfo *cms, const char *passphrase, const unsigned char *key, struct err *e)
{
	if (passphrase == NULL)
		return CMS_decrypt_set1_key(cms, (unsigned char *)(uintptr_t)key, BUNDLE_KEY,
			   (const unsigned char *)KEY_ID, strlen(KEY_ID)) == 1
		    ? 0
		    : damaged(e);
	if (CMS_decrypt_set1_password(
		cms, (unsigned char *)(uintptr_t)passphrase, (ossl_ssize_t)strlen(passphrase)) == 1)
		return 0;
	ERR_clear_error();
	err_set(e, R_SECURITY_BUNDLE_PASSPHRASE, NULL, "the passphrase does not open the bundle");
	return err_hint(e, "give the one that it was made with, in --passphrase-file");
}

/* passphrase NULL: with the key */
static int
unseal(const void *p, size_t n, const char *passphrase, const unsigned char *key, struct buf *out,
    struct err *e)
{
	const unsigned char *der = p;
	AUTO(cms) CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &der, (long)n);
	AUTO(bio) BIO *plain = BIO_new(BIO_s_mem());
	char *text;
	long len;

	if (plain == NULL)
		return err_nomem(e);
	if (cms == NULL || der != (const unsigned char *)p + n ||
	    !is_ours(cms, passphrase == NULL ? CMS_RECIPINFO_KEK : CMS_RECIPINFO_PASS))
		return damaged(e);
	if (unlock(cms, passphrase, key, e) < 0)
		return -1;
	if (CMS_decrypt(cms, NULL, NULL, NULL, plain, CMS_BINARY) != 1)
		return damaged(e);
	len = BIO_get_mem_data(plain, &text);
	buf_put(out, text, (size_t)len);
	OPENSSL_cleanse(text, (size_t)len);
	return 0;
}

int
bundle_open(
    const void *p, size_t n, const unsigned char key[BUNDLE_KEY], struct buf *out, struct err *e)
{
	return unseal(p, n, NULL, key, out, e);
}

int
bundle_open_key(
    const void *p, size_t n, const char *passphrase, unsigned char key[BUNDLE_KEY], struct err *e)
{
	AUTO_BUF struct buf text = { 0 };
	size_t got;

	if (unseal(p, n, passphrase, NULL, &text, e) < 0)
		return -1;
	buf_put(&text, "", 1);
	return text.len == KEY_TEXT + 1 &&
		hex_decode(key, BUNDLE_KEY, (const char *)text.data, &got) == 0 && got == BUNDLE_KEY
	    ? 0
	    : damaged(e);
}
