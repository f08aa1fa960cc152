/*
 * generate.h - requests made by chance, and what each of them asks
 *
 * The DER is written by hand, so that it can say what no library would. Which
 * items a request has is noted while it is written: nothing that reads
 * requests is asked. Also for the fuzzer, whose bytes are the chance then.
 */
#pragma once

#include <openssl/evp.h>

#include "base/arena.h"
#include "base/buf.h"

struct chance {
	const unsigned char *data;	/* the choices; NULL: pseudo-random, from state on */
	size_t		 len;
	uint64_t	 state;
};

/* 0 to n - 1; 0 when the data are used up. */
uint32_t chance(struct chance *, uint32_t n);

/* Made once: generating keys takes the most time. */
struct generator {
	EVP_PKEY	*ec, *rsa, *edwards, *explicit_ec;
	struct {
		EVP_PKEY	*key;
		struct buf	 spki;
	} keys[4];
};

void	generator_init(struct generator *);
void	generator_free(struct generator *);

#define WISHES_MAX 1200
struct generated {
	struct buf	 der;
	struct arena	*arena;		/* the request's own */
	const char	*item[WISHES_MAX];	/* what it asks, each once */
	size_t		 n;
	bool		 misread;	/* parsers disagree on it, or it is malformed */
	bool		 proved;	/* its signature verifies */
};

void	generate(struct generator *, struct chance *, struct generated *);
void	generated_free(struct generated *);
