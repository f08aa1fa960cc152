/*
 * openapi.c - the API's document, from the table of routes and its fields
 */
#include <stdio.h>

#include "base/err.h"
#include "front/routes.h"
#include "front/shapes.h"

#define ABOUT                                                                                 \
	"What the portal can do. Sign in with a bearer token (POST /api/v1/tokens, or "       \
	"`certwright token create`); the Unix socket in the data directory needs none. A "    \
	"browser's session is taken too, its writes with X-CSRF-Token. Errors are "           \
	"application/problem+json (RFC 9457). A write with an Idempotency-Key is done once: " \
	"the same again within 24 hours gets the same answer. Members may be added to "       \
	"answers. An operation with x-tenant acts in the caller's own tenant; a Super Admin " \
	"acts in another under /api/v1/t/TENANT/... Limits: certwrightd(8)."

/* ---- fields ------------------------------------------------------------------ */

static json_t *
choices_of(const struct field *f)
{
	json_t *out = json_array();

	for (const char *p = f->choices; *p != '\0'; p += strcspn(p, "|"), p += *p == '|')
		json_array_append_new(out, json_stringn(p, strcspn(p, "|")));
	return out;
}

/* The type; texts in lines come as a list too. */
static json_t *
type_of(const struct field *f)
{
	switch (f->kind) {
	case FIELD_BOOL:
		return json_pack("{s:s}", "type", "boolean");
	case FIELD_INT:
		return json_pack("{s:s}", "type", "integer");
	case FIELD_LINES:
		return json_pack(
		    "{s:[s,s], s:{s:s}}", "type", "string", "array", "items", "type", "string");
	case FIELD_FILES:
		return json_pack("{s:s, s:i, s:{s:s, s:{s:{s:s}, s:{s:s, s:s}}, s:[s]}}", "type",
		    "array", "maxItems", LIMIT_FILES, "items", "type", "object", "properties",
		    "name", "type", "string", "content", "type", "string", "contentEncoding",
		    "base64", "required", "content");
	default:
		return json_pack("{s:s}", "type", "string");
	}
}

static json_t *object_of(const struct field *, const struct field *elements);

static json_t *
schema_of(const struct field *f, const struct field *elements)
{
	json_t *s = f->kind == FIELD_LIST
	    ? json_pack("{s:s, s:i, s:i, s:o}", "type", "array", "minItems", 1, "maxItems",
		  (int)f->max, "items", object_of(elements, NULL))
	    : type_of(f);
	bool text = f->kind != FIELD_BOOL && f->kind != FIELD_INT && f->kind != FIELD_FILES &&
	    f->kind != FIELD_LIST;

	json_object_set_new(s, "title", json_string(f->label));
	if (f->help != NULL)
		json_object_set_new(s, "description", json_string(f->help));
	if (f->max > 0 && text)
		json_object_set_new(s, "maxLength", json_integer((json_int_t)f->max));
	if (f->kind == FIELD_CHOICE)
		json_object_set_new(s, "enum", choices_of(f));
	if (f->kind == FIELD_EMAIL)
		json_object_set_new(s, "format", json_string("email"));
	if (f->kind == FIELD_SECRET) {
		json_object_set_new(s, "format", json_string("password"));
		json_object_set_new(s, "writeOnly", json_true());
	}
	return s;
}

/* These members and no others. */
static json_t *
object_of(const struct field *f, const struct field *elements)
{
	json_t *all = json_object(), *required = json_array(), *schema;

	for (; f != NULL && f->name != NULL; f++) {
		json_object_set_new(all, f->name, schema_of(f, elements));
		if (f->required)
			json_array_append_new(required, json_string(f->name));
	}
	schema = json_pack(
	    "{s:s, s:o, s:b}", "type", "object", "properties", all, "additionalProperties", 0);
	if (json_array_size(required) > 0)
		json_object_set(schema, "required", required);
	json_decref(required);
	return schema;
}

/* ---- one operation ------------------------------------------------------------- */

static bool
is_write(const struct route *r)
{
	return strcmp(r->method, "GET") != 0;
}

static json_t *
body_of(const struct route *r)
{
	json_t *schema = object_of(r->fields, r->elements), *content = json_object();
	bool needed = json_object_get(schema, "required") != NULL;

	json_object_set_new(content, "application/json", json_pack("{s:o}", "schema", schema));
	if (r->takes != NULL)
		json_object_set_new(content, r->takes, json_object());
	return json_pack("{s:b, s:o}", "required", needed, "content", content);
}

/* Parts of the path, what may stand behind "?", and the key of a write. */
static json_t *
parameters_of(const struct route *r)
{
	json_t *all = json_array();
	const char *p = r->api_path;

	for (; (p = strchr(p, '{')) != NULL; p++)
		json_array_append_new(all,
		    json_pack("{s:o, s:s, s:b, s:s, s:{s:s}}", "name",
			json_stringn(p + 1, strcspn(p + 1, "}")), "in", "path", "required", 1,
			"description", "id; where the thing has a name, its name will do", "schema",
			"type", "string"));
	for (const struct field *f = r->query; f != NULL && f->name != NULL; f++)
		json_array_append_new(all,
		    json_pack("{s:s, s:s, s:b, s:o}", "name", f->name, "in", "query", "required",
			f->required, "schema", schema_of(f, NULL)));
	if (is_write(r))
		json_array_append_new(
		    all, json_pack("{s:s}", "$ref", "#/components/parameters/Idempotency-Key"));
	return all;
}

/* One, or several with a space between. */
static void
put_media_types(json_t *content, const char *types)
{
	char type[64];

	for (size_t n; *types != '\0'; types += n + (types[n] == ' ')) {
		n = strcspn(types, " ");
		snprintf(type, sizeof(type), "%.*s", (int)n, types);
		json_object_set_new(content, type, json_object());
	}
}

static json_t *
responses_of(const struct route *r)
{
	const int codes[] = { r->status == 0 ? 200 : r->status, r->also };
	json_t *all = json_pack("{s:{s:s}}", "default", "$ref", "#/components/responses/problem");
	bool shape = strchr(r->answer, '/') == NULL;
	json_t *content = json_object();

	if (shape)
		json_object_set_new(content, "application/json",
		    json_pack("{s:{s:o}}", "schema", "$ref",
			json_sprintf("#/components/schemas/%s", r->answer)));
	else
		put_media_types(content, r->answer);
	for (size_t i = 0; i < nitems(codes) && codes[i] != 0; i++) {
		char status[8];

		snprintf(status, sizeof(status), "%d", codes[i]);
		json_object_set_new(all, status,
		    json_pack("{s:s, s:O}", "description",
			codes[i] == 201	      ? "made"
			    : codes[i] == 202 ? "kept"
					      : "done",
			"content", content));
	}
	json_decref(content);
	return all;
}

static json_t *
operation_of(const struct route *r)
{
	json_t *o = json_pack("{s:s, s:s, s:[o], s:o, s:o, s:s}", "operationId", r->name, "summary",
	    r->summary, "tags", json_stringn(r->name, strcspn(r->name, ".")), "parameters",
	    parameters_of(r), "responses", responses_of(r), "x-capability",
	    capability_name(r->capability));

	json_object_set_new(o, "x-tenant", json_boolean(r->tenant_scoped));
	if (is_write(r) && (r->fields != NULL || r->takes != NULL))
		json_object_set_new(o, "requestBody", body_of(r));
	if (r->capability == CAP_PUBLIC)
		json_object_set_new(o, "security", json_array());
	else if (is_write(r))
		json_object_set_new(o, "security",
		    json_pack("[{s:[]}, {s:[], s:[]}]", "bearer", "session", "csrf"));
	return o;
}

/* ---- the whole ------------------------------------------------------------------- */

static json_t *
paths_of(const struct routes *all)
{
	json_t *paths = json_object(), *item;
	char method[16], path[256];

	for (size_t i = 0; i < routes_count(all); i++) {
		const struct route *r = routes_at(all, i);

		if (r->api_path == NULL)
			continue;
		snprintf(path, sizeof(path), API_PREFIX "%s", r->api_path);
		if ((item = json_object_get(paths, path)) == NULL)
			json_object_set_new(paths, path, item = json_object());
		snprintf(method, sizeof(method), "%s", r->method);
		for (char *m = method; *m != '\0'; m++)
			*m = (char)(*m | 0x20);
		json_object_set_new(item, method, operation_of(r));
	}
	json_object_set_new(paths, "/healthz",
	    json_pack("{s:{s:s, s:[s], s:[], s:{s:{s:s, s:{s:{}}}, s:{s:s, s:{s:{}}}}}}", "get",
		"summary", "Is it well? For monitors; nobody signs in", "tags", "status",
		"security", "responses", "200", "description", "ok", "content", "text/plain", "503",
		"description", "one word: database or keeper", "content", "text/plain"));
	return paths;
}

static json_t *
components(void)
{
	json_t *schemes = json_pack("{s:{s:s,s:s}, s:{s:s,s:s,s:s}, s:{s:s,s:s,s:s}}", "bearer",
	    "type", "http", "scheme", "bearer", "session", "type", "apiKey", "in", "cookie", "name",
	    "__Host-certwright", "csrf", "type", "apiKey", "in", "header", "name", "X-CSRF-Token");
	json_t *problem = json_pack("{s:{s:s, s:{s:{s:{s:s}}}}}", "problem", "description",
	    "an error", "content", "application/problem+json", "schema", "$ref",
	    "#/components/schemas/Problem");
	json_t *key = json_pack("{s:{s:s, s:s, s:s, s:{s:s, s:i}}}", "Idempotency-Key", "name",
	    "Idempotency-Key", "in", "header", "description",
	    "chosen by the caller; a new one for each new request", "schema", "type", "string",
	    "maxLength", 128);

	return json_pack("{s:o, s:o, s:o, s:o}", "securitySchemes", schemes, "responses", problem,
	    "parameters", key, "schemas", shapes_schemas());
}

json_t *
routes_openapi(const struct routes *all)
{
	json_t *info = json_pack("{s:s, s:s, s:s, s:{s:s, s:s}}", "title", "Certwright", "version",
	    CERTWRIGHT_VERSION, "description", ABOUT, "license", "name", "Apache License 2.0",
	    "identifier", "Apache-2.0");

	return json_pack("{s:s, s:o, s:[{s:s}], s:o, s:[{s:[]}, {s:[]}], s:o}", "openapi", "3.1.0",
	    "info", info, "servers", "url", "/", "paths", paths_of(all), "security", "bearer",
	    "session", "components", components());
}
