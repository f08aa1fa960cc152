/*
 * procedure_fake.h - what a keeper answers about keys, said by the test
 *
 * Beside people_fake.h. A generated key is one of this process; an imported
 * one is an EC P-256 key. The blob is "blob " and the key's id.
 */
#pragma once

#include <openssl/evp.h>

#include "keys/custodians.h"
#include "people_fake.h"

extern struct key_wish fake_wish;	/* the last one; its id is copied */
extern struct key_leave fake_leave;	/* the last one */
extern EVP_PKEY	*fake_key;		/* what the next key is; NULL: a fresh one */
extern enum refusal fake_destroy_refusal;	/* of the next keys_destroy */
extern unsigned	 fake_destroyed;	/* calls of keys_destroy that were done */
extern bool	 fake_in_transaction;	/* was one open when the keeper was asked? */
/*
 * keys_open gives the generated key itself, keys_activate adds " serves" to
 * the blob. Each refuses as said here; mute: the key is without its secret,
 * as one whose keeper is gone.
 */
extern enum refusal fake_open_refusal, fake_activate_refusal;
extern bool	 fake_mute;
extern enum key_purpose fake_opened_for;
extern unsigned	 fake_activated;	/* calls of keys_activate that were done */
extern struct ctx *fake_cx;

/* The last key of this SPKI that was made here; borrowed. */
EVP_PKEY	*fake_key_of(const void *spki, size_t len);
/* As before the first test: nothing refuses, nothing is counted. */
void		 procedure_fake_reset(struct ctx *);
