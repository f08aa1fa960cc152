/*
 * format.h - how a private key may leave: always encrypted
 */
#pragma once

enum key_format {
	FORMAT_PKCS8 = 1,	/* PBES2, AES-256, PBKDF2 with HMAC-SHA256 */
	FORMAT_PKCS12,		/* the same, MAC HMAC-SHA256, with certificates */
	FORMAT_PKCS12_LEGACY,	/* 3DES and SHA-1, for old Windows and Java */
};
