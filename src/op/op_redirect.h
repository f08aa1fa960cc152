/*
 * op_redirect.h - whether plain HTTP sends browsers on to HTTPS
 *
 * Asked of a path where no list, OCSP answer or certificate is. The name stays
 * the one that was asked for, since each tenant has its own; the port is set, as
 * the one that people see may be another than the listener's.
 */
#pragma once

#include "base/ctx.h"

int	op_redirect_load(struct ctx *, int64_t *port);		/* 0: off */
/* R_REDIRECT_PORT, R_REDIRECT_NOWHERE: plain HTTP is not served. Off always can be. */
int	op_redirect_save(struct ctx *, const char *port);
/* Where who asks `host` ("a.example:80") for `target` is sent, or NULL: nowhere. */
const char *redirect_address(struct ctx *, const char *host, const char *target, int64_t port);
