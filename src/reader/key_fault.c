/*
 * key_fault.c - what is wrong with a key file, and what to do next
 *
 * Each wrong file has its own message: who uploads a certificate instead of a
 * key is told so.
 */
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include "reader/key.h"

int
key_malformed(struct reading *rd, const char *what)
{
	err_set(
	    &rd->err, R_KEYFILE_MALFORMED, rd->field, "the %s private key in it is damaged", what);
	return err_hint(&rd->err, "take the key from where it was made once more");
}

int
key_unsupported(struct reading *rd, const char *what)
{
	err_set(&rd->err, R_KEYFILE_ALGORITHM, rd->field,
	    "the key is of a kind that is not supported: %s", what);
	return err_hint(&rd->err,
	    "RSA of 2048 to 4096 bits, EC P-256, P-384, P-521 "
	    "and Ed25519 are; make a new key here");
}

int
key_cost(struct reading *rd, const unsigned char *der, size_t len)
{
	uint64_t cost = asn1_pbe_cost(der, len);

	if (cost <= LIMIT_PBE_ITERATIONS)
		return 0;
	err_set(&rd->err, R_FILE_ITERATIONS, rd->field,
	    "its encryption asks for more than %d iterations", LIMIT_PBE_ITERATIONS);
	return err_hint(&rd->err,
	    "encrypt it again with fewer, for instance by "
	    "openssl pkcs8 -topk8 -iter 600000");
}

int
reader_passphrase_needed(struct reading *rd, const char *what)
{
	err_set(&rd->err, R_PASSPHRASE_NEEDED, "passphrase",
	    "%s is encrypted and no passphrase was given", what);
	return err_hint(&rd->err, "give the passphrase that it was encrypted with");
}

/* What OpenSSL says when it does not know how something was encrypted. */
static bool
is_unknown_method(unsigned long code)
{
	static const struct {
		int lib, reason;
	} unknown[] = {
		{ ERR_LIB_EVP, EVP_R_UNKNOWN_PBE_ALGORITHM },
		{ ERR_LIB_EVP, EVP_R_UNSUPPORTED_KEY_DERIVATION_FUNCTION },
		{ ERR_LIB_EVP, EVP_R_UNSUPPORTED_CIPHER },
		{ ERR_LIB_EVP, EVP_R_UNKNOWN_CIPHER },
		{ ERR_LIB_EVP, EVP_R_UNSUPPORTED_PRF },
		{ ERR_LIB_EVP, EVP_R_UNKNOWN_DIGEST },
		{ ERR_LIB_PEM, PEM_R_UNSUPPORTED_ENCRYPTION },
		{ ERR_LIB_PEM, PEM_R_NOT_PROC_TYPE },
		{ ERR_LIB_PEM, PEM_R_NOT_ENCRYPTED },
		{ ERR_LIB_PEM, PEM_R_NOT_DEK_INFO },
		{ ERR_LIB_PEM, PEM_R_SHORT_HEADER },
		{ ERR_LIB_PEM, PEM_R_BAD_IV_CHARS },
	};

	if (ERR_GET_REASON(code) == ERR_R_UNSUPPORTED)
		return true;
	for (size_t i = 0; i < nitems(unknown); i++)
		if (ERR_GET_LIB(code) == unknown[i].lib &&
		    ERR_GET_REASON(code) == unknown[i].reason)
			return true;
	return false;
}

int
reader_passphrase_failed(struct reading *rd, const char *what)
{
	unsigned long code;
	bool unknown = false;

	while ((code = ERR_get_error()) != 0)
		unknown |= is_unknown_method(code);
	if (unknown) {
		err_set(&rd->err, R_FILE_CIPHER, rd->field,
		    "%s is encrypted by a method that is not known here", what);
		return err_hint(&rd->err,
		    "encrypt it again with AES, for instance by "
		    "openssl pkcs8 -topk8 -v2 aes-256-cbc");
	}
	err_set(
	    &rd->err, R_PASSPHRASE_WRONG, "passphrase", "the passphrase does not open %s", what);
	return err_hint(&rd->err, "mind upper and lower case and the keyboard layout");
}

static const struct {
	enum asn1_kind kind;
	enum refusal refusal;
	const char *message, *hint;
} not_a_key[] = {
	{ KIND_SSH, R_KEYFILE_SSH, "this is a key in OpenSSH's own format, not a TLS key",
	    "ssh-keygen -p -m PKCS8 -f FILE turns an OpenSSH private key into PKCS#8" },
	{ KIND_PGP, R_FILE_PGP, "this is OpenPGP data, not a TLS key or certificate",
	    "decrypt it first, and give the file that was inside" },
	{ KIND_CSR, R_KEYFILE_CSR, "this is a certificate signing request, not a private key",
	    "the private key is the other file that was made with it" },
	{ KIND_CERTIFICATE, R_KEYFILE_CERTIFICATE, "this is a certificate, not a private key",
	    "certificates are installed on Server Certificate; the key is in a file of its own" },
	{ KIND_PKCS7, R_KEYFILE_CERTIFICATE,
	    "this is a PKCS#7 file: it holds certificates, never a private key",
	    "certificates are installed on Server Certificate; the key is in a file of its own" },
	{ KIND_PUBLIC, R_KEYFILE_PUBLIC, "this is only the public half of a key",
	    "the private key is needed, in a file of its own" },
};

int
key_refuse_kind(struct reading *rd, unsigned kinds)
{
	for (size_t i = 0; i < nitems(not_a_key); i++)
		if (kinds & 1u << not_a_key[i].kind) {
			err_set(
			    &rd->err, not_a_key[i].refusal, rd->field, "%s", not_a_key[i].message);
			return err_hint(&rd->err, "%s", not_a_key[i].hint);
		}
	err_set(&rd->err, R_KEYFILE_NONE, rd->field, "no private key was found in it");
	return err_hint(&rd->err, "PKCS#8, PKCS#1, SEC1 (PEM or DER), PKCS#12 and JWK are read");
}
