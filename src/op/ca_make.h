/*
 * ca_make.h - keys and certificates of our own CAs, made by the keeper
 */
#pragma once

#include "op/ca_sign.h"
#include "op/op_ca.h"

struct ca_plan {			/* an order, checked */
	enum key_type	 type;
	int64_t		 days, root_days;
	const char	**permitted;
	size_t		 npermitted;
};

int	ca_plan(struct ctx *, const struct ca_order *, struct ca_plan *);
/* Rows that are in no table yet. */
int	ca_make_root(struct ctx *, const char *name, const struct ca_plan *, struct ca_row *);
int	ca_make_issuing(struct ctx *, const char *name, int64_t number, const struct ca_plan *,
	    const struct ca_row *root, struct ca_row *);
/* A key alone, and what the rows say of it. can_sign_cas: it may be a root's. */
int	ca_make_key(struct ctx *, enum key_type, bool can_sign_cas, struct ca_row *);
/* Its certificate is this one: checks, binds the key to it, fills the row. */
int	ca_take_certificate(struct ctx *, struct ca_row *, const void *der, size_t len);
/* The names that its certificate permits. */
int	ca_permitted(struct ctx *, const struct ca_row *, struct ca_plan *);
/* In the open transaction. */
int	ca_keep(struct ctx *, const struct ca_row *, const char *signer);
int	ca_trust(struct ctx *, const struct ca_row *);
/* The root of an authority here, its key here or (offline) not. R_CA_NO_ROOT */
int	ca_root(struct ctx *, const char *authority, struct ca_row *);
/* In the open transaction: the certificate of a CA is being revoked, so nothing is
 * issued under it any more. R_CA_OFFLINE: nothing can say so. */
int	ca_revoked(struct ctx *, const struct issued_row *);
int	ca_record(struct ctx *, const char *action, const struct ca_row *);
struct key_file;
/* A new key, and when it came. */
void	ca_put_key(struct ctx *, struct ca_row *, const struct key_made *);
int	ca_import_key(struct ctx *, const struct key_wish *, const struct key_file *,
	    struct key_made *);
