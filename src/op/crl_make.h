/*
 * crl_make.h - one list of revoked certificates, made and signed
 */
#pragma once

#include "base/buf.h"
#include "op/op_pki.h"
#include "store/store.h"

struct crl_order {
	const struct crl_which *which;
	int64_t		 last;		/* thisUpdate of the one before it; 0: look it up */
	bool		 keep;		/* the key goes elsewhere: this is given out from then on */
	struct buf	*der;		/* replaced */
	int64_t		 this_update;	/* of what was made */
};
/*
 * Full, of a shard, or (delta) the changes since an older one of the same; then
 * R_NOT_FOUND: there is no older one yet.
 */
int	crl_make(struct ctx *, struct ca_row *, struct crl_order *);
