/*
 * install_fake.h - a CA that answers, a reader that finds PEM, listeners that count
 *
 * Beside procedure_fake.h. The store is the real one, the reader is another
 * process in the daemon, and the listeners are the front's.
 */
#pragma once

#include "../x509/make.h"
#include "op/op_answer.h"
#include "op/op_csr.h"
#include "procedure_fake.h"

/* What the reader was given last; texts in the arena. */
extern struct fake_input {
	size_t		 n;
	const char	*name[64], *data[64];
	const char	*passphrase;
} fake_input;
extern enum refusal fake_reader_refusal;	/* at the field "passphrase" */
extern enum refusal fake_serve_refusal;	/* of house->serve_check */
extern unsigned	 fake_presented;	/* calls of house->present, and the last one's */
extern char	 fake_presented_id[ID_SIZE];
extern unsigned char fake_presented_sha256[32];
extern unsigned	 fake_served;		/* calls of house->serve */
extern unsigned char fake_served_sha256[32];
extern bool	 fake_serve_in_transaction;

/* They refuse nothing and have served nothing. */
void	fake_listeners(struct house *);
/* setup and teardown: as fake_open, at MAKE_NOW by the Super Admin root, with
 * the product's cards and an identity "portal" that has an EC P-256 key. */
int	install_fake_open(void **state);
int	install_fake_close(void **state);

extern const char *fake_root, *fake_inter;	/* PEM of the CA that issues here */
/* PEM of a certificate for this key; the first of "a b c" is its common name. */
const char *fake_leaf(struct ctx *, const struct key_row *, const char *names);
/* PEM of any other one; issuer and its key are the CA's when they are not set. */
const char *fake_cert(struct ctx *, struct make);
EVP_PKEY *fake_stranger(void);			/* a key that is nowhere here */

struct identity fake_identity(struct ctx *, const char *name);
/* A new key of the identity, and a request of its newest key. */
struct key_row fake_new_key(struct ctx *, const char *identity);
struct request_row fake_request_of(struct ctx *, const char *identity, const char *names);
/* The answer `pem` read for the identity; request: id or NULL. */
int	fake_read(struct ctx *, const char *identity, const char *pem, const char *request,
	    struct answer *);
/* Read and installed; names as fake_leaf. */
struct cert_row fake_installed(struct ctx *, const char *identity, const char *names);
