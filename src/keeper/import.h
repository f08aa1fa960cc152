/*
 * import.h - a key out of a file, by way of a one-shot reader
 *
 * The keeper parses no foreign container: it asks the spawner for a reader,
 * hands it the bytes, and gets PKCS#8 or a refusal back.
 */
#pragma once

#include <openssl/evp.h>

#include "wire/message.h"

struct import;

struct import *import_new(int spawner_fd);	/* takes the descriptor */
void	import_free(struct import *);
/*
 * file, passphrase (may be NULL) -> key; found says what it was. The key is
 * checked to be consistent. Caller frees *key. Refusals of the reader are
 * carried unchanged.
 */
int	import_key(struct import *, const struct bytes *file, const struct bytes *passphrase,
	    EVP_PKEY **key, char *found, size_t size, struct err *);
