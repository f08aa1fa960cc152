/*
 * page_key_show.c - the pages about private keys, as people see them
 */
#include "op/op_weak.h"
#include "page/page_key.h"

#define NAMED_MAX 5 /* requests that the sentence names */

static const char *
state_of(const struct identity *i, const struct cert_row *c)
{
	return strcmp(i->active, c->id) == 0  ? "active"
	    : strcmp(i->previous, c->id) == 0 ? "previous"
					      : "kept";
}

/* "Requests 4, 3 and 2 are out", those of one key, or of all for "". NULL: none. */
static const char *
requests_out(struct ctx *cx, const struct key_uses *u, const char *key)
{
	size_t all = 0, named = 0, n;
	const char *text;

	for (size_t i = 0; i < u->nrequests; i++)
		all += key[0] == '\0' || strcmp(u->requests[i].key, key) == 0;
	if (all == 0)
		return NULL;
	text = all == 1 ? "Request" : "Requests";
	n = all > NAMED_MAX ? NAMED_MAX : all;
	for (size_t i = 0; named < n; i++) {
		if (key[0] != '\0' && strcmp(u->requests[i].key, key) != 0)
			continue;
		named++;
		text = arena_printf(cx->arena, "%s%s %lld", text,
		    named == 1	       ? ""
			: named == all ? " and"
				       : ",",
		    (long long)u->requests[i].number);
	}
	if (all > named)
		text = arena_printf(cx->arena, "%s and %zu more", text, all - named);
	return arena_printf(cx->arena, "%s %s out", text, all == 1 ? "is" : "are");
}

/*
 * `certificates` of one key and `requests_out` in words; `in_use`: it cannot
 * be destroyed.
 */
static void
put_uses(struct ctx *cx, json_t *o, const struct key_row *k, const struct identity *i,
    const struct key_uses *u)
{
	const char *out = requests_out(cx, u, k->id);
	json_t *certs = json_array(), *use;
	bool in_use = false, back = false;

	for (size_t n = 0; n < u->ncerts; n++) {
		const struct cert_row *c = &u->certs[n];
		const char *state = state_of(i, c);

		if (strcmp(c->key, k->id) != 0)
			continue;
		json_array_append_new(certs, use = json_object());
		put_text(use, "name",
		    c->common_name != NULL && c->common_name[0] != '\0' ? c->common_name
									: c->subject);
		put_text(use, "state", state);
		put_text(use, "until", time_day(cx->arena, c->not_after));
		in_use = in_use || strcmp(state, "active") == 0;
		back = back || strcmp(state, "previous") == 0;
	}
	put_bool(o, "used", json_array_size(certs) > 0 || out != NULL);
	put_bool(o, "in_use", in_use);
	put_bool(o, "rolls_back", back);
	put_text(o, "requests_out", out);
	json_object_set_new(o, "certificates", certs);
}

static void
put_out(struct ctx *cx, json_t *view, const struct key_uses *u)
{
	const char *out = requests_out(cx, u, "");

	put_text(view, "out",
	    out == NULL
		? "No request is out. A new key is the next generation: it destroys nothing."
		: arena_printf(cx->arena,
		      "%s. A new key is the next generation: it destroys nothing, and %s.", out,
		      u->nrequests == 1 ? "the answer still installs"
					: "the answers still install"));
}

/* The key that the next CSR is made from, if there is one. */
static int
put_current(struct ctx *cx, const struct request *rq, json_t *view, const struct identity *i,
    const struct key_uses *u)
{
	json_t *o = json_object();
	struct key_row k;

	json_object_set_new(view, "current", json_null());
	if (op_key_for_csr(cx, i, &k) < 0) {
		json_decref(o);
		if (cx->err.refusal != R_NO_KEY)
			return -1;
		err_clear(&cx->err);
		put_text(view, "status", "There is no private key to base a CSR on yet.");
		return 0;
	}
	json_object_set_new(view, "current", o);
	put_key(cx, rq, o, &k, i->name);
	put_uses(cx, o, &k, i, u);
	put_text(view, "status",
	    arena_printf(cx->arena, "The next CSR is made from generation %lld, %s, which is %s.",
		(long long)k.generation, op_key_label(cx, &k),
		k.state == KEY_READY ? "not installed yet" : "active"));
	return 0;
}

static int
put_generations(struct ctx *cx, const struct request *rq, json_t *view, const struct identity *i,
    const struct key_uses *u)
{
	json_t *all = json_array(), *o;
	struct key_row *list;
	size_t n;

	json_object_set_new(view, "keys", all);
	put_text(view, "served", NULL);
	if (op_key_list(cx, i->id, &list, &n) < 0)
		return -1;
	for (size_t k = 0; k < n; k++) {
		json_array_append_new(all, o = json_object());
		put_key(cx, rq, o, &list[k], i->name);
		put_uses(cx, o, &list[k], i, u);
		if (list[k].state == KEY_ACTIVE)
			put_text(view, "served",
			    list[k].generation == 0
				? "The listener's own key is active until then."
				: arena_printf(cx->arena, "Generation %lld is active until then.",
				      (long long)list[k].generation));
	}
	return 0;
}

int
key_page(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct key_uses u;
	struct identity i;
	const char *of;

	if (op_identity_load(cx, request_identity(rq), &i) < 0 ||
	    put_identity_choice(cx, view, &i) < 0 || op_key_uses(cx, i.id, &u) < 0 ||
	    put_current(cx, rq, view, &i, &u) < 0 || put_generations(cx, rq, view, &i, &u) < 0)
		return -1;
	put_out(cx, view, &u);
	put_bool(view, "settles", cx->actor.role >= ROLE_TENANT_ADMIN);
	of = identity_option(cx, &i);
	view_command(view,
	    "certwright key generate --type ec:P-256%s\n"
	    "certwright key import FILE --passphrase-file FILE%s\n"
	    "certwright key show%s\n\n"
	    "POST /api/v1/identities/%s/keys         {\"type\": \"ec:P-256\"}\n"
	    "POST /api/v1/identities/%s/keys/import  {\"text\": \"PEM\", \"passphrase\": \"...\"}\n"
	    "GET  /api/v1/identities/%s/key",
	    of, of, of, i.name, i.name, i.name);
	return 0;
}

/* Those that would not be refused. */
static void
put_commands(struct ctx *cx, json_t *view, const struct key_row *k)
{
	bool there = k->state != KEY_DESTROYED, export = there && k->exportable;

	view_command(view, "certwright key show %s%s%s\n\nGET    /api/v1/keys/%s%s%s", k->id,
	    export
		? arena_printf(cx->arena,
		      "\ncertwright key export %s --passphrase-file FILE --format pkcs12 -o FILE",
		      k->id)
		: "",
	    there ? arena_printf(cx->arena, "\ncertwright key destroy %s", k->id) : "", k->id,
	    export ? arena_printf(cx->arena,
			 "\nPOST   /api/v1/keys/%s/export  {\"passphrase\": \"...\", \"format\": "
			 "\"pkcs12\"}",
			 k->id)
		   : "",
	    there ? arena_printf(cx->arena, "\nDELETE /api/v1/keys/%s", k->id) : "");
}

int
key_page_one(struct ctx *cx, json_t *view, const struct key_row *k, const struct identity *i)
{
	static const char *const sentences[] = {
		[KEY_READY] = "This key is not installed yet.",
		[KEY_ACTIVE] = "This key is active: a certificate with it is presented.",
		[KEY_RETIRED] = "This key was active and is kept.",
		[KEY_DESTROYED] = "This key was destroyed.",
	};
	struct key_uses u;

	if (put_identity_choice(cx, view, i) < 0 || op_key_uses(cx, i->id, &u) < 0)
		return -1;
	put_uses(cx, view, k, i, &u);
	put_text(view, "sentence", sentences[k->state]);
	put_text(view, "fault", NULL);
	if (k->state != KEY_DESTROYED && op_weak_check_own(cx, k) < 0) {
		if (cx->err.kind != ERR_INVALID)
			return -1;
		put_text(view, "fault", arena_strdup(cx->arena, cx->err.message));
		err_clear(&cx->err);
	}
	put_commands(cx, view, k);
	return 0;
}
