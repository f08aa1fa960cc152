/*
 * page_pull.c - Pull: another host makes its key and fetches the certificate
 */
#include "op/op_pull.h"
#include "page/page_component.h"
#include "page/page_people.h"
#include "page/page_preview.h"
#include "page/page_procedure.h"

#define PAGE "/components/pull" /* no component has this name (op_component_add.c) */

static const struct field pull_fields[] = { { "name", "Name", FIELD_TEXT, LIMIT_NAME, true, NULL,
						"letters, digits or . _ -" },
	{ "authority", "Authority", FIELD_TEXT, LIMIT_NAME, true, NULL,
	    "that its host may send a request to" },
	{ "names", "Names", FIELD_LINES, 0, true, NULL, "one a line: for which it may ask" },
	{ "profile", "Profile", FIELD_TEXT, 64, false, NULL,
	    "the authority's default when left out" },
	{ "days", "Days", FIELD_INT, 10, false, NULL, "the life that is asked for" }, { 0 } };

static int
pull_show(struct ctx *cx, const struct request *rq, json_t *view)
{
	json_t *all = json_array();
	const struct card *cards;
	size_t n;

	json_object_set_new(view, "authorities", all);
	cards = op_authority_list(cx, &n);
	for (size_t i = 0; i < n; i++)
		json_array_append_new(all,
		    json_pack("{ss,ss,sb}", "name", cards[i].authority.id, "title",
			cards[i].authority.title, "chosen",
			request_chosen(rq, "authority", cards[i].authority.id, false)));
	put_bool(view, "any", n > 0);
	view_command(view,
	    "certwright component add-pull NAME --authority A --name HOST\n\n"
	    "POST /api/v1/components/pull  "
	    "{\"name\": \"NAME\", \"authority\": \"A\", \"names\": [\"HOST\"]}");
	return 0;
}

/* What is run on the host, as far as it is known here. */
static const char *
command_for(struct ctx *cx, const char *url, const struct component_row *c)
{
	const char *names = "";

	for (const char *p = c->names; *p != '\0'; p += strcspn(p, "\n"), p += *p == '\n')
		names = arena_printf(
		    cx->arena, "%s --name '%.*s'", names, (int)strcspn(p, "\n"), p);
	return arena_printf(cx->arena,
	    "certwright --server %s --token-file FILE component pull --authority %s%s --out DIR",
	    url, c->authority, names);
}

static int
pull_add(struct ctx *cx, const struct request *rq, json_t *view)
{
	const char *days = preview_member(cx, rq, "days"), *url = NULL;
	const struct pull_wish w = { .name = field_text(rq, "name"),
		.authority = field_text(rq, "authority"),
		.names = field_text(rq, "names"),
		.profile = field_text(rq, "profile"),
		.days = days == NULL ? "" : days };
	char token[PULL_TOKEN_SIZE];
	struct component_row c;
	json_t *made = view;

	if (rq->face == FACE_PORTAL && (url = portal_url(cx, rq)) == NULL)
		return -1;
	if (op_pull_add(cx, &w, &c, token) < 0)
		return -1;
	if (rq->face == FACE_PORTAL) {
		if (pull_show(cx, rq, view) < 0)
			return -1;
		json_object_set_new(view, "made", made = json_object());
		put_text(made, "command", command_for(cx, url, &c));
	}
	put_text(made, "name", c.name);
	put_text(made, "token", token);
	put_text(made, "authority", c.authority);
	json_object_set_new(made, "names", lines_array(cx, c.names));
	return 0;
}

static const struct route routes[] = {
	{ .name = "component.pull",
	    .method = "GET",
	    .portal_path = PAGE,
	    .capability = CAP_SUPER,
	    .tenant_scoped = true,
	    .handler = pull_show,
	    .template = "pull",
	    .title = "Pull",
	    .tab = "components",
	    .summary = "The form for a host that fetches its certificate itself" },
	{ .name = "component.add-pull",
	    .method = "POST",
	    .portal_path = PAGE,
	    .api_path = PAGE,
	    .capability = CAP_SUPER,
	    .tenant_scoped = true,
	    .handler = pull_add,
	    .template = "pull",
	    .title = "Pull",
	    .tab = "components",
	    .fields = pull_fields,
	    .audit = "component.add",
	    .page = "component.pull",
	    .secret = true,
	    .status = 201,
	    .answer = "NewPull",
	    .summary =
		"Let another host pull a certificate for its own key; the token is shown once" },
};
const struct route_table page_pull_routes = { routes, nitems(routes) };
