/*
 * op_pull.c - components whose host fetches its certificate itself
 */
#include <jansson.h>
#include <stdlib.h>

#include "op/house.h"
#include "op/op_deliver.h"
#include "op/op_names.h"
#include "op/op_license.h"
#include "op/op_pull.h"
#include "op/op_sheet.h"
#include "op/op_submit.h"
#include "x509/csr.h"

/* ---- added ------------------------------------------------------------------------------ */

/* Hosts and addresses of this tenant, each in a line and as they stand in a CSR. */
static int
check_names(struct ctx *cx, const char *typed, const char **out)
{
	struct san_list list;
	const char *all = "";

	if (names_parse(&cx->err, "names", typed, NULL, cx->arena, &list) < 0)
		return -1;
	if (list.n == 0) {
		err_set(&cx->err, R_PULL_NAMES, "names", "say for which names its host may ask");
		return err_hint(&cx->err, "for example: gw.example.com");
	}
	for (size_t i = 0; i < list.n; i++)
		all = arena_printf(cx->arena, "%s%s%s", all, i == 0 ? "" : "\n", list.v[i].text);
	*out = all;
	return names_check_all(cx, &list, NULL);
}

static int
check_name(struct ctx *cx, const char *name)
{
	if (component_check_name(cx, name) < 0)
		return -1;
	if (strlen(name) <= PULL_NAME_MAX)
		return 0;
	err_set(&cx->err, R_COMPONENT_NAME, "name",
	    "the name of a component that pulls has at most %d characters", PULL_NAME_MAX);
	return err_hint(&cx->err, "for example: gateway");
}

static const char *
or_null(const char *text)
{
	return text[0] == '\0' ? NULL : text;
}

int
op_pull_add(
    struct ctx *cx, const struct pull_wish *w, struct component_row *c, char token[PULL_TOKEN_SIZE])
{
	unsigned char hash[32];
	struct preview p;

	memset(c, 0, sizeof(*c));
	id_new(c->id);
	memcpy(c->tenant, cx->tenant, sizeof(c->tenant));
	c->name = w->name;
	c->kind = "pull";
	c->delivery = "none";
	c->profile = or_null(w->profile);
	c->token_hash = hash;
	c->created_by = cx->actor.name;
	c->created_at = cx->now;
	memcpy(token, PULL_PREFIX, strlen(PULL_PREFIX));
	secret_new(cx, token + strlen(PULL_PREFIX));
	if (check_name(cx, w->name) < 0 || check_names(cx, w->names, &c->names) < 0 ||
	    op_preview_parse(cx, w->authority, c->profile, or_null(w->days), NULL, &p) < 0 ||
	    secret_hash(cx, token, hash) < 0)
		return -1;
	c->authority = w->authority;
	c->days = strtoll(w->days, NULL, 10);
	if (db_begin(cx) < 0 || license_allows_component(cx) < 0 ||
	    store_component_insert(cx, c) < 0 ||
	    audit(cx, "component.add", c->name,
		json_text(cx,
		    json_pack("{ss,ss,ss}", "kind", c->kind, "authority", c->authority, "names",
			c->names))) < 0)
		return -1;
	c->token_hash = NULL;
	return db_commit(cx);
}

/* ---- what is asked for ------------------------------------------------------------------- */

static const char *
one_line(struct ctx *cx, const char *lines)
{
	char *line = arena_strdup(cx->arena, lines);

	for (char *p = line; *p != '\0'; p++)
		if (*p == '\n')
			*p = ' ';
	return line;
}

static int
other(struct ctx *cx, const char *what, const char *value, const struct component_row *c)
{
	err_set(&cx->err, R_PULL_OTHER, NULL, "the token of %s is not for the %s %.100s", c->name,
	    what, value);
	return err_hint(&cx->err, "it is for the authority %s and for these names: %s",
	    c->authority, one_line(cx, c->names));
}

int
op_pull_preview(
    struct ctx *cx, const char *authority, const char *profile, const char *days, struct preview *p)
{
	struct component_row c;

	if (store_component_load(cx, cx->actor.id, &c) < 0)
		return -1;
	if (strcmp(authority, c.authority) != 0)
		return other(cx, "authority", authority, &c);
	if (profile != NULL && (c.profile == NULL || strcmp(profile, c.profile) != 0))
		return other(cx, "profile", profile, &c);
	if (days != NULL && strtoll(days, NULL, 10) != c.days)
		return other(cx, "number of days", days, &c);
	return op_preview_parse(cx, c.authority, c.profile,
	    c.days == 0 ? NULL : arena_printf(cx->arena, "%lld", (long long)c.days), NULL, p);
}

static bool
is_line_of(const char *name, const char *lines)
{
	size_t n = strlen(name);

	for (const char *p = lines; *p != '\0'; p += strcspn(p, "\n"), p += *p == '\n')
		if (strcspn(p, "\n") == n && strncmp(p, name, n) == 0)
			return true;
	return false;
}

/* Nothing but the names of the component: as alternative names, and one as common name. */
static int
check_csr(struct ctx *cx, const struct component_row *c, const void *data, size_t len)
{
	AUTO(csr) struct csr *csr = NULL;
	const struct san_list *names;
	const struct subject *subject;

	if (csr_parse(&csr, data, len, &cx->err) < 0)
		return -1;
	names = csr_sans(csr);
	subject = csr_subject(csr);
	for (size_t i = 0; i < names->n; i++)
		if ((names->v[i].type != SAN_DNS && names->v[i].type != SAN_IP) ||
		    !is_line_of(names->v[i].text, c->names))
			return other(cx, "name", names->v[i].text, c);
	for (size_t i = 0; i < subject->n; i++)
		if (strcmp(subject->v[i].item, "subject.CN") != 0 ||
		    !is_line_of(text_lower_ascii(cx->arena, subject->v[i].value), c->names))
			return other(cx, "subject", subject->v[i].value, c);
	return 0;
}

int
op_pull_submit(struct ctx *cx, const void *csr, size_t len, const struct preview *p,
    struct sheet *sheet, struct submission_row *s)
{
	struct component_row c;

	if (store_component_load(cx, cx->actor.id, &c) < 0 || check_csr(cx, &c, csr, len) < 0 ||
	    op_submit(cx, csr, len, p, NULL, sheet, s) < 0)
		return -1;
	memcpy(c.submission, s->id, sizeof(c.submission));
	return db_begin(cx) < 0 || store_component_set_submission(cx, &c) < 0 ? -1 : db_commit(cx);
}
