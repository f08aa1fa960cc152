/*
 * page_sheet.h - the wish-list sheet, for programs and for people
 */
#pragma once

#include "front/route.h"
#include "op/op_sheet.h"

/* The envelope's members into the view (it takes envelope over). */
void	put_envelope(json_t *view, json_t *envelope);
/* What an item is called on the screen: "Common Name", "Name". */
const char *item_label(const char *item);
const char *extension_name(const char *item);	/* of "ext.OID" */
/* A reason, begun like a sentence; NULL stays NULL. */
const char *as_sentence(struct ctx *, const char *);
/* `judged` {mark, state_text}; a certificate without a verdict has none. */
void	put_verdict(json_t *, const char *verdict);
/*
 * For templates/sheet.html: `sheet` {verdict, sentence, counts, rows, notes,
 * repaired}; a row {label, asked, granted, outcome, mark, icon, why,
 * reference, same, breaking}. Breaking wishes stand first.
 */
void	put_sheet_for_people(struct ctx *, json_t *view, const json_t *envelope);
