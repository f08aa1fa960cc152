/*
 * page_procedure.c - helpers of the procedure's pages
 */
#include "page/page_procedure.h"

const char *
request_identity(const struct request *rq)
{
	const char *name = request_param(rq, "identity");

	if (name == NULL)
		name = request_query(rq, "identity");
	if (name == NULL)
		name = request_field(rq, "identity");
	return name == NULL || name[0] == '\0' ? IDENTITY_PORTAL : name;
}

static const char *
query_of(struct ctx *cx, const char *name)
{
	return strcmp(name, IDENTITY_PORTAL) == 0
	    ? ""
	    : arena_printf(cx->arena, "?identity=%s", url_encode(cx->arena, name));
}

const char *
identity_path(struct ctx *cx, const char *path, const char *name)
{
	return arena_printf(cx->arena, "%s%s", path, query_of(cx, name));
}

const char *
identity_option(struct ctx *cx, const struct identity *i)
{
	return strcmp(i->name, IDENTITY_PORTAL) == 0
	    ? ""
	    : arena_printf(cx->arena, " --identity %s", i->name);
}

int
put_identity_choice(struct ctx *cx, json_t *view, const struct identity *of)
{
	json_t *o = json_object(), *all = json_array();
	struct identity *list;
	size_t n;

	json_object_set_new(view, "of", o);
	json_object_set_new(view, "identities", all);
	put_text(o, "name", of->name);
	put_text(o, "query", query_of(cx, of->name));
	put_bool(o, "portal", strcmp(of->name, IDENTITY_PORTAL) == 0);
	if (op_identity_list(cx, &list, &n) < 0)
		return -1;
	put_bool(o, "several", n > 1);
	for (size_t i = 0; n > 1 && i < n; i++) {
		json_array_append_new(all, o = json_object());
		put_text(o, "name", list[i].name);
		put_text(o, "query", query_of(cx, list[i].name));
		put_bool(o, "current", strcmp(list[i].id, of->id) == 0);
	}
	return 0;
}

json_t *
lines_array(struct ctx *cx, const char *text)
{
	json_t *a = json_array();

	while (text != NULL && *text != '\0') {
		size_t n = strcspn(text, "\n");

		if (n > 0)
			json_array_append_new(a, json_stringn(text, n));
		text += n;
		text += *text == '\n';
	}
	return a;
}

static void
put_saved(json_t *subject, const char *name, const char *value)
{
	if (value != NULL)
		put_text(subject, name, value);
}

static void
put_reference(json_t *o, const char *name, const char *id)
{
	put_text(o, name, id[0] == '\0' ? NULL : id);
}

int
put_identity(struct ctx *cx, const struct request *rq, json_t *o, const struct identity *i)
{
	json_t *subject = json_object();
	char next[ID_SIZE];

	put_text(o, "id", i->id);
	put_text(o, "name", i->name);
	json_object_set_new(o, "subject", subject);
	put_saved(subject, "C", i->country);
	put_saved(subject, "ST", i->state);
	put_saved(subject, "L", i->locality);
	put_saved(subject, "O", i->organization);
	put_saved(subject, "OU", i->unit);
	put_saved(subject, "CN", i->common_name);
	put_saved(subject, "emailAddress", i->email);
	json_object_set_new(o, "names", lines_array(cx, i->names));
	put_text(o, "digest", i->digest);
	put_reference(o, "active", i->active);
	put_reference(o, "previous", i->previous);
	put_time(cx, rq, o, "created", i->created_at);
	if (op_key_next(cx, i, next) < 0)
		return -1;
	put_reference(o, "next", next);
	return 0;
}

const char *
short_digest(struct ctx *cx, const unsigned char sha256[32])
{
	return arena_printf(cx->arena, "%s…", hex_colons(cx->arena, sha256, 8));
}

/* The state in words for people, with the shape that goes with it. */
static void
put_key_mark(json_t *o, const struct key_row *k)
{
	static const struct {
		const char *text, *shape;
	} marks[] = { [KEY_READY] = { "Not installed yet", "note" },
		[KEY_ACTIVE] = { "Active", "good" },
		[KEY_RETIRED] = { "Was active", "off" },
		[KEY_DESTROYED] = { "Destroyed", "off" } };

	put_state(o, marks[k->state].shape, marks[k->state].text);
	put_bool(o, "next", k->state == KEY_READY);
	put_bool(o, "destroyed", k->state == KEY_DESTROYED);
}

void
put_key(struct ctx *cx, const struct request *rq, json_t *o, const struct key_row *k,
    const char *identity)
{
	put_text(o, "id", k->id);
	put_text(o, "label", op_key_label(cx, k));
	put_text(o, "type", k->type);
	put_int(o, "bits", k->bits);
	put_text(o, "identity", identity);
	put_text(o, "state", op_key_state(k));
	put_int(o, "generation", k->generation);
	put_text(o, "origin", k->origin);
	put_bool(o, "exportable", k->exportable);
	put_bool(o, "deliverable", k->deliverable);
	put_text(o, "spki_sha256", hex_of(cx->arena, k->spki_sha256, sizeof(k->spki_sha256)));
	put_text(o, "public_key", op_key_public(cx, k));
	put_time(cx, rq, o, "created", k->created_at);
	if (rq->face == FACE_API)
		return;
	put_text(o, "spki_short", short_digest(cx, k->spki_sha256));
	put_text(o, "spki_colons", hex_colons(cx->arena, k->spki_sha256, sizeof(k->spki_sha256)));
	put_bool(o, "own", k->generation == 0);
	put_bool(o, "imported", strcmp(k->origin, "imported") == 0);
	put_time(cx, rq, o, "gone", k->destroyed_at);
	put_key_mark(o, k);
}

int
put_keys(struct ctx *cx, const struct request *rq, json_t *view, const struct identity *i)
{
	json_t *all = json_array(), *o;
	struct key_row *list;
	size_t n;

	json_object_set_new(view, "keys", all);
	if (op_key_list(cx, i->id, &list, &n) < 0)
		return -1;
	for (size_t k = 0; k < n; k++) {
		json_array_append_new(all, o = json_object());
		put_key(cx, rq, o, &list[k], i->name);
	}
	return 0;
}
