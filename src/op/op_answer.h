/*
 * op_answer.h - what a CA sent, read and judged
 *
 * A reader takes the files apart; the certificate is found by its public key,
 * its chain ordered by signature, and each wish of the request it fits best
 * is met by what was issued. Nothing is changed here: op_install.h does that.
 */
#pragma once

#include <jansson.h>

#include "keys/readers.h"
#include "store/store.h"
#include "x509/compare.h"

#define ANSWER_REQUESTS_MAX	100	/* the newest of a key that are compared */

struct answer_input {
	const struct reader_file *files;
	size_t		 n;
	const struct reader_object *issued; /* no file: what an authority of ours signed */
	size_t		 nissued;
	const char	*passphrase;	/* of a PKCS#12 file; NULL: none */
	const char	*request;	/* id; NULL: the one that fits best */
	bool		 fetch_issuer;	/* one that is missing, from where it is said to be */
};

struct answer {
	struct identity	 identity;
	bool		 has_key;	/* the certificate's key is this identity's */
	struct key_row	 key;
	bool		 has_request;
	struct request_row request;	/* compared with */
	struct sheet	 sheet;
	struct chain	 chain;		/* into pool and trusted */
	struct cert_facts facts;	/* of the leaf */
	const char	**repairs;
	size_t		 nrepairs;
	X509		**pool, **trusted; /* owned; answer_clear */
};

/*
 * R_FILE_*, R_BUNDLE_*, R_PASSPHRASE_* of the reader, R_CERT_*, R_CHAIN_*;
 * R_NO_KEY: the identity has no key; R_NOT_FOUND: no such request. With
 * fetch_issuer, which asks outside for some seconds: R_FETCH_*, R_ISSUER_NOWHERE (it is
 * not said where it is), R_ISSUER_NONE, R_ISSUER_OTHER (what is there did not sign). A
 * certificate for another key is a verdict, not an error.
 */
int	op_answer_read(struct ctx *, const struct identity *, const struct answer_input *,
	    struct answer *);
void	answer_clear(struct answer *);
/* The disposition envelope with chain (leaf first) and repairs. */
json_t	*answer_envelope(struct ctx *, const struct answer *);
/* DER in the arena. */
const unsigned char *cert_der(struct ctx *, X509 *, size_t *len);

static inline void
auto_clear_answer(struct answer *a)
{
	answer_clear(a);
}
/* AUTO_ANSWER struct answer a = { 0 }; */
#define AUTO_ANSWER	__attribute__((cleanup(auto_clear_answer)))
