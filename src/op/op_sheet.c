/*
 * op_sheet.c - the disposition envelope: what became of each wish, as JSON
 */
#include "base/jsonput.h"
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

/* Everything but the dispositions. */
json_t *
sheet_frame(const struct sheet *s)
{
	json_t *o = json_object(), *notes = json_array();

	for (size_t i = 0; i < s->nnotes; i++)
		json_array_append_new(notes, json_string(s->notes[i]));
	put(o, "verdict", verdict_name(s->verdict));
	json_object_set_new(o, "notes", notes);
	json_object_set_new(o, "chain", json_array());
	json_object_set_new(o, "repairs", json_array());
	return o;
}

json_t *
sheet_json(const struct sheet *s)
{
	json_t *o = sheet_frame(s), *all = json_array();

	for (size_t i = 0; i < s->n; i++)
		json_array_append_new(all, disposition_json(&s->v[i]));
	json_object_set_new(o, "dispositions", all);
	return o;
}

static void
put_disposition(struct buf *b, const struct disposition *d)
{
	const struct {
		const char *name, *value;
	} members[] = { { "{\"asked\":", d->asked }, { ",\"granted\":", d->granted },
		{ ",\"item\":", d->item }, { ",\"outcome\":", outcome_name(d->outcome) },
		{ ",\"reason\":", d->reason }, { ",\"reference\":", d->reference },
		{ ",\"rule\":", d->rule }, { ",\"set_by\":", d->set_by },
		{ ",\"weight\":", weight_name(d->weight) } };

	for (size_t i = 0; i < nitems(members); i++) {
		buf_put_text(b, members[i].name);
		json_put_text(b, members[i].value);
	}
	buf_put_u8(b, '}');
}

const char *
sheet_dispositions(struct ctx *cx, const struct sheet *s)
{
	AUTO_BUF struct buf b = { 0 };

	for (size_t i = 0; i < s->n; i++) {
		buf_put_u8(&b, i == 0 ? '[' : ',');
		put_disposition(&b, &s->v[i]);
	}
	buf_put_text(&b, s->n == 0 ? "[]" : "]");
	return arena_strdup(cx->arena, buf_text(&b));
}

const char *
sheet_text(struct ctx *cx, const struct sheet *s, const char *dispositions)
{
	AUTO_BUF struct buf b = { 0 };
	json_t *o = sheet_frame(s);

	json_put_with(&b, o, "dispositions", dispositions);
	json_decref(o);
	return arena_strdup(cx->arena, buf_text(&b));
}

const char *
json_text(struct ctx *cx, json_t *o)
{
	AUTO_BUF struct buf b = { 0 };

	json_put(&b, o);
	json_decref(o);
	return arena_strdup(cx->arena, buf_text(&b));
}
