/*
 * op_key.h - private keys: made, taken in, given out, destroyed
 *
 * A key is the next generation of its identity: what is active or waits for
 * an answer stays as it is. The keeper holds the key; here are its wrapped
 * blob and its public half. Each key is checked for weakness before it is
 * stored (P19), and no secret gets into the audit (P30).
 */
#pragma once

#include "op/op_approval.h"
#include "store/store.h"

#define EXPORT_PASSPHRASE_MIN	12	/* characters */
/* What key_generate takes, as FIELD_CHOICE wants it. */
#define KEY_TYPES	"ec:P-256|ec:P-384|ec:P-521|ed25519|rsa:2048|rsa:3072|rsa:4096"

/*
 * R_KEY_TYPE. `out` points into the arena. It may be delivered to a target of this
 * host when the identity has a component, or its newest key may; op_key_make: when
 * it is asked for, too.
 */
struct key_want {
	const char	*type;
	bool		 exportable, deliverable;
};
int	op_key_make(struct ctx *, const char *identity, const struct key_want *, struct key_row *out);
int	op_key_generate(struct ctx *, const char *identity, const char *type,
	    bool exportable, struct key_row *out);

struct key_file {
	const void	*data;
	size_t		 len;
	const char	*passphrase;		/* NULL: none */
	bool		 sealed;		/* an envelope to the keeper (wire/seal.h) */
	bool		 exportable, deliverable;
};
/*
 * The file is read by a reader that the keeper asks for. `found`: what it was
 * ("PKCS#8, encrypted"). R_KEYFILE_*, R_FILE_*, R_PASSPHRASE_*, R_KEY_* of
 * weak keys, R_KEY_EXISTS; field "file" or "passphrase".
 */
int	op_key_import(struct ctx *, const char *identity, const struct key_file *,
	    struct key_row *out, const char **found);
/* What envelopes are sealed to (X25519). */
int	op_key_import_key(struct ctx *, unsigned char out[32]);

int	op_key_list(struct ctx *, const char *identity_id, struct key_row **, size_t *);
int	op_key_load(struct ctx *, const char *id, struct key_row *);
/* The key that a new CSR is made from: next's, else active's. R_NO_KEY */
int	op_key_for_csr(struct ctx *, const struct identity *, struct key_row *);
/* The newest key that was never installed; *id "" when there is none. */
int	op_key_next(struct ctx *, const struct identity *, char id[ID_SIZE]);

struct export_wish {
	const char	*passphrase;
	bool		 pkcs12;		/* else PKCS#8; with the key's certificates */
	bool		 legacy;		/* PKCS#12 for old Windows and Java */
	const char	*code;			/* the caller's one-time code, or "" */
};
struct exported {
	const unsigned char *der;
	size_t		 len;
	const char	*pem;			/* of PKCS#8; else NULL */
	const char	*format;		/* "pkcs8" "pkcs12" "pkcs12-legacy" */
	struct consent	 consent;		/* waiting: nothing leaves yet */
};
/*
 * From two custodians on the first call, with a code, waits for a second one;
 * the next call of the same person, without a code, gets the key. R_KEY_DESTROYED,
 * R_EXPORT_PASSPHRASE, R_EXPORT_FORMAT, R_KEY_NOT_EXPORTABLE, those of approval_gather.
 */
int	op_key_export(struct ctx *, const char *id, const struct export_wish *, struct exported *);
/* The second custodian. Those of approval_give. */
int	op_key_approve(struct ctx *, const char *id, const char *code, struct approval *asked);
struct leaving {
	bool		 two;			/* it takes two custodians */
	bool		 custodian;		/* the caller is one */
	bool		 waits;			/* somebody asked for it */
	struct approval	 asked, second;
};
int	op_key_leaving(struct ctx *, const struct key_row *, struct leaving *);
/*
 * For good: the keeper notes it in its journal first, so that a blob put back
 * is refused (P16). Requests made with it are withdrawn: no answer to them
 * could be used. R_KEY_IN_USE, R_KEY_DESTROYED
 */
int	op_key_destroy(struct ctx *, const char *id, struct key_row *out);

/* Requests that wait for an answer; newest first. */
int	op_key_requests_out(struct ctx *, const char *identity_id, struct request_row **, size_t *);
/* What the keys of an identity are used by: compare with .key; newest first. */
struct key_uses {
	struct cert_row	*certs;
	size_t		 ncerts;
	struct request_row *requests;	/* that wait for an answer */
	size_t		 nrequests;
};
int	op_key_uses(struct ctx *, const char *identity_id, struct key_uses *);

/* "RSA 2048 bits", "EC P-256" */
const char *op_key_label(struct ctx *, const struct key_row *);
/* "ready" "active" "retired" "destroyed" */
const char *op_key_state(const struct key_row *);
/* The public half as PEM. */
const char *op_key_public(struct ctx *, const struct key_row *);

/* ---- for op_key*.c ---- */
/* R_KEY_DESTROYED */
int	key_not_destroyed(struct ctx *, const struct key_row *);
/* `more`: members of the detail, each with a comma in front. */
int	key_audit(struct ctx *, const char *action, const struct key_row *, const char *identity,
	    const char *more);
