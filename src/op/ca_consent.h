/*
 * ca_consent.h - acts of a CA that take two custodians, once there are two (P15)
 *
 * Where a key comes in or leaves, the keeper judges; that an authority issues
 * nothing any more is the front's to keep.
 */
#pragma once

#include "op/op_approval.h"

/* "offline" "online" "import" "retire" */
struct ca_act {
	const char	*authority, *act;
	const char	*text;			/* as the keeper knows it, or the front alone */
	const char	*code;			/* the caller's, or "" */
};
/* May it be done now? Waiting: not yet. As approval_gather. */
int	ca_gather(struct ctx *, const struct ca_act *, struct consent *);
/* It was done, or cannot be any more. */
void	ca_spent(struct ctx *, const char *text);
/* "import ...": this key comes in. */
const char *ca_import_text(struct ctx *, const unsigned char spki_sha256[32]);
