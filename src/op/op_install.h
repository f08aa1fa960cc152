/*
 * op_install.h - a certificate is put to work, or the one before it again
 */
#pragma once

#include "op/op_answer.h"

#define REASON_MAX	500		/* characters */

/*
 * Install what op_answer_read found: durable first, then served by every
 * listener from the next handshake on. R_INSTALL_BREAKING: not fit for use;
 * a Super Admin may give `override`, a reason that is recorded, but not for
 * another key or a signature that does not verify (R_INSTALL_NEVER).
 */
int	op_install(struct ctx *, const struct answer *, const char *override,
	    struct cert_row *out);
/* What our own authority issued to this submission, into use by the identity that asked. */
int	op_install_issued(struct ctx *, const struct identity *, const char *submission,
	    struct cert_row *out);
/* The certificate before the active one again, which then is the one before.
 * reason may be NULL. R_NO_PREVIOUS */
int	op_rollback(struct ctx *, const struct identity *, const char *reason,
	    struct cert_row *out);

/* ---- what there is ------------------------------------------------------------ */
int	op_cert_list(struct ctx *, const struct identity *, struct cert_row **, size_t *);
int	op_cert_load(struct ctx *, const char *id, struct cert_row *);
int	op_cert_active(struct ctx *, const struct identity *, struct cert_row *); /* R_NOT_FOUND */
/* What was served, newest first. */
int	op_install_history(struct ctx *, const struct identity *, struct install_row **, size_t *);
const char *cert_state(const struct identity *, const struct cert_row *);	/* "active" "previous" "kept" */
/* PEM of the certificate, and of those above it. */
const char *cert_row_pem(struct ctx *, const struct cert_row *, bool chain);
int	cert_row_text(struct ctx *, const struct cert_row *, const char **);	/* raw dump */
