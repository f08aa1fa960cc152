/*
 * openssl.h - AUTO() for the OpenSSL types of the reader
 */
#pragma once

#include <openssl/bn.h>
#include <openssl/cms.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include "base/base.h"

static inline void
x509_stack_free(STACK_OF(X509) *s)
{
	sk_X509_pop_free(s, X509_free);
}

static inline void
safes_free(STACK_OF(PKCS7) *s)
{
	sk_PKCS7_pop_free(s, PKCS7_free);
}

static inline void
bags_free(STACK_OF(PKCS12_SAFEBAG) *s)
{
	sk_PKCS12_SAFEBAG_pop_free(s, PKCS12_SAFEBAG_free);
}

DEFINE_AUTO(EVP_PKEY, EVP_PKEY, EVP_PKEY_free)
DEFINE_AUTO(EVP_PKEY_CTX, EVP_PKEY_CTX, EVP_PKEY_CTX_free)
DEFINE_AUTO(PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free)
DEFINE_AUTO(X509_SIG, X509_SIG, X509_SIG_free)
DEFINE_AUTO(X509, X509, X509_free)
DEFINE_AUTO(PKCS12, PKCS12, PKCS12_free)
DEFINE_AUTO(CMS, CMS_ContentInfo, CMS_ContentInfo_free)
DEFINE_AUTO(BN, BIGNUM, BN_clear_free)
DEFINE_AUTO(BLD, OSSL_PARAM_BLD, OSSL_PARAM_BLD_free)
DEFINE_AUTO(PARAMS, OSSL_PARAM, OSSL_PARAM_free)
DEFINE_AUTO(certs, STACK_OF(X509), x509_stack_free)
DEFINE_AUTO(safes, STACK_OF(PKCS7), safes_free)
DEFINE_AUTO(bags, STACK_OF(PKCS12_SAFEBAG), bags_free)
