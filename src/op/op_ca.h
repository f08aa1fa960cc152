/*
 * op_ca.h - our own certification authorities: made, taken in, retired
 *
 * An authority is a name. Behind it stand a root and an issuing CA (op_own.h
 * holds the one that signs now); a corporate root may stand in for our own.
 * The keeper makes each signature and keeps a record of it first.
 */
#pragma once

#include "keys/readers.h"
#include "op/op_approval.h"
#include "op/op_own.h"
#include "op/op_key.h"
#include "store/store.h"

#define CA_NAME_MAX	40
#define CA_DAYS		1825	/* of an issuing CA, unless said otherwise */
#define CA_ROOT_DAYS	3650
#define CA_DAYS_MAX	10950

struct ca_order {
	const char	*name;
	const char	*type;		/* NULL or "": EC P-256 */
	const char	*under;		/* an authority here whose root signs; NULL: a root of its own */
	const char	*permitted;	/* DNS names, one a line; NULL or "": all */
	int64_t		 days, root_days;	/* 0: the usual */
};

struct ca_files {			/* what a CA sent; any container */
	const struct reader_file *files;
	size_t		 n;
	const char	*passphrase;	/* NULL: none */
};

/*
 * A root and an issuing CA under it, in one step. R_CA_NAME, R_CA_EXISTS (a
 * card has the name, or an authority), R_KEY_TYPE, R_CA_DAYS, R_NAME_*;
 * R_CA_OFFLINE: the root that is to sign has its key elsewhere; R_CA_ENDED: it
 * lasts no day any more.
 */
int	op_ca_create(struct ctx *, const struct ca_order *);
/* A key and a CSR for an issuing CA that a CA elsewhere signs. */
int	op_ca_request(struct ctx *, const struct ca_order *, struct ca_row *);
/* Its answer: certificates of any order, one for a key that waits. R_CA_CERT,
 * R_CA_NO_REQUEST, R_CHAIN_* */
int	op_ca_install(struct ctx *, const struct ca_files *, struct ca_row *);
/*
 * The four acts below take two custodians once there are two: each has a code of
 * the caller ("": none) and says in *consent whether it waits. Then nothing was
 * done; another one approves it (op_ca_approve), and the same call does it.
 * R_APPROVAL_*, R_CUSTODIAN_*, R_CODE_*.
 *
 * A CA from elsewhere: its certificate (and those above it) and its key, which
 * the keeper takes in. One that was retired comes back. As op_ca_install;
 * R_KEYFILE_*, R_CA_KEY_OTHER, R_CA_EXISTS: the key is another's here.
 */
int	op_ca_import(struct ctx *, const char *name, const struct ca_files *,
	    const struct key_file *, const char *code, struct consent *, struct ca_row *);
/*
 * The root's key out of this house, in two steps, so that it is not lost on the
 * way: given out encrypted (its last CRL is made first), and destroyed here
 * when `sha256` (hex, of the file) shows that it arrived. R_CA_OFFLINE,
 * R_CA_NO_ROOT, R_EXPORT_*; R_CA_OFFLINE_HASH.
 */
int	op_ca_offline(struct ctx *, const char *name, const char *passphrase, const char *code,
	    struct consent *, const char **pem);
int	op_ca_offline_done(struct ctx *, const char *name, const char *sha256);
/* And back, for a ceremony. R_KEYFILE_*, R_CA_KEY_OTHER, R_CA_ONLINE */
int	op_ca_online(struct ctx *, const char *name, const struct key_file *, const char *code,
	    struct consent *);
/* A new issuing CA under the same root; the old one signs no certificates any
 * more, but its CRL until the last of them has ended. */
int	op_ca_rollover(struct ctx *, const char *name, int64_t days, struct ca_row *);
/*
 * shards: certificates from now on name one of so many parts of the CRL (RFC 5280
 * 5.2.5); deltas: lists say where what changed since is told (5.2.6). NULL: as it
 * is. What was named once is served on. R_CA_SHARDS
 */
struct ca_lists {
	const int64_t	*shards;
	const bool	*deltas;
};
int	op_ca_lists(struct ctx *, const char *name, const struct ca_lists *);
/* It issues nothing any more. */
int	op_ca_retire(struct ctx *, const char *name, const char *code, struct consent *);
/* The caller approves what another one asked for: "offline", "online", "import" or
 * "retire". R_APPROVAL_NONE, R_APPROVAL_OWN. */
int	op_ca_approve(struct ctx *, const char *name, const char *act, const char *code,
	    struct approval *asked);

struct ca_view {
	struct authority_row authority;
	struct ca_row	*v;		/* newest first: issuing CAs and roots */
	size_t		 n;
};
int	op_ca_list(struct ctx *, struct ca_view **, size_t *);
int	op_ca_show(struct ctx *, const char *name, struct ca_view *);
/* The CA certificate of this id that certificates name as their issuer's. */
int	op_ca_certificate(struct ctx *, const char *id, struct ca_row *);

/* For people, in the arena; NULL while it has none. */
const char *ca_pem(struct ctx *, const struct ca_row *);
const char *ca_csr_pem(struct ctx *, const struct ca_row *);
/* Its certificate and all above it, with the root; ends with NULL. */
const char **ca_chain(struct ctx *, const struct ca_row *);
