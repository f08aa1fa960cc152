/*
 * op_sheet.c - the disposition envelope: what became of each wish, as JSON
 */
#include "op/op_sheet.h"

static void
put(json_t *o, const char *name, const char *text)
{
	json_object_set_new(o, name, text == NULL ? json_null() : json_string(text));
}

static json_t *
disposition_json(const struct disposition *d)
{
	json_t *o = json_object();

	put(o, "item", d->item);
	put(o, "asked", d->asked);
	put(o, "granted", d->granted);
	put(o, "outcome", outcome_name(d->outcome));
	put(o, "weight", weight_name(d->weight));
	put(o, "rule", d->rule);
	put(o, "reason", d->reason);
	put(o, "reference", d->reference);
	put(o, "set_by", d->set_by);
	return o;
}

json_t *
sheet_json(const struct sheet *s)
{
	json_t *o = json_object(), *all = json_array(), *notes = json_array();

	for (size_t i = 0; i < s->n; i++)
		json_array_append_new(all, disposition_json(&s->v[i]));
	for (size_t i = 0; i < s->nnotes; i++)
		json_array_append_new(notes, json_string(s->notes[i]));
	put(o, "verdict", verdict_name(s->verdict));
	json_object_set_new(o, "dispositions", all);
	json_object_set_new(o, "notes", notes);
	json_object_set_new(o, "chain", json_array());
	json_object_set_new(o, "repairs", json_array());
	return o;
}

const char *
json_text(struct ctx *cx, json_t *o)
{
	char *text = json_dumps(o, JSON_COMPACT | JSON_SORT_KEYS);
	const char *copy = arena_strdup(cx->arena, text == NULL ? "{}" : text);

	free(text);
	json_decref(o);
	return copy;
}
