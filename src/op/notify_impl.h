/*
 * notify_impl.h - what the files of op_notify.h share
 */
#pragma once

#include "op/op_notify.h"

/* A certificate in PEM, with which a server's is verified. R_NOTIFY_CA */
int	notify_check_ca(struct ctx *, const char *field, const char *pem);
/* Unsealed, in the arena, which wipes; NULL: nobody signs in there. */
int	notify_password(struct ctx *, const struct notify_server *, const char **);
int	notify_secret(struct ctx *, const struct notify_row *, const unsigned char **, size_t *);
/* The name of the tenant that cx acts in; NULL: the system. */
const char *notify_tenant(struct ctx *);
/* One test more. R_NOTIFY_OFTEN */
int	notify_test_take(struct ctx *);
/* Whoever waits looks again. */
void	notify_wake(void);
