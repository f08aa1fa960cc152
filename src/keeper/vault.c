/*
 * vault.c - keys at rest: wrapped under the KEK, opened only while in use
 */
#include <sys/mman.h>

#include <pthread.h>
#include <unistd.h>

#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/x509.h>

#include "base/clock.h"
#include "base/io.h"
#include "keeper/cache.h"
#include "keeper/gcm.h"
#include "keeper/journal.h"
#include "keeper/vault.h"

#define MAGIC	 0x43574b31 /* "CWK1" */
#define MAGIC_CA 0x43574b32 /* "CWK2": and the CA's certificate */
#define BLOB_MAX 8192	    /* without the certificate */

struct vault {
	unsigned char kek[KEK_SIZE], wrap[32], seal[32];
	unsigned char kek_id[16];
	struct journal *journal;
	pthread_mutex_t lock;
	struct cache *opened;
};

DEFINE_AUTO(EVP_PKEY, EVP_PKEY, EVP_PKEY_free)
DEFINE_AUTO(EVP_PKEY_CTX, EVP_PKEY_CTX, EVP_PKEY_CTX_free)
DEFINE_AUTO(P8, PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free)

int
vault_derive(const struct vault *v, const char *label, unsigned char out[32], struct err *e)
{
	AUTO(EVP_PKEY_CTX) EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, NULL);
	size_t n = 32;

	if (c == NULL || EVP_PKEY_derive_init(c) != 1 ||
	    EVP_PKEY_CTX_set_hkdf_md(c, EVP_sha256()) != 1 ||
	    EVP_PKEY_CTX_set1_hkdf_salt(c, (const unsigned char *)"certwright", 10) != 1 ||
	    EVP_PKEY_CTX_set1_hkdf_key(c, v->kek, KEK_SIZE) != 1 ||
	    EVP_PKEY_CTX_add1_hkdf_info(c, (const unsigned char *)label, (int)strlen(label)) != 1 ||
	    EVP_PKEY_derive(c, out, &n) != 1)
		return err_set(e, R_INTERNAL, NULL, "could not derive a key");
	return 0;
}

int
vault_open(struct vault **out, int kek_fd, struct err *e)
{
	unsigned char id[32], extra;
	struct vault *v;

	/* one mapping of its own: not in cores, not in swap */
	v = mmap(NULL, sizeof(*v), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (v == MAP_FAILED)
		return err_nomem(e);
	(void)mlock(v, sizeof(*v));
	madvise(v, sizeof(*v), MADV_DONTDUMP);
	pthread_mutex_init(&v->lock, NULL);
	if ((v->opened = cache_new(CACHE_KEYS)) == NULL) {
		vault_free(v);
		return err_nomem(e);
	}
	if (read_full(kek_fd, v->kek, KEK_SIZE) < 0 || read(kek_fd, &extra, 1) != 0) {
		err_set(e, R_KEK_WRONG, NULL, "the file kek is not %d bytes long", KEK_SIZE);
		err_hint(e, "put back the kek file that belongs to this data directory");
		vault_free(v);
		return -1;
	}
	if (vault_derive(v, "key wrap v1", v->wrap, e) < 0 ||
	    vault_derive(v, "seal v1", v->seal, e) < 0 || vault_derive(v, "kek id v1", id, e) < 0) {
		vault_free(v);
		return -1;
	}
	memcpy(v->kek_id, id, sizeof(v->kek_id));
	*out = v;
	return 0;
}

void
vault_free(struct vault *v)
{
	if (v == NULL)
		return;
	cache_free(v->opened);
	explicit_bzero(v, sizeof(*v));
	munmap(v, sizeof(*v));
}

void
vault_set_journal(struct vault *v, struct journal *journal)
{
	v->journal = journal;
}

void
vault_kek_id(const struct vault *v, unsigned char out[16])
{
	memcpy(out, v->kek_id, sizeof(v->kek_id));
}

static void
put_head(struct buf *b, const struct vault *v, const struct key_head *h)
{
	buf_put_u32(b, h->certificate.len > 0 ? MAGIC_CA : MAGIC);
	buf_put(b, v->kek_id, sizeof(v->kek_id));
	buf_put_cstring(b, h->id);
	buf_put_cstring(b, h->tenant);
	buf_put_u8(b, h->type);
	buf_put_u16(b, h->bits);
	buf_put_u32(b, h->purposes);
	buf_put_u8(b, h->exportable);
	buf_put_u64(b, (uint64_t)h->created);
	if (h->certificate.len > 0)
		buf_put_string(b, h->certificate.data, h->certificate.len);
}

static int
get_head(struct view *in, const struct vault *v, struct key_head *h, struct err *e)
{
	const unsigned char *kek_id;
	uint32_t magic = 0;
	uint64_t created = 0;
	uint8_t exportable = 0;

	memset(h, 0, sizeof(*h));
	if (view_u32(in, &magic) < 0 || (magic != MAGIC && magic != MAGIC_CA) ||
	    view_bytes(in, &kek_id, 16) < 0)
		return err_set(e, R_BLOB_DAMAGED, NULL, "this is not a wrapped key");
	if (memcmp(kek_id, v->kek_id, 16) != 0) {
		err_set(e, R_KEK_WRONG, NULL,
		    "the key is wrapped under another key-encryption key (KEK)");
		return err_hint(e, "put back the kek file that belongs to this database");
	}
	if (view_cstring(in, h->id, sizeof(h->id)) < 0 ||
	    view_cstring(in, h->tenant, sizeof(h->tenant)) < 0 || view_u8(in, &h->type) < 0 ||
	    view_u16(in, &h->bits) < 0 || view_u32(in, &h->purposes) < 0 ||
	    view_u8(in, &exportable) < 0 || exportable > 1 || view_u64(in, &created) < 0 ||
	    (magic == MAGIC_CA &&
		view_string(in, &h->certificate.data, &h->certificate.len, ISSUER_MAX) < 0))
		return err_set(e, R_BLOB_DAMAGED, NULL, "the wrapped key is damaged");
	h->exportable = exportable;
	h->created = (int64_t)created;
	return 0;
}

int
vault_pkcs8(EVP_PKEY *key, struct buf *out, struct err *e)
{
	AUTO(P8) PKCS8_PRIV_KEY_INFO *p8 = EVP_PKEY2PKCS8(key);
	unsigned char *der = NULL;
	int len = p8 == NULL ? -1 : i2d_PKCS8_PRIV_KEY_INFO(p8, &der);

	if (len <= 0)
		return err_set(e, R_INTERNAL, NULL, "could not encode the private key");
	buf_put(out, der, (size_t)len);
	OPENSSL_clear_free(der, (size_t)len);
	return 0;
}

int
vault_wrap(struct vault *v, const struct key_head *h, EVP_PKEY *key, struct buf *out, struct err *e)
{
	AUTO_BUF struct buf plain = { 0 };
	unsigned char nonce[GCM_NONCE];
	size_t head_len;

	if (vault_pkcs8(key, &plain, e) < 0)
		return -1;
	buf_reset(out);
	put_head(out, v, h);
	random_bytes(nonce, sizeof(nonce));
	buf_put(out, nonce, sizeof(nonce));
	head_len = out->len;

	AUTO_BUF struct buf head = { 0 };

	buf_put(&head, out->data, head_len);
	if (gcm_encrypt(out, v->wrap, nonce, head.data, head.len, plain.data, plain.len) < 0)
		return err_set(e, R_INTERNAL, NULL, "could not wrap the key");
	return 0;
}

static int
unwrap(struct vault *v, const struct bytes *blob, struct opened **out, struct err *e)
{
	AUTO(EVP_PKEY) EVP_PKEY *key = NULL;
	AUTO(P8) PKCS8_PRIV_KEY_INFO *p8 = NULL;
	AUTO_BUF struct buf plain = { 0 };
	struct view in = view_of(blob->data, blob->len);
	const unsigned char *nonce, *p;
	struct key_head head;

	if (blob->len > BLOB_MAX + ISSUER_MAX)
		return err_set(e, R_BLOB_DAMAGED, NULL, "the wrapped key is too long");
	if (get_head(&in, v, &head, e) < 0)
		return -1;
	if (view_bytes(&in, &nonce, GCM_NONCE) < 0 ||
	    gcm_decrypt(&plain, v->wrap, nonce, blob->data, blob->len - in.len, in.data, in.len) <
		0)
		return err_set(
		    e, R_BLOB_DAMAGED, NULL, "the wrapped key is damaged or was changed");
	if (journal_is_destroyed(v->journal, head.id))
		return err_set(e, R_KEY_DESTROYED, NULL, "this key was destroyed");
	p = plain.data;
	if ((p8 = d2i_PKCS8_PRIV_KEY_INFO(NULL, &p, (long)plain.len)) == NULL ||
	    (key = EVP_PKCS82PKEY(p8)) == NULL)
		return err_set(e, R_BLOB_DAMAGED, NULL, "the wrapped key cannot be read");
	return opened_new(out, &head, key, blob, e);
}

int
vault_key(struct vault *v, const struct bytes *blob, struct opened **out, struct err *e)
{
	struct opened *known;

	*out = NULL;
	if (blob->len <= GCM_TAG)
		return err_set(e, R_BLOB_DAMAGED, NULL, "this is not a wrapped key");
	pthread_mutex_lock(&v->lock);
	if ((known = cache_find(v->opened, blob)) != NULL)
		*out = opened_ref(known);
	pthread_mutex_unlock(&v->lock);
	if (*out != NULL)
		return 0;
	if (unwrap(v, blob, out, e) < 0)
		return -1;
	pthread_mutex_lock(&v->lock);
	/* destroyed meanwhile? Then vault_forget may have been here already (P16) */
	if (cache_find(v->opened, blob) == NULL &&
	    !journal_is_destroyed(v->journal, (*out)->head.id))
		cache_put(v->opened, *out);
	pthread_mutex_unlock(&v->lock);
	return 0;
}

void
vault_forget(struct vault *v, const char *id)
{
	pthread_mutex_lock(&v->lock);
	cache_forget(v->opened, id);
	pthread_mutex_unlock(&v->lock);
}

int
vault_seal(struct vault *v, const char *aad, const struct bytes *in, struct buf *out, struct err *e)
{
	unsigned char nonce[GCM_NONCE];

	random_bytes(nonce, sizeof(nonce));
	buf_reset(out);
	buf_put(out, nonce, sizeof(nonce));
	if (gcm_encrypt(out, v->seal, nonce, aad, strlen(aad), in->data, in->len) < 0)
		return err_set(e, R_INTERNAL, NULL, "could not seal the secret");
	return 0;
}

int
vault_unseal(
    struct vault *v, const char *aad, const struct bytes *in, struct buf *out, struct err *e)
{
	buf_reset(out);
	if (in->len < GCM_NONCE + GCM_TAG ||
	    gcm_decrypt(out, v->seal, in->data, aad, strlen(aad), in->data + GCM_NONCE,
		in->len - GCM_NONCE) < 0) {
		err_set(
		    e, R_UNSEAL, NULL, "the sealed secret is damaged, moved, or under another KEK");
		return err_hint(e, "put back the kek file that belongs to this database");
	}
	return 0;
}
