/*
 * op_replace.c - where the replacement of a key stands
 */
#include <string.h>

#include "op/op_identity.h"
#include "op/op_replace.h"
#include "x509/crl.h"

/* The newest one that was made since, with another key. */
static int
find_request(struct ctx *cx, struct replacement *r)
{
	struct request_row *list;
	size_t n;

	if (store_request_list(cx, r->identity.id, &list, &n) < 0)
		return -1;
	for (size_t i = 0; i < n && !r->has_request; i++) {
		if (strcmp(list[i].id, r->row.id) < 0 || strcmp(list[i].key, r->old.id) == 0 ||
		    strcmp(list[i].state, "withdrawn") == 0)
			continue;
		r->request = list[i];
		r->has_request = true;
	}
	return 0;
}

static int
find_submission(struct ctx *cx, struct replacement *r)
{
	struct submission_row *list;
	size_t n;

	if (!r->has_request)
		return 0;
	if (store_submission_of(cx, r->request.id, &list, &n) < 0)
		return -1;
	for (size_t i = 0; i < n && !r->has_submission; i++) {
		if (strcmp(list[i].state, "withdrawn") == 0 ||
		    strcmp(list[i].state, "rejected") == 0)
			continue;
		r->submission = list[i];
		r->has_submission = true;
	}
	return 0;
}

static bool
is_ours(const struct issued_row *issued, size_t n, const struct cert_row *c)
{
	for (size_t i = 0; i < n; i++)
		if (memcmp(issued[i].sha256, c->sha256, sizeof(c->sha256)) == 0)
			return true;
	return false;
}

static struct old_cert
of_issued(struct ctx *cx, const struct issued_row *i)
{
	struct ca_row ca;

	return (struct old_cert){ .serial = i->serial,
		.issuer = store_ca_load(cx, i->ca, &ca) < 0 ? "" : ca.authority,
		.not_after = i->not_after,
		.here = true,
		.revoked = strcmp(i->state, "revoked") == 0 && i->reason == REASON_KEY_COMPROMISE,
		.issued = i };
}

/* Those of our own authorities, installed or not; then those of others. */
static int
find_certs(struct ctx *cx, struct replacement *r)
{
	struct issued_row *issued;
	struct cert_row *kept;
	size_t nissued, nkept;

	if (store_issued_of_key(cx, r->old.spki_sha256, cx->now, &issued, &nissued) < 0 ||
	    store_cert_list(cx, r->identity.id, &kept, &nkept) < 0)
		return -1;
	r->certs = arena_new_array(cx->arena, nissued + nkept + 1, struct old_cert);
	for (size_t i = 0; i < nissued; i++)
		r->certs[r->ncerts++] = of_issued(cx, &issued[i]);
	for (size_t i = 0; i < nkept; i++) {
		if (strcmp(kept[i].key, r->old.id) != 0 || kept[i].not_after <= cx->now ||
		    strcmp(kept[i].origin, "self-signed") == 0 ||
		    is_ours(issued, nissued, &kept[i]))
			continue;
		r->certs[r->ncerts++] = (struct old_cert){ .serial = kept[i].serial,
			.issuer = kept[i].issuer,
			.not_after = kept[i].not_after,
			.revoked = r->row.told_by != NULL };
	}
	return err_is_set(&cx->err) ? -1 : 0;
}

bool
replace_all_revoked(const struct replacement *r)
{
	for (size_t i = 0; i < r->ncerts; i++)
		if (!r->certs[i].revoked)
			return false;
	return true;
}

/* Is another key's certificate what the identity presents? */
static int
is_replaced(struct ctx *cx, const struct replacement *r, bool *out)
{
	struct cert_row active;

	*out = false;
	if (r->identity.active[0] == '\0')
		return 0;
	if (store_cert_load(cx, r->identity.active, &active) < 0)
		return -1;
	*out = strcmp(active.key, r->old.id) != 0;
	return 0;
}

static int
see(struct ctx *cx, const struct identity *i, struct replacement *r)
{
	bool replaced;

	/* as it is now: a step before this one may have changed it */
	if (store_identity_load(cx, i->id, &r->identity) < 0 ||
	    store_key_load(cx, r->row.old_key, &r->old) < 0 ||
	    store_key_load(cx, r->row.new_key, &r->next) < 0 || find_request(cx, r) < 0 ||
	    find_submission(cx, r) < 0 || find_certs(cx, r) < 0 ||
	    is_replaced(cx, r, &replaced) < 0)
		return -1;
	r->served_elsewhere = strcmp(r->identity.name, IDENTITY_PORTAL) != 0;
	if (r->row.ended_at != 0)
		r->step = REPLACE_DONE;
	else if (replaced)
		r->step = REPLACE_REVOKE;
	else if (!r->has_request)
		r->step = REPLACE_REQUEST;
	else if (!r->has_submission)
		r->step = REPLACE_SEND;
	else
		r->step = r->submission.serial != NULL ? REPLACE_INSTALL : REPLACE_ANSWER;
	return 0;
}

int
op_replace_load(struct ctx *cx, const struct identity *i, struct replacement *r)
{
	int found;

	memset(r, 0, sizeof(*r));
	if ((found = store_replacement_newest(cx, i->id, &r->row)) <= 0)
		return found;
	return see(cx, i, r) < 0 ? -1 : 1;
}

int
op_replace_authority(
    struct ctx *cx, const struct replacement *r, const char **authority, const char **profile)
{
	struct request_row *list;
	struct submission_row *sent;
	size_t n, m;

	*authority = *profile = NULL;
	if (store_request_list(cx, r->identity.id, &list, &n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (strcmp(list[i].key, r->old.id) != 0)
			continue;
		if (store_submission_of(cx, list[i].id, &sent, &m) < 0)
			return -1;
		if (m == 0)
			continue;
		*authority = sent[0].authority;
		*profile = sent[0].profile;
		return 0;
	}
	return 0;
}
