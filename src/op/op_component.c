/*
 * op_component.c - services that present a certificate
 */
#include "base/config.h"
#include "op/house.h"
#include "op/op_doors.h"
#include "op/op_component.h"
#include "op/op_identity.h"
#include "op/op_key.h"
#include "op/op_pull.h"
#include "op/op_renew.h"

#define DAY 86400

int64_t
days_left(int64_t not_after, int64_t now)
{
	int64_t left = not_after - now;

	return left >= 0 ? left / DAY : -((DAY - 1 - left) / DAY);
}

static enum component_status
status_of(const struct cert_row *cert, bool same, int64_t now)
{
	if (!same)
		return COMPONENT_OTHER;
	if (now > cert->not_after)
		return COMPONENT_EXPIRED;
	if (now < cert->not_before)
		return COMPONENT_EARLY;
	if (strcmp(cert->origin, "self-signed") == 0)
		return COMPONENT_SELF_SIGNED;
	return now >= renew_from(cert->not_before, cert->not_after) ? COMPONENT_DUE
								    : COMPONENT_FINE;
}

int
identity_pending(struct ctx *cx, const struct identity *i, struct request_row *out)
{
	struct request_row *list;
	size_t n;

	if (op_key_requests_out(cx, i->id, &list, &n) < 0)
		return -1;
	/* ids begin with their time: an older one was overtaken by what is active */
	if (n == 0 || strcmp(list[0].id, i->active) < 0)
		return 0;
	*out = list[0];
	return 1;
}

static int
next_of(struct ctx *cx, const struct identity *i, const struct cert_row *cert,
    enum component_status status, const char **next)
{
	struct arena *a = cx->arena;
	struct request_row request;
	struct renewal_row renewal;
	int pending;

	if (store_renewal_load(cx, i->id, &renewal) < 0 ||
	    (pending = identity_pending(cx, i, &request)) < 0)
		return -1;
	if (status != COMPONENT_EARLY && renewal_by_itself(&renewal))
		*next = renewal_words(cx, &renewal, cert->not_after);
	else if (pending)
		*next = arena_printf(a, "request %lld waits for its answer, made %s",
		    (long long)request.number, time_relative(a, request.created_at, cx->now));
	else if (status == COMPONENT_EXPIRED)
		*next = arena_printf(a, "expired %s", time_relative(a, cert->not_after, cx->now));
	else if (status == COMPONENT_EARLY)
		*next = arena_printf(a, "valid from %s on", time_minute(a, cert->not_before));
	else if (status == COMPONENT_FINE)
		*next = arena_printf(a, "renew from %s on",
		    time_day(a, renew_from(cert->not_before, cert->not_after)));
	else
		*next = arena_printf(a, "expires %s", time_day(a, cert->not_after));
	return 0;
}

/* A name of the certificate that is a host, or NULL. */
static const char *
host_name(struct ctx *cx, const char *names)
{
	for (const char *p = names; *p != '\0'; p += strcspn(p, "\n"), p += *p == '\n') {
		size_t n = strcspn(p, "\n");

		if (n > 0 && *p != '*' && memchr(p, ':', n) == NULL && memchr(p, '@', n) == NULL)
			return arena_dup(cx->arena, p, n);
	}
	return NULL;
}

/* By name once a CA vouches for it, or where the address is none to go to. */
static const char *
url_of(struct ctx *cx, const struct cert_row *cert, const char *address)
{
	struct err ignored = { 0 };
	char host[64], port[8];
	const char *name = NULL;
	bool any;

	if (config_address(address, host, port, &ignored) < 0)
		return NULL;
	any = strcmp(host, "0.0.0.0") == 0 || strcmp(host, "::") == 0;
	if (any || strcmp(cert->origin, "self-signed") != 0)
		name = host_name(cx, cert->names);
	if (name == NULL)
		return any ? NULL : arena_printf(cx->arena, "https://%s/", address);
	if (strcmp(port, "443") == 0)
		return arena_printf(cx->arena, "https://%s/", name);
	return arena_printf(cx->arena, "https://%s:%s/", name, port);
}

/* What the own listeners present of an identity: the portal's to whoever asks for
 * nothing else, others to who asks for one of their names. */
static int
own_listener(struct ctx *cx, const struct identity *i, struct component *c)
{
	const struct house *h = cx->house;
	bool portal = in_system(cx) && strcmp(i->name, IDENTITY_PORTAL) == 0, same;
	struct cert_row cert;

	if (store_cert_load(cx, i->active, &cert) < 0)
		return -1;
	same = portal ? h->serves(h->tls, cert.sha256) : h->presents(h->sni, i->id, cert.sha256);
	*c = (struct component){ .name = i->name,
		.type = portal ? "own listener" : "own listener, by name",
		.identity = i->name,
		.addresses = h->addresses,
		.naddresses = h->naddresses,
		.names = cert.names[0] == '\0' && cert.common_name != NULL ? cert.common_name
									   : cert.names,
		.served = same ? SERVED_SAME : SERVED_OTHER,
		.not_before = cert.not_before,
		.not_after = cert.not_after,
		.version = CERTWRIGHT_VERSION };
	c->status = status_of(&cert, c->served == SERVED_SAME, cx->now);
	if (h->naddresses > 0)
		c->management_url = url_of(cx, &cert, doors_address(cx->house, APP_SUPER));
	return next_of(cx, i, &cert, c->status, &c->next);
}

static enum component_served
served_of(const struct component_row *row)
{
	if (row->served == NULL)
		return SERVED_UNCHECKED;
	if (strcmp(row->served, "same") == 0)
		return SERVED_SAME;
	return strcmp(row->served, "other") == 0 ? SERVED_OTHER : SERVED_UNREACHABLE;
}

/* What became of the delivery, before what the certificate says. */
static enum component_status
bound_status(const struct component_row *row, const struct cert_row *cert, int64_t now)
{
	enum component_served served = served_of(row);
	enum component_status status = status_of(cert, served != SERVED_OTHER, now);

	if (strcmp(row->delivery, "failed") == 0)
		return COMPONENT_FAILED;
	if (strcmp(row->delivery, "pending") == 0)
		return COMPONENT_PENDING;
	return served == SERVED_UNREACHABLE && status <= COMPONENT_DUE ? COMPONENT_UNREACHABLE
								       : status;
}

static const char *
note_of(const struct component_row *row)
{
	if (row->address == NULL)
		return "it has no address to look at: remove it, and add it with one";
	if (row->check_note != NULL)
		return row->check_note;
	return row->has_sha256 ? "it is looked at in a moment"
			       : "it is looked at after the first delivery";
}

static int
fill_bound(struct ctx *cx, const struct identity *i, struct component *c)
{
	struct cert_row cert;

	if (store_cert_load(cx, i->active, &cert) < 0)
		return -1;
	c->names = cert.names[0] == '\0' && cert.common_name != NULL ? cert.common_name
								     : cert.names;
	c->not_before = cert.not_before;
	c->not_after = cert.not_after;
	c->status = bound_status(&c->row, &cert, cx->now);
	return next_of(cx, i, &cert, status_of(&cert, true, cx->now), &c->next);
}

static const char *
pull_next(struct ctx *cx, const struct component *c, const char *state)
{
	struct arena *a = cx->arena;

	if (strcmp(state, "held") == 0)
		return "its request waits for an approval";
	if (strcmp(state, "rejected") == 0)
		return "its request was rejected; it asks again";
	if (strcmp(state, "sent") == 0)
		return "its request is on its way; enter the answer";
	if (c->not_after == 0)
		return "nothing came yet: run certwright component pull on its host";
	if (c->status == COMPONENT_EXPIRED)
		return arena_printf(a, "expired %s, and its host did not come",
		    time_relative(a, c->not_after, cx->now));
	if (c->status == COMPONENT_DUE)
		return arena_printf(a, "due at its host; ends %s", time_day(a, c->not_after));
	return arena_printf(
	    a, "pulled again from %s on", time_day(a, renew_from(c->not_before, c->not_after)));
}

/* One whose host comes for what it has. */
static int
pulled(struct ctx *cx, const struct component_row *row, struct component *c)
{
	struct issued_row issued;
	const char *state;
	int r;

	*c = (struct component){ .name = row->name,
		.type = "pull",
		.names = row->names,
		.served = SERVED_UNCHECKED,
		.note = "its host fetches it, and nothing is looked at from here",
		.status = COMPONENT_EMPTY,
		.bound = true,
		.row = *row };
	if ((r = op_pull_state(cx, row, &state, &issued)) < 0)
		return -1;
	if (r > 0) {
		c->not_before = issued.not_before;
		c->not_after = issued.not_after;
		c->row.delivered_at = issued.created_at;
		c->row.has_sha256 = true;
		memcpy(c->row.sha256, issued.sha256, sizeof(c->row.sha256));
		c->status = cx->now > c->not_after			 ? COMPONENT_EXPIRED
		    : cx->now < c->not_before				 ? COMPONENT_EARLY
		    : cx->now >= renew_from(c->not_before, c->not_after) ? COMPONENT_DUE
									 : COMPONENT_FINE;
	} else if (strcmp(state, "held") == 0 || strcmp(state, "sent") == 0) {
		c->status = COMPONENT_PENDING;
	}
	c->next = pull_next(cx, c, state);
	return 0;
}

/* One that is delivered to. */
static int
bound(struct ctx *cx, const struct component_row *row, struct component *c)
{
	struct identity i;

	if (row->target == NULL)
		return pulled(cx, row, c);
	if (store_identity_load(cx, row->identity, &i) < 0)
		return -1;
	*c = (struct component){ .name = row->name,
		.type = strcmp(row->kind, "haproxy") == 0 ? "HAProxy" : "files and reload",
		.identity = i.name,
		.names = "",
		.served = served_of(row),
		.note = note_of(row),
		.status = COMPONENT_EMPTY,
		.next = "install a certificate: it is delivered then",
		.bound = true,
		.row = *row };
	if (row->address != NULL) {
		c->addresses = arena_new_array(cx->arena, 1, const char *);
		c->addresses[0] = row->address;
		c->naddresses = 1;
	}
	return i.active[0] == '\0' ? 0 : fill_bound(cx, &i, c);
}

int
op_component_load(struct ctx *cx, const char *id_or_name, struct component *c)
{
	struct component_row row;

	return store_component_load(cx, id_or_name, &row) < 0 ? -1 : bound(cx, &row, c);
}

/* By id the oldest is the first, but for a clock that went back. */
static void
portal_first(struct identity *all, size_t n)
{
	struct identity portal;

	for (size_t i = 1; i < n; i++)
		if (strcmp(all[i].name, IDENTITY_PORTAL) == 0) {
			portal = all[i];
			memmove(all + 1, all, i * sizeof(*all));
			all[0] = portal;
		}
}

int
op_component_list(struct ctx *cx, struct component **out, size_t *n)
{
	struct component_row *rows;
	struct identity *all;
	size_t nall, nrows;

	*n = 0;
	if (store_identity_list(cx, &all, &nall) < 0 || store_component_list(cx, &rows, &nrows) < 0)
		return -1;
	*out = arena_new_array(cx->arena, nall + nrows, struct component);
	portal_first(all, nall);
	for (size_t i = 0; i < nall; i++) {
		if (all[i].active[0] == '\0')
			continue;
		if (own_listener(cx, &all[i], &(*out)[*n]) < 0)
			return -1;
		/* a tenant's that has no name of its own stands nowhere */
		*n += in_system(cx) || (*out)[*n].served == SERVED_SAME;
	}
	for (size_t i = 0; i < nrows; i++)
		if (bound(cx, &rows[i], &(*out)[(*n)++]) < 0)
			return -1;
	return 0;
}
