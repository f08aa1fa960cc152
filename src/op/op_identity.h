/*
 * op_identity.h - identities: the names and subject that a server presents
 */
#pragma once

#include "store/store.h"

#define IDENTITY_PORTAL	"portal"	/* the default listener's; always there */

int	op_identity_list(struct ctx *, struct identity **, size_t *);
int	op_identity_load(struct ctx *, const char *id_or_name, struct identity *);
/* R_IDENTITY_NAME, R_IDENTITY_EXISTS */
int	op_identity_create(struct ctx *, const char *name, struct identity *);
/* R_IDENTITY_PORTAL; R_IDENTITY_IN_USE: it has keys, destroyed ones too. */
int	op_identity_delete(struct ctx *, const char *id_or_name);
/* What stands in addresses, commands and audit lines as it is; of components, too. */
bool	identity_name_fits(const char *);
