/*
 * shown.h - bytes of strangers, made fit to show
 *
 * What is too long ends with "..." and the beginning of its SHA-256: of two that
 * differ, no two look alike, since items and their values are told apart by text.
 */
#pragma once

#include <openssl/objects.h>

#include "base/arena.h"

/* ASCII as it is, each other byte as \xNN; whole up to 512 bytes. */
const char *shown_bytes(struct arena *, const void *, size_t n);
const char *shown_hex(struct arena *, const void *, size_t n, size_t max);
/* Dotted, whole up to SHOWN_OID characters. */
#define SHOWN_OID	128
const char *shown_oid(struct arena *, const ASN1_OBJECT *);
