/*
 * haproxy.h - a certificate into a running HAProxy, by its runtime API
 */
#pragma once

#include "base/buf.h"
#include "deliver/targets.h"

/*
 * "set ssl cert" and "commit ssl cert" over its socket (HAProxy's management
 * guide, 9.3); what cannot be committed is aborted. pem: certificates and key.
 * R_DELIVER_HAPROXY with what it answered
 */
int	haproxy_put(const struct target *, struct buf *pem, struct err *);
