/*
 * store_history.c - certificates of another CA's history, whose bodies come later
 */
#include "store/filing.h"
#include "store/rows.h"

/* What is filed of a number never changes: it gets another one, the newest. */
int
store_issued_complete(struct ctx *cx, const struct issued_row *i)
{
	return filed_set_state(cx, i->number, "") < 0
	    ? -1
	    : db_exec(cx,
		  "UPDATE issued SET state = $3, profile = $4, der = $5, sha256 = $6,"
		  " spki_sha256 = $7, subject = $8, name = $9, names = $10, not_before = $11,"
		  " not_after = $12, created_at = $13,"
		  " number = (SELECT max(number) + 1 FROM issued)"
		  " WHERE tenant_id = $1 AND id = $2 AND length(der) = 0",
		  "ttttbbbtttiii", cx->tenant, i->id, i->state, i->profile, (const void *)i->der,
		  i->der_len, (const void *)i->sha256, (size_t)32, (const void *)i->spki_sha256,
		  (size_t)32, i->subject, i->name, i->names, i->not_before, i->not_after,
		  i->created_at);
}
