/*
 * der_names.h - alternative names, written (RFC 5280 4.2.1.6)
 */
#pragma once

#include "base/buf.h"
#include "x509/name.h"

/* DNS, IP, URI and e-mail names; of others nothing. */
void	der_put_general_name(struct buf *, const struct san *);
