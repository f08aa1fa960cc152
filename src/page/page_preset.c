/*
 * page_preset.c - what the CSR fields of a tenant begin with, and which are fixed
 */
#include "base/buf.h"
#include "op/op_preset.h"
#include "page/page_people.h"
#include "page/page_request.h"

#define PAGE	  "/settings/security/csr/fields"
#define FIELD_MAX 255

#define VALUES                                                                              \
	{ "country", "Country Code", FIELD_TEXT, FIELD_MAX, false, NULL,                    \
		"two letters, ISO 3166" },                                                  \
	    { "state", "State or Province Name", FIELD_TEXT, FIELD_MAX, false, NULL,        \
		    "written out, not abbreviated" },                                       \
	    { "locality", "Locality", FIELD_TEXT, FIELD_MAX, false, NULL, "city or town" }, \
	    { "organization", "Organization Name", FIELD_TEXT, FIELD_MAX, false, NULL,      \
		    "the registered legal name" },                                          \
	    { "unit", "Organization Unit", FIELD_TEXT, FIELD_MAX, false, NULL,              \
		    "public CAs leave it out" },                                            \
	{                                                                                   \
		"email", "Email Address", FIELD_TEXT, FIELD_MAX, false, NULL,               \
		    "reaches the people who look after the servers"                         \
	}
#define LOCK(name, label)                                                             \
	{                                                                             \
		"lock_" name, label ", locked", FIELD_BOOL, 0, false, NULL, "for all" \
	}

static const struct field api_fields[] = { VALUES,
	{ "locked", "Locked fields", FIELD_LINES, 200, false, NULL,
	    "their names; nobody in the tenant can ask for another value" },
	{ 0 } };
static const struct field form_fields[] = { VALUES, LOCK("country", "Country Code"),
	LOCK("state", "State or Province Name"), LOCK("locality", "Locality"),
	LOCK("organization", "Organization Name"), LOCK("unit", "Organization Unit"),
	LOCK("email", "Email Address"), { 0 } };

static void
put_presets(json_t *view, const struct preset all[PRESETS])
{
	json_t *fields = json_array(), *o;

	json_object_set_new(view, "fields", fields);
	for (size_t i = 0; i < PRESETS; i++) {
		json_array_append_new(fields, o = json_object());
		put_text(o, "field", all[i].field);
		put_text(o, "label", all[i].label);
		put_text(o, "value", all[i].value);
		put_bool(o, "locked", all[i].locked);
	}
}

/* For the form: the boxes of who may lock, or what others cannot change. */
static void
put_locks(struct ctx *cx, json_t *view, const struct preset all[PRESETS])
{
	bool locks = cx->actor.role == ROLE_SUPER;
	json_t *is = json_object(), *fixed = json_object();

	put_bool(view, "locks", locks);
	json_object_set_new(view, "is", is);
	json_object_set_new(view, "fixed", fixed);
	for (size_t i = 0; i < PRESETS; i++) {
		view_form_value(view, all[i].field, all[i].value);
		put_bool(is, all[i].field, all[i].locked);
		put_bool(fixed, all[i].field, all[i].locked && !locks);
	}
}

static int
presets_show(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct preset all[PRESETS];

	if (op_presets(cx, all) < 0)
		return -1;
	put_presets(view, all);
	if (rq->face == FACE_API)
		return 0;
	put_locks(cx, view, all);
	view_command(view,
	    "certwright csr fields --organization NAME --lock organization\n\n"
	    "GET  /api/v1/csr-fields\n"
	    "PUT  /api/v1/csr-fields  {\"organization\": \"NAME\", \"locked\": "
	    "[\"organization\"]}");
	return 0;
}

/* The boxes of the form; whoever may not lock has none of them. */
static const char *
boxes(struct ctx *cx, const struct request *rq, const struct preset all[PRESETS])
{
	AUTO_BUF struct buf b = { 0 };

	if (cx->actor.role != ROLE_SUPER)
		return NULL;
	for (size_t i = 0; i < PRESETS; i++)
		if (request_bool(rq, arena_printf(cx->arena, "lock_%s", all[i].field)))
			buf_printf(&b, "%s\n", all[i].field);
	return arena_strdup(cx->arena, buf_text(&b));
}

static int
presets_set(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct preset all[PRESETS];
	const char *values[PRESETS], *locked = request_field(rq, "locked");

	if (op_presets(cx, all) < 0)
		return -1;
	for (size_t i = 0; i < PRESETS; i++)
		values[i] = request_field(rq, all[i].field);
	if (rq->face == FACE_PORTAL)
		locked = boxes(cx, rq, all);
	if (op_presets_save(cx, values, locked, all) < 0)
		return -1;
	put_presets(view, all);
	return 0;
}

static const struct route routes[] = {
	{ .name = "csr.presets",
	    .method = "GET",
	    .portal_path = PAGE,
	    .api_path = "/csr-fields",
	    .capability = CAP_READ,
	    .tenant_scoped = true,
	    .handler = presets_show,
	    .template = "csr-fields",
	    .title = "Fields of CSRs",
	    .tab = "settings",
	    .menu = "csr",
	    .answer = "CsrFields",
	    .summary = "What the fields of CSRs begin with, and which are locked" },
	{ .name = "csr.presets.set",
	    .method = "PUT",
	    .api_path = "/csr-fields",
	    .capability = CAP_SETTINGS,
	    .tenant_scoped = true,
	    .handler = presets_set,
	    .fields = api_fields,
	    .audit = "csr.presets",
	    .answer = "CsrFields",
	    .summary = "Set them; what is not sent stays. Locks are a Super Admin's" },
	{ .name = "csr.presets.set.portal",
	    .method = "POST",
	    .portal_path = PAGE,
	    .capability = CAP_SETTINGS,
	    .tenant_scoped = true,
	    .handler = presets_set,
	    .fields = form_fields,
	    .audit = "csr.presets",
	    .page = "csr.presets",
	    .then = PAGE,
	    .summary = "Set what the fields of CSRs begin with" },
};
const struct route_table page_preset_routes = { routes, nitems(routes) };
