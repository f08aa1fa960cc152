/*
 * history_keep.h - one certificate of another CA's history becomes a row
 */
#pragma once

#include "op/op_history.h"
#include "x509/history.h"

struct history_wish {
	const struct issued_row *certificate;	/* NULL: only a line is there */
	const struct history_line *line;	/* NULL: only a certificate */
	const struct ca_row *ca;
	bool		 is_ca;			/* the certificate is a CA's */
};
/* In the open transaction; fills in serial, subject, state, act and reason. */
int	history_keep(struct ctx *, const struct history_wish *, struct history_item *);
