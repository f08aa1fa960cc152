/*
 * openapi.c - the API's document, from the table of routes and its fields
 */
#include <stdio.h>

#include "base/err.h"
#include "front/routes.h"

static const char *
type_of(const struct field *f)
{
	return f->kind == FIELD_BOOL ? "boolean"
	    : f->kind == FIELD_INT   ? "integer"
	    : f->kind == FIELD_FILES ? "array"
				     : "string";
}

static json_t *
choices_of(const struct field *f)
{
	json_t *out = json_array();

	for (const char *p = f->choices; *p != '\0'; p += strcspn(p, "|"), p += *p == '|')
		json_array_append_new(out, json_stringn(p, strcspn(p, "|")));
	return out;
}

static json_t *
property_of(const struct field *f)
{
	json_t *p = json_pack("{ss,ss}", "type", type_of(f), "title", f->label);

	if (f->help != NULL)
		json_object_set_new(p, "description", json_string(f->help));
	if (f->max > 0 && strcmp(type_of(f), "string") == 0)
		json_object_set_new(p, "maxLength", json_integer((json_int_t)f->max));
	if (f->kind == FIELD_CHOICE)
		json_object_set_new(p, "enum", choices_of(f));
	if (f->kind == FIELD_SECRET)
		json_object_set_new(p, "format", json_string("password"));
	if (f->kind == FIELD_FILES)
		json_object_set_new(p, "items",
		    json_pack("{ss,s{s{ss},s{ss,ss}}}", "type", "object", "properties", "name",
			"type", "string", "content", "type", "string", "contentEncoding",
			"base64"));
	return p;
}

static json_t *
body_of(const struct route *r)
{
	json_t *properties = json_object(), *required = json_array(), *schema;

	for (const struct field *f = r->fields; f->name != NULL; f++) {
		json_object_set_new(properties, f->name, property_of(f));
		if (f->required)
			json_array_append_new(required, json_string(f->name));
	}
	schema = json_pack("{ss,so}", "type", "object", "properties", properties);
	if (json_array_size(required) > 0)
		json_object_set_new(schema, "required", required);
	else
		json_decref(required);
	return json_pack("{s{s{so}}}", "content", "application/json", "schema", schema);
}

static json_t *
operation_of(const struct route *r)
{
	json_t *params = json_array(), *o;
	const char *p = r->api_path;
	char status[8];

	for (; (p = strchr(p, '{')) != NULL; p++)
		json_array_append_new(params,
		    json_pack("{so,ss,sb,s{ss}}", "name", json_stringn(p + 1, strcspn(p + 1, "}")),
			"in", "path", "required", 1, "schema", "type", "string"));
	snprintf(status, sizeof(status), "%d", r->status == 0 ? 200 : r->status);
	o = json_pack("{ss,ss,so,s{s{ss,s{s{s{ss}}}},s{ss}},ss}", "operationId", r->name, "summary",
	    r->summary, "parameters", params, "responses", status, "description", "done", "content",
	    "application/json", "schema", "type", "object", "default", "$ref",
	    "#/components/responses/problem", "x-capability", capability_name(r->capability));
	if (o != NULL && r->fields != NULL)
		json_object_set_new(o, "requestBody", body_of(r));
	return o;
}

json_t *
routes_openapi(const struct routes *all)
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
	return json_pack("{ss,s{ss,ss},so,s[{s[]}],s{s{s{ss,ss}},s{s{ss,s{s{s{ss}}}}}}}", "openapi",
	    "3.1.0", "info", "title", "Certwright", "version", CERTWRIGHT_VERSION, "paths", paths,
	    "security", "bearer", "components", "securitySchemes", "bearer", "type", "http",
	    "scheme", "bearer", "responses", "problem", "description", "an error, RFC 9457",
	    "content", "application/problem+json", "schema", "type", "object");
}
