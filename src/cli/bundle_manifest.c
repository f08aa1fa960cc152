/*
 * bundle_manifest.c - what a bundle says is in it
 *
 *   {"certwright-bundle": {"version": "1", "made": TIME, "instance": ID,
 *     "files": [{"name": "kek", "size": 32, "sha256": HEX}, ...]}}
 */
#include <stdio.h>

#include <jansson.h>

#include "base/arena.h"
#include "base/text.h"
#include "cli/bundle.h"

static const enum next_file in_it[BUNDLE_FILES] = { NEXT_KEK, NEXT_JOURNAL, NEXT_SIGN_JOURNAL,
	NEXT_DATABASE };

const char *
bundle_member(char out[64], enum next_file f, uint64_t part)
{
	snprintf(out, 64, "%s.%llu.cms", next_name(f), (unsigned long long)part);
	return out;
}

uint64_t
bundle_parts(uint64_t size)
{
	return size == 0 ? 0 : (size - 1) / BUNDLE_PART + 1;
}

char *
bundle_manifest(const struct bundle *b)
{
	AUTO(arena) struct arena *a = arena_new();
	json_t *files = json_array(), *all;
	char *text;

	for (size_t i = 0; i < BUNDLE_FILES; i++)
		json_array_append_new(files,
		    json_pack("{ss,sI,ss}", "name", next_name(b->files[i].file), "size",
			(json_int_t)b->files[i].size, "sha256",
			hex_of(a, b->files[i].sha256, sizeof(b->files[i].sha256))));
	all = json_pack("{s{ss,ss,ss,so}}", "certwright-bundle", "version", "1", "made", b->made,
	    "instance", b->instance, "files", files);
	text = json_dumps(all, JSON_INDENT(1));
	json_decref(all);
	return text;
}

static int
not_ours(struct err *e, const char *why)
{
	err_set(e, R_SECURITY_BUNDLE_DAMAGED, NULL, "the bundle's manifest %s", why);
	return err_hint(e, "take another copy of it, or the certwright that it was made with");
}

static int
take_file(struct bundle_file *f, enum next_file want, const json_t *o, struct err *e)
{
	const char *name = json_string_value(json_object_get(o, "name"));
	const char *hex = json_string_value(json_object_get(o, "sha256"));
	json_int_t size = json_integer_value(json_object_get(o, "size"));
	size_t n;

	if (name == NULL || strcmp(name, next_name(want)) != 0 || hex == NULL ||
	    hex_decode(f->sha256, sizeof(f->sha256), hex, &n) < 0 || n != sizeof(f->sha256) ||
	    size < 0)
		return not_ours(e, "is malformed");
	if (want == NEXT_KEK && size != 32)
		return not_ours(e, "has a key-encryption key of the wrong length");
	f->file = want;
	f->fd = -1;
	f->size = (uint64_t)size;
	return 0;
}

static int
take(struct bundle *b, const json_t *o, struct err *e)
{
	const char *version = json_string_value(json_object_get(o, "version"));
	const char *made = json_string_value(json_object_get(o, "made"));
	const char *instance = json_string_value(json_object_get(o, "instance"));
	const json_t *files = json_object_get(o, "files");

	if (version != NULL && strcmp(version, "1") != 0)
		return not_ours(e, "has a version that is not known here");
	if (version == NULL || made == NULL || strlen(made) >= sizeof(b->made) ||
	    instance == NULL || strlen(instance) >= sizeof(b->instance) ||
	    json_array_size(files) != BUNDLE_FILES)
		return not_ours(e, "is malformed");
	strcpy(b->made, made);
	strcpy(b->instance, instance);
	for (size_t i = 0; i < BUNDLE_FILES; i++)
		if (take_file(&b->files[i], in_it[i], json_array_get(files, i), e) < 0)
			return -1;
	return 0;
}

int
bundle_take_manifest(struct bundle *b, const char *text, size_t n, struct err *e)
{
	json_t *all = json_loadb(text, n, JSON_REJECT_DUPLICATES, NULL);
	int r = take(b, json_object_get(all, "certwright-bundle"), e);
	json_decref(all);
	return r;
}
