/*
 * bundle_seal.c - CMS AuthEnvelopedData under a passphrase
 *
 * AES-256-GCM; its key is wrapped under one that PBKDF2 makes of the passphrase
 * (PasswordRecipientInfo, RFC 5652 section 6.2.4). OpenSSL 3.0 knows only
 * HMAC-SHA1 there, so the rounds are many.
 */
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#include "cli/bundle.h"

#define ROUNDS 1300000

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
add_passphrase(CMS_ContentInfo *cms, const char *passphrase)
{
	char *own = OPENSSL_strdup(passphrase);

	if (own != NULL &&
	    CMS_add0_recipient_password(cms, ROUNDS, NID_id_alg_PWRI_KEK, NID_id_pbkdf2,
		(unsigned char *)own, -1, EVP_aes_256_cbc()) != NULL)
		return 0;
	OPENSSL_free(own);
	return -1;
}

int
bundle_seal(const void *p, size_t n, const char *passphrase, struct buf *out, struct err *e)
{
	AUTO(cms) CMS_ContentInfo *cms = CMS_AuthEnvelopedData_create(EVP_aes_256_gcm());
	AUTO(bio) BIO *in = BIO_new_mem_buf(p, (int)n);
	unsigned char *der = NULL;
	int len;

	if (cms == NULL || in == NULL || add_passphrase(cms, passphrase) < 0 ||
	    CMS_set_detached(cms, 0) != 1 || CMS_final(cms, in, NULL, CMS_BINARY) != 1 ||
	    (len = i2d_CMS_ContentInfo(cms, &der)) <= 0)
		return failed(e, "encrypt");
	buf_put(out, der, (size_t)len);
	OPENSSL_free(der);
	return 0;
}

static int
damaged(struct err *e)
{
	ERR_clear_error();
	err_set(e, R_SECURITY_BUNDLE_DAMAGED, NULL,
	    "the bundle is damaged: a part of it does not decrypt");
	return err_hint(e, "take another copy of it, or make a new one");
}

/* One that is read with a passphrase, and nothing else. */
static bool
is_ours(CMS_ContentInfo *cms)
{
	STACK_OF(CMS_RecipientInfo) *who = CMS_get0_RecipientInfos(cms);

	return OBJ_obj2nid(CMS_get0_type(cms)) == NID_id_smime_ct_authEnvelopedData &&
	    who != NULL && sk_CMS_RecipientInfo_num(who) == 1 &&
	    CMS_RecipientInfo_type(sk_CMS_RecipientInfo_value(who, 0)) == CMS_RECIPINFO_PASS;
}

int
bundle_open(const void *p, size_t n, const char *passphrase, struct buf *out, struct err *e)
{
	const unsigned char *der = p;
	AUTO(cms) CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &der, (long)n);
	AUTO(bio) BIO *plain = BIO_new(BIO_s_mem());
	char *text;
	long len;

	if (plain == NULL)
		return err_nomem(e);
	if (cms == NULL || der != (const unsigned char *)p + n || !is_ours(cms))
		return damaged(e);
	if (CMS_decrypt_set1_password(cms, (unsigned char *)(uintptr_t)passphrase,
		(ossl_ssize_t)strlen(passphrase)) != 1) {
		ERR_clear_error();
		err_set(e, R_SECURITY_BUNDLE_PASSPHRASE, NULL,
		    "the passphrase does not open the bundle");
		return err_hint(e, "give the one that it was made with, in --passphrase-file");
	}
	if (CMS_decrypt(cms, NULL, NULL, NULL, plain, CMS_BINARY) != 1)
		return damaged(e);
	len = BIO_get_mem_data(plain, &text);
	buf_put(out, text, (size_t)len);
	OPENSSL_cleanse(text, (size_t)len);
	return 0;
}
