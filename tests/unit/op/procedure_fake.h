/*
 * procedure_fake.h - what a keeper answers about keys, said by the test
 *
 * Beside people_fake.h. A generated key is one of this process; an imported
 * one is what fake_file holds. The blob is "blob " and the key's id.
 */
#pragma once

#include <openssl/evp.h>

#include "people_fake.h"

extern struct key_wish fake_wish;	/* the last one; its id is copied */
extern struct key_leave fake_leave;	/* the last one */
extern EVP_PKEY	*fake_key;		/* what the next key is; NULL: a fresh one */
extern enum refusal fake_destroy_refusal;	/* of the next keys_destroy */
extern unsigned	 fake_destroyed;	/* calls of keys_destroy that were done */
extern bool	 fake_in_transaction;	/* was one open when the keeper was asked? */
extern struct ctx *fake_cx;
