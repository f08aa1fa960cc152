/*
 * op_preset.c - what the CSR fields of a tenant begin with, and which are fixed
 */
#include <jansson.h>

#include "op/house.h"
#include "op/op_audit.h"
#include "op/op_csr.h"
#include "op/op_preset.h"
#include "op/op_sheet.h"
#include "x509/name.h"

#define SETTING "csr.presets"

static const struct preset presets[PRESETS] = {
	{ "country", "Country Code", "subject.C", NULL, false },
	{ "state", "State or Province Name", "subject.ST", NULL, false },
	{ "locality", "Locality", "subject.L", NULL, false },
	{ "organization", "Organization Name", "subject.O", NULL, false },
	{ "unit", "Organization Unit", "subject.OU", NULL, false },
	{ "email", "Email Address", "subject.emailAddress", NULL, false },
};

int
op_presets(struct ctx *cx, struct preset out[PRESETS])
{
	const char *text, *value;
	json_t *all, *one;

	memcpy(out, presets, sizeof(presets));
	if (store_setting_own(cx, SETTING, &text) < 0)
		return -1;
	if (text == NULL)
		return 0;
	if ((all = json_loads(text, 0, NULL)) == NULL)
		return err_set(
		    &cx->err, R_DB_DAMAGED, NULL, "the saved values of CSR fields cannot be read");
	for (size_t i = 0; i < PRESETS; i++) {
		one = json_object_get(all, out[i].field);
		value = json_string_value(json_object_get(one, "value"));
		out[i].value = value == NULL ? NULL : arena_strdup(cx->arena, value);
		out[i].locked = json_is_true(json_object_get(one, "locked"));
	}
	json_decref(all);
	return 0;
}

const struct preset *
preset_of(const struct preset all[PRESETS], const char *field)
{
	for (size_t i = 0; i < PRESETS; i++)
		if (strcmp(all[i].field, field) == 0)
			return &all[i];
	return NULL;
}

/* ---- saved ------------------------------------------------------------------------ */

static int
take_values(struct ctx *cx, const char *const values[PRESETS], struct preset out[PRESETS])
{
	const char *value;

	for (size_t i = 0; i < PRESETS; i++) {
		if (values[i] == NULL)
			continue;
		if (values[i][0] == '\0') {
			out[i].value = NULL;
			continue;
		}
		if (csr_field_check(cx, out[i].field, values[i], &value) < 0)
			return -1;
		out[i].value = value;
	}
	return 0;
}

/* Names of fields, one a line. */
static int
take_locks(struct ctx *cx, const char *lines, struct preset out[PRESETS])
{
	for (size_t i = 0; i < PRESETS; i++)
		out[i].locked = false;
	for (const char *p = lines; *p != '\0'; p += *p == '\n') {
		size_t n = strcspn(p, "\n"), i = 0;

		while (
		    i < PRESETS && (strlen(out[i].field) != n || memcmp(out[i].field, p, n) != 0))
			i++;
		if (i < PRESETS) {
			out[i].locked = true;
		} else if (n > 0) {
			err_set(&cx->err, R_PRESET_FIELD, "locked",
			    "there is no field \"%.*s\" that could be locked",
			    (int)(n < 60 ? n : 60), p);
			return err_hint(&cx->err,
			    "country, state, locality, organization, unit, "
			    "email: one a line");
		}
		p += n;
	}
	return 0;
}

static bool
same(const char *a, const char *b)
{
	return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static int
locked(struct ctx *cx, const struct preset *p)
{
	err_set(&cx->err, R_PRESET_LOCKED, p->field, "%s is locked%s%s", p->label,
	    p->value == NULL ? "" : ": it is ", p->value == NULL ? "" : p->value);
	return err_hint(&cx->err, "a Super Admin can change it");
}

/* Nobody but a Super Admin touches a lock; none holds nothing. */
static int
check_locks(struct ctx *cx, const struct preset before[PRESETS], const struct preset now[PRESETS])
{
	for (size_t i = 0; i < PRESETS; i++) {
		bool moved = before[i].locked != now[i].locked ||
		    (now[i].locked && !same(before[i].value, now[i].value));

		if (moved && cx->actor.role != ROLE_SUPER)
			return locked(cx, &before[i]);
		if (!now[i].locked || now[i].value != NULL)
			continue;
		err_set(&cx->err, R_PRESET_EMPTY, "locked", "%s cannot be locked: it has no value",
		    now[i].label);
		return err_hint(&cx->err, "give it one, or leave it unlocked");
	}
	return 0;
}

static const char *
to_text(struct ctx *cx, const struct preset all[PRESETS])
{
	json_t *o = json_object();

	for (size_t i = 0; i < PRESETS; i++)
		if (all[i].value != NULL)
			json_object_set_new(o, all[i].field,
			    json_pack("{ss,sb}", "value", all[i].value, "locked", all[i].locked));
	return json_text(cx, o);
}

int
op_presets_save(struct ctx *cx, const char *const values[PRESETS], const char *lines,
    struct preset out[PRESETS])
{
	struct preset before[PRESETS];
	const char *text;

	if (db_begin(cx) < 0 || op_presets(cx, before) < 0)
		return -1;
	memcpy(out, before, sizeof(before));
	if (take_values(cx, values, out) < 0 || (lines != NULL && take_locks(cx, lines, out) < 0) ||
	    check_locks(cx, before, out) < 0)
		return -1;
	text = to_text(cx, out);
	if (store_setting_own_save(cx, SETTING, text) < 0 ||
	    audit(cx, "csr.presets", NULL, text) < 0)
		return -1;
	return db_commit(cx);
}

/* ---- in force ----------------------------------------------------------------------- */

int
preset_take(
    struct ctx *cx, const struct preset *p, const char *typed, const char *saved, const char **out)
{
	if (p != NULL && p->locked) {
		*out = p->value;
		return typed == NULL || strcmp(typed, p->value) == 0 ? 0 : locked(cx, p);
	}
	*out = typed != NULL ? typed : saved;
	if (typed == NULL && p != NULL && (saved == NULL || saved[0] == '\0'))
		*out = p->value;
	return 0;
}

int
presets_check(struct ctx *cx, const struct subject *s)
{
	struct preset all[PRESETS];

	if (in_system(cx))
		return 0;
	if (op_presets(cx, all) < 0)
		return -1;
	for (size_t i = 0; i < PRESETS; i++)
		for (size_t k = 0; all[i].locked && k < s->n; k++)
			if (strcmp(s->v[k].item, all[i].item) == 0 &&
			    !same(s->v[k].value, all[i].value))
				return locked(cx, &all[i]);
	return 0;
}
