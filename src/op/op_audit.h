/*
 * op_audit.h - the audit: list, export, verify
 */
#pragma once

#include "base/buf.h"
#include "base/ctx.h"
#include "store/store.h"

#define AUDIT_PAGE	50
#define AUDIT_PAGE_MAX	500

/* Newest first; before 0: from the newest on. */
int	op_audit_list(struct ctx *, const struct audit_query *, struct audit_row **,
	    size_t *, bool *more);
/* Is the event that the keeper anchored last still there? Before another head is
 * signed. R_ANCHOR_OTHER: the audit was changed or cut. */
int	op_audit_continues(struct ctx *);
/*
 * NDJSON, oldest first; the last line is the head, signed by the keeper and
 * anchored in its journal (base/audit_export.h). Changes no table.
 */
int	op_audit_export(struct ctx *, struct buf *out);

struct audit_state {
	bool		 whole;
	int64_t		 events;		/* found right */
	int64_t		 anchored;		/* newest head in the keeper's journal */
	int64_t		 place;			/* first event at fault, 0 = none */
	const char	*head;			/* "SEQUENCE:HASH", or "" */
	const char	*message;
};
/* Walk the chain and compare with the keeper's journal: finds any edit,
 * removal, new order and tail cut. Broken is a finding, not an error. */
int	op_audit_verify(struct ctx *, struct audit_state *);
/* The chain alone, of a database that may be older than the journal. */
int	op_audit_chain(struct ctx *, struct audit_state *);
