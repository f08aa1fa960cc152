/*
 * op_sheet.h - the disposition envelope: what became of each wish, as JSON
 *
 * {"verdict", "dispositions", "chain", "notes", "repairs"}: one shape for
 * answers, for what is stored with a certificate, and for the pages.
 */
#pragma once

#include <jansson.h>

#include "base/ctx.h"
#include "x509/disposition.h"

/* Compact, members sorted, in the arena; the value is taken over. */
const char *json_text(struct ctx *, json_t *);
/* chain and repairs are empty arrays, for the caller to fill. */
json_t	*sheet_json(const struct sheet *);
/* The same without "dispositions", and these alone as text: who needs text only
 * (what is issued often) makes no values of them. */
json_t	*sheet_frame(const struct sheet *);
const char *sheet_dispositions(struct ctx *, const struct sheet *);
/* All of it as text, the dispositions of sheet_dispositions. */
const char *sheet_text(struct ctx *, const struct sheet *, const char *dispositions);
