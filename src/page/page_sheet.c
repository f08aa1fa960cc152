/*
 * page_sheet.c - the wish-list sheet, for programs and for people
 */
#include "base/buf.h"
#include "op/op_csr.h"
#include "page/page_people.h"
#include "page/page_sheet.h"

/* What an item is called on the screen; the longest prefix comes first. */
static const struct {
	const char *item, *label;
} labels[] = {
	{ "subject.CN", "Common Name" },
	{ "subject.C", "Country" },
	{ "subject.ST", "State or Province" },
	{ "subject.L", "Locality" },
	{ "subject.OU", "Organization Unit" },
	{ "subject.O", "Organization" },
	{ "subject.emailAddress", "Email Address" },
	{ "subject.serialNumber", "Serial Number" },
	{ "subject.street", "Street" },
	{ "subject.postalCode", "Postal Code" },
	{ "subject.DC", "Domain Component" },
	{ "subject.GN", "Given Name" },
	{ "subject.SN", "Surname" },
	{ "subject.title", "Title" },
	{ "subject.UID", "User ID" },
	{ "subject.*", "All else in the subject" },
	{ "subject", "Subject" },
	{ "san.dns", "Name" },
	{ "san.ip", "IP address" },
	{ "san.uri", "URI" },
	{ "san.email", "E-mail name" },
	{ "san.", "Other name" },
	{ "key.size", "Key size" },
	{ "key", "Key" },
	{ "signature", "Signature" },
	{ "eku.", "Extended key usage" },
	{ "ku.", "Key usage" },
	{ "basicConstraints.*", "CA certificate, path length" },
	{ "basicConstraints.ca", "CA certificate" },
	{ "basicConstraints.pathlen", "Path length" },
	{ "validity.days", "Life" },
	{ "validity.notBefore", "Valid from" },
	{ "ext.", "Extension" },
	{ "attr.", "Attribute" },
};

/* Extensions that people know by a name. */
static const struct {
	const char *oid, *name;
} extensions[] = {
	{ "2.5.29.14", "subject key identifier" },
	{ "2.5.29.31", "CRL distribution points" },
	{ "2.5.29.32", "certificate policies" },
	{ "2.5.29.35", "authority key identifier" },
	{ "2.5.29.46", "freshest CRL" },
	{ "1.3.6.1.5.5.7.48.1.5", "OCSP no check" },
	{ "1.3.6.1.5.5.7.1.1", "authority information access" },
	{ "1.3.6.1.5.5.7.1.24", "TLS feature (OCSP must-staple)" },
	{ "1.3.6.1.4.1.11129.2.4.2", "certificate transparency timestamps" },
};

static const char *
text(const json_t *d, const char *name)
{
	return json_string_value(json_object_get(d, name));
}

const char *
item_label(const char *item)
{
	for (size_t i = 0; i < nitems(labels); i++)
		if (text_starts(item, labels[i].item))
			return labels[i].label;
	return item;
}

const char *
extension_name(const char *item)
{
	for (size_t i = 0; i < nitems(extensions); i++)
		if (strcmp(item + strlen("ext."), extensions[i].oid) == 0)
			return extensions[i].name;
	return item + strlen("ext.");
}

/* "EC P-256 sha256:3fa2..." without most of the digest. */
static const char *
short_key(struct ctx *cx, const char *value)
{
	const char *digest = strstr(value, " sha256:");

	if (digest == NULL)
		return value;
	return arena_printf(
	    cx->arena, "%.*s, %.12s…", (int)(digest - value), value, digest + strlen(" sha256:"));
}

const char *
as_sentence(struct ctx *cx, const char *text)
{
	char *s = text == NULL ? NULL : arena_strdup(cx->arena, text);

	if (s != NULL && s[0] >= 'a' && s[0] <= 'z')
		s[0] = (char)(s[0] - 'a' + 'A');
	return s;
}

/* "xn--bcher-kva.example (bücher.example)" */
static const char *
name_words(struct ctx *cx, const char *name)
{
	const char *unicode = name_unicode(cx, name);

	return unicode == NULL ? name : arena_printf(cx->arena, "%s (%s)", name, unicode);
}

/* "TRUE" and numbers as a person would say them. */
static const char *
in_words(struct ctx *cx, const char *item, const char *value)
{
	const char *dot = strchr(item, '.');
	int64_t when;

	if (value == NULL)
		return NULL;
	if (strcmp(item, "eku.serverAuth") == 0)
		return "TLS server";
	if (text_starts(item, "ku.") || text_starts(item, "eku."))
		return dot + 1;
	if (strcmp(item, "key") == 0)
		return short_key(cx, value);
	if (strcmp(item, "validity.notBefore") == 0 && time_parse(value, &when) == 0)
		return time_minute(cx->arena, when);
	if (strcmp(item, "validity.days") == 0)
		return arena_printf(
		    cx->arena, strcmp(value, "1") == 0 ? "%s day" : "%s days", value);
	if (strcmp(item, "key.size") == 0)
		return arena_printf(cx->arena, "%s bits", value);
	if (strcmp(item, "basicConstraints.ca") == 0)
		return strcmp(value, "TRUE") == 0 ? "yes" : "no";
	if (text_starts(item, "san.dns:") || strcmp(item, "subject.CN") == 0)
		return name_words(cx, value);
	return text_starts(item, "ext.") ? extension_name(item) : value;
}

static bool
is_breaking(const json_t *d)
{
	const char *weight = text(d, "weight");

	return (weight != NULL && strcmp(weight, "breaking") == 0) ||
	    strcmp(text(d, "outcome"), "refused") == 0;
}

/* Shape and colour beside the word; the word alone says it too. */
static void
put_mark(json_t *row, const json_t *d)
{
	static const struct {
		const char *outcome, *mark, *icon;
	} marks[] = { { "granted", "good", "good" }, { "amended", "warn", "warn" },
		{ "dropped", "off", "off" }, { "added", "note", "plus" },
		{ "refused", "bad", "bad" } };
	const char *outcome = text(d, "outcome"), *mark = "off", *icon = "off";

	for (size_t i = 0; i < nitems(marks); i++)
		if (strcmp(marks[i].outcome, outcome) == 0) {
			mark = marks[i].mark;
			icon = marks[i].icon;
		}
	put_text(row, "outcome", outcome);
	put_text(row, "mark", is_breaking(d) ? "bad" : mark);
	put_text(row, "icon", is_breaking(d) ? "bad" : icon);
}

static bool
differs(const char *asked, const char *granted)
{
	return asked != NULL && (granted == NULL || strcmp(asked, granted) != 0);
}

static json_t *
row_of(struct ctx *cx, const json_t *d)
{
	const char *item = text(d, "item"), *outcome = text(d, "outcome");
	json_t *row = json_object();
	bool granted = strcmp(outcome, "granted") == 0;

	put_text(row, "label", item_label(item));
	put_text(row, "item", item);
	put_text(row, "asked", in_words(cx, item, text(d, "asked")));
	put_text(row, "granted", in_words(cx, item, text(d, "granted")));
	put_mark(row, d);
	put_bool(row, "same", granted);
	put_bool(row, "changed", !granted && differs(text(d, "asked"), text(d, "granted")));
	put_bool(row, "breaking", is_breaking(d));
	put_text(row, "why",
	    granted		 ? NULL
		: is_breaking(d) ? text(d, "reason")
				 : as_sentence(cx, text(d, "reason")));
	put_text(row, "reference", granted ? NULL : text(d, "reference"));
	return row;
}

/* What each authority puts into its certificates says nothing about a wish. */
static bool
is_customary(const json_t *d)
{
	return text_starts(text(d, "item"), "ext.") && strcmp(text(d, "outcome"), "added") == 0 &&
	    !is_breaking(d);
}

/* All of them in one row; NULL: there are none. */
static json_t *
customary_row(struct ctx *cx, const json_t *dispositions)
{
	const json_t *d;
	const char *names = NULL, *name;
	json_t *row = NULL;
	size_t i, n = 0;

	json_array_foreach (dispositions, i, d) {
		if (!is_customary(d))
			continue;
		if (n++ == 0)
			row = row_of(cx, d);
		name = extension_name(text(d, "item"));
		names = names == NULL ? name : arena_printf(cx->arena, "%s, %s", names, name);
	}
	if (n < 2)
		return row;
	put_text(row, "label", "Extensions");
	put_text(row, "granted", names);
	put_text(row, "why", "Authorities add these to their certificates");
	put_text(row, "reference", "RFC 5280 section 4.2");
	return row;
}

/* "4 granted · 2 dropped, 1 of them breaking · 1 added" */
static const char *
counts(struct ctx *cx, const json_t *dispositions)
{
	static const char *const outcomes[] = { "granted", "amended", "dropped", "added",
		"refused" };
	AUTO_BUF struct buf b = { 0 };
	const json_t *d;
	size_t i;

	for (size_t k = 0; k < nitems(outcomes); k++) {
		size_t n = 0, breaking = 0;

		json_array_foreach (dispositions, i, d) {
			bool is = strcmp(text(d, "outcome"), outcomes[k]) == 0;

			n += is;
			breaking += is && is_breaking(d);
		}
		if (n == 0)
			continue;
		buf_printf(&b, "%s%zu %s", b.len > 0 ? " · " : "", n, outcomes[k]);
		if (breaking == n)
			buf_put_text(&b, ", breaking");
		else if (breaking > 0)
			buf_printf(&b, ", %zu of them breaking", breaking);
	}
	return arena_strdup(cx->arena, buf_text(&b));
}

static const char *
sentence_of(const char *verdict)
{
	static const struct {
		const char *verdict, *sentence;
	} all[] = {
		{ "same", "Every wish was granted." },
		{ "harmless", "Fit for use: the authority changed some wishes, none that breaks." },
		{ "breaking", "Not fit for use: do not install this certificate." },
	};

	for (size_t i = 0; i < nitems(all); i++)
		if (verdict != NULL && strcmp(all[i].verdict, verdict) == 0)
			return all[i].sentence;
	return verdict;
}

void
put_verdict(json_t *o, const char *verdict)
{
	json_t *judged = json_object();

	if (verdict == NULL) {
		json_decref(judged);
		put_text(o, "judged", NULL);
		return;
	}
	json_object_set_new(o, "judged", judged);
	if (strcmp(verdict, "same") == 0)
		put_state(judged, "good", "Same");
	else if (strcmp(verdict, "harmless") == 0)
		put_state(judged, "warn", "Harmless");
	else
		put_state(judged, "bad", "Breaking");
}

/* "'>' quoting, leading spaces"; "" when nothing was repaired. */
static const char *
joined(struct ctx *cx, const json_t *texts)
{
	const char *all = "";
	const json_t *one;
	size_t i;

	json_array_foreach (texts, i, one)
		all = arena_printf(
		    cx->arena, "%s%s%s", all, i == 0 ? "" : ", ", json_string_value(one));
	return all;
}

void
put_envelope(json_t *view, json_t *envelope)
{
	json_object_update(view, envelope);
	json_decref(envelope);
}

void
put_sheet_for_people(struct ctx *cx, json_t *view, const json_t *envelope)
{
	json_t *sheet = json_object(), *rows = json_array();
	const json_t *dispositions = json_object_get(envelope, "dispositions"), *d;
	const char *verdict = text(envelope, "verdict");
	json_t *notes = json_array(), *note, *customary = customary_row(cx, dispositions);
	size_t i;

	json_array_foreach (json_object_get(envelope, "notes"), i, note)
		json_array_append_new(notes, json_string(as_sentence(cx, json_string_value(note))));
	for (int breaking = 1; breaking >= 0; breaking--)
		json_array_foreach (dispositions, i, d)
			if (is_breaking(d) == (breaking == 1) && !is_customary(d))
				json_array_append_new(rows, row_of(cx, d));
	if (customary != NULL)
		json_array_append_new(rows, customary);
	put_text(sheet, "verdict", verdict);
	put_text(sheet, "sentence", sentence_of(verdict));
	put_bool(sheet, "breaking", verdict != NULL && strcmp(verdict, "breaking") == 0);
	put_text(sheet, "counts", counts(cx, dispositions));
	json_object_set_new(sheet, "rows", rows);
	json_object_set_new(sheet, "notes", notes);
	put_text(sheet, "repaired", joined(cx, json_object_get(envelope, "repairs")));
	put_bool(sheet, "notes_there",
	    json_array_size(json_object_get(envelope, "notes")) +
		    json_array_size(json_object_get(envelope, "repairs")) >
		0);
	json_object_set_new(view, "sheet", sheet);
}
