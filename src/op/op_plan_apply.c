/*
 * op_plan_apply.c - a coverage plan is put to work
 */
#include "base/buf.h"
#include "op/op_identity.h"
#include "op/op_install.h"
#include "op/op_issue.h"
#include "op/op_key.h"
#include "op/op_plan.h"
#include "op/op_preset.h"

#define SAME_NAME_MAX 9

/* ---- what is asked of people, before anything is made --------------------------------- */

static const struct {
	const char *name;
	size_t at;
} fields[] = {
	{ "country", offsetof(struct csr_typed, country) },
	{ "state", offsetof(struct csr_typed, state) },
	{ "locality", offsetof(struct csr_typed, locality) },
	{ "organization", offsetof(struct csr_typed, organization) },
	{ "unit", offsetof(struct csr_typed, unit) },
	{ "email", offsetof(struct csr_typed, email) },
};

static const char **
field_of(struct csr_typed *t, size_t i)
{
	return (const char **)((uintptr_t)t + fields[i].at);
}

int
op_coverage_fields(struct ctx *cx, struct csr_typed *out)
{
	struct preset all[PRESETS];
	struct identity i = { 0 };

	if (op_presets(cx, all) < 0)
		return -1;
	if (store_identity_load(cx, IDENTITY_PORTAL, &i) < 0) {
		if (cx->err.refusal != R_NOT_FOUND)
			return -1;
		err_clear(&cx->err);
	}
	*out = (struct csr_typed){ .country = i.country,
		.state = i.state,
		.locality = i.locality,
		.organization = i.organization,
		.unit = i.unit,
		.email = i.email };
	for (size_t k = 0; k < nitems(fields); k++) {
		const struct preset *p = preset_of(all, fields[k].name);
		const char **at = field_of(out, k);

		if (p != NULL && p->value != NULL)
			*at = p->value;
		else if (*at == NULL)
			*at = "";
	}
	return 0;
}

/* What is given, else what it begins with. */
static int
take_fields(struct ctx *cx, const struct csr_typed *wish, struct csr_typed *out)
{
	struct csr_typed given = *wish;

	if (op_coverage_fields(cx, out) < 0)
		return -1;
	for (size_t k = 0; k < nitems(fields); k++)
		if (*field_of(&given, k) != NULL)
			*field_of(out, k) = *field_of(&given, k);
	return 0;
}

static const char *
key_type(const struct coverage *c, const char *wish)
{
	if (wish != NULL && wish[0] != '\0')
		return wish;
	for (enum key_type t = KEY_EC_P256; t <= KEY_ED25519; t++)
		if (c->preview.profile->key[t])
			return key_type_info(t)->name;
	for (enum key_type t = KEY_RSA_2048; t <= KEY_RSA_4096; t++)
		if (c->preview.profile->key[t])
			return key_type_info(t)->name;
	return key_type_info(KEY_EC_P256)->name;
}

/* ---- one certificate ------------------------------------------------------------------- */

static const char *
lines_of(struct ctx *cx, const char **names, size_t n)
{
	AUTO_BUF struct buf b = { 0 };

	for (size_t i = 0; i < n; i++)
		buf_printf(&b, "%s%s", i > 0 ? "\n" : "", names[i]);
	return arena_strdup(cx->arena, buf_text(&b));
}

static bool
is_among(const char *name, size_t len, const struct plan_cert *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (strlen(c->names[i]) == len && strncmp(c->names[i], name, len) == 0)
			return true;
	return false;
}

/* Nothing that it has is lost when it asks for these names. */
static bool
may_take_over(struct ctx *cx, const struct identity *i, const struct plan_cert *c)
{
	for (const char *s = identity_names(cx, i); *s != '\0';) {
		size_t len = strcspn(s, "\n");

		if (len > 0 && !is_among(s, len, c))
			return false;
		s += len + (s[len] == '\n');
	}
	return true;
}

/* The identity of this name, else NAME-2 and so on. */
static int
find_identity(struct ctx *cx, const struct plan_cert *c, struct identity *i)
{
	for (int k = 1; k <= SAME_NAME_MAX; k++) {
		const char *name = k == 1
		    ? c->identity
		    : arena_printf(cx->arena, "%.*s-%d", LIMIT_NAME - 2, c->identity, k);

		if (store_identity_load(cx, name, i) == 0) {
			if (may_take_over(cx, i, c))
				return 0;
			continue;
		}
		if (cx->err.refusal != R_NOT_FOUND)
			return -1;
		err_clear(&cx->err);
		return op_identity_create(cx, name, i);
	}
	return err_set(&cx->err, R_IDENTITY_EXISTS, NULL,
	    "%s and %s-%d have other names: rename one", c->identity, c->identity, SAME_NAME_MAX);
}

static int
make_request(struct ctx *cx, const struct plan_cert *c, const char *type,
    const struct csr_typed *typed, struct identity *i, struct request_row *r)
{
	struct csr_typed as = *typed;
	struct key_row key;
	char next[ID_SIZE];

	as.common_name = c->names[0];
	as.names = lines_of(cx, c->names + 1, c->n - 1);
	if (find_identity(cx, c, i) < 0 || op_key_next(cx, i, next) < 0 ||
	    (next[0] == '\0' && op_key_generate(cx, i->name, type, false, &key) < 0))
		return -1;
	return op_csr_regenerate(cx, i, &as, r, &key);
}

/* Issued and installed, or held. */
static int
submit(struct ctx *cx, const struct coverage *c, const struct identity *i,
    const struct request_row *r, struct applied *a)
{
	struct submission_row *before, s;
	struct sheet sheet = { 0 };
	struct cert_row cert;
	size_t n;

	if (store_submission_of(cx, r->id, &before, &n) < 0)
		return -1;
	if (n > 0)
		s = before[0];
	else if (op_submit(cx, r->der, r->der_len, &c->preview, NULL, &sheet, &s) < 0)
		return -1;
	a->submission = arena_strdup(cx->arena, s.id);
	if (strcmp(s.state, "held") == 0)
		a->state = "held";
	if (strcmp(s.state, "issued") != 0)
		return 0;
	if (op_install_issued(cx, i, s.id, &cert) < 0)
		return -1;
	a->state = "installed";
	return 0;
}

/* Of a certificate that was begun before: 1 it goes on, 0 nothing is to be done. */
static int
find_begun(struct ctx *cx, const struct plan_cert *c, struct identity *i, struct request_row *r)
{
	const char *cn = arena_dup(cx->arena, c->held->names, strcspn(c->held->names, "\n"));

	if (c->held->until != 0 || c->held->label == NULL ||
	    strcmp(c->held->label, plan_identity(cx->arena, cn)) != 0 ||
	    (c->held->owner != NULL) == in_system(cx))
		return 0;
	return store_identity_load(cx, c->held->label, i) < 0 ||
		store_request_newest(cx, i->id, r) < 0
	    ? -1
	    : strcmp(r->state, "pending") == 0;
}

struct applying {
	const struct coverage *coverage;
	const char *type;
	struct csr_typed fields;
	bool submits;
};

/* 1 something was done, 0 there was nothing to do, -1 */
static int
apply_one(struct ctx *cx, const struct applying *w, const struct plan_cert *c, struct applied *a)
{
	struct request_row r;
	struct identity i;
	int found = 1;

	if (c->held == NULL)
		found = make_request(cx, c, w->type, &w->fields, &i, &r) < 0 ? -1 : 1;
	else
		found = w->submits ? find_begun(cx, c, &i, &r) : 0;
	if (found <= 0)
		return found;
	*a = (struct applied){ .identity = i.name,
		.common_name = c->held == NULL ? c->names[0] : i.common_name,
		.n = c->n,
		.request = arena_strdup(cx->arena, r.id),
		.state = "requested" };
	return w->submits && submit(cx, w->coverage, &i, &r, a) < 0 ? -1 : 1;
}

/* ---- all of them -------------------------------------------------------------------------- */

/* Of a field that is not there: where it comes from. */
static int
is_missing(struct ctx *cx)
{
	const struct err was = cx->err;

	if (was.refusal != R_FIELD_REQUIRED)
		return -1;
	err_clear(&cx->err);
	err_set(&cx->err, was.refusal, was.field, "%s", was.message);
	return err_hint(
	    &cx->err, "give it here, or set it for all requests on SSL CSR; nothing was made");
}

/* What would be refused of every request is so before the first. */
static int
check(struct ctx *cx, const struct applying *w, const struct plan *p)
{
	static const struct identity nothing;
	struct csr_typed as = w->fields;

	if (key_type_by_name(w->type) == KEY_NONE) {
		err_set(&cx->err, R_KEY_TYPE, "type", "there is no key type %.40s", w->type);
		return err_hint(&cx->err, "one of %s", KEY_TYPES);
	}
	for (size_t i = 0; i < p->ncerts; i++)
		if (p->certs[i].held == NULL) {
			as.common_name = p->certs[i].names[0];
			if (op_csr_check_fields(cx, &nothing, &as) == 0)
				return 0;
			return is_missing(cx);
		}
	return 0;
}

static void
stop(struct ctx *cx, const struct plan_cert *c, const struct applied *a, struct apply_result *out)
{
	out->failed = c->held != NULL ? c->held->label : c->identity;
	out->why = cx->err;
	db_rollback(cx);	 /* of what failed alone */
	if (a->identity != NULL) /* what was made before it failed stays */
		out->made[out->n++] = *a;
	if (out->n > 0)
		err_clear(&cx->err);
}

int
op_coverage_apply(
    struct ctx *cx, const struct coverage *c, const struct apply_wish *w, struct apply_result *out)
{
	const struct plan *p = &c->all[c->chosen];
	struct applying how = { .coverage = c,
		.type = key_type(c, w->key_type),
		.submits = c->preview.card->own != NULL && !w->requests_only };
	int did;

	*out = (struct apply_result){ .made = arena_new_array(
					  cx->arena, APPLY_MAX + 1, struct applied) };
	if (take_fields(cx, &w->fields, &how.fields) < 0 || check(cx, &how, p) < 0)
		return -1;
	for (size_t i = 0; i < p->ncerts; i++) {
		struct applied a = { 0 };

		if (out->failed != NULL || out->n == APPLY_MAX) {
			out->left += p->certs[i].held == NULL;
			continue;
		}
		if ((did = apply_one(cx, &how, &p->certs[i], &a)) < 0)
			stop(cx, &p->certs[i], &a, out);
		else if (did > 0)
			out->made[out->n++] = a;
	}
	return out->failed != NULL && out->n == 0 ? -1 : 0;
}
