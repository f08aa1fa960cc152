/*
 * page_issued.h - what our own authorities issued, as API and pages show it
 */
#pragma once

#include "front/route.h"
#include "op/op_inventory.h"

extern const struct route_table page_inventory_routes;

#define ISSUED_PAGE "/certificates"

/* As the API shows it, without PEM; in the portal with its state in words. */
void	put_issued(struct ctx *, const struct request *, json_t *, const struct issued_row *);
/* text, state, before, limit of the query, at most `most` of them; the text in
 * lower case. R_FIELD_CHOICE: there is no such state. */
int	issued_query(struct ctx *, const struct request *, size_t preset, size_t most,
	    struct issued_query *);

/* page_ends.c: the picture of what ends in which week, for templates/ends.html;
 * nothing ends: null. */
void	put_ends(struct ctx *, json_t *view, const struct inventory *);

/* page_issued_export.c */
extern const struct field export_query[];
handler_fn issued_export;
