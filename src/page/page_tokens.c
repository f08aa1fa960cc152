/*
 * page_tokens.c - bearer tokens for scripts (API and command line)
 */
#include "page/page_people.h"

static const struct field token_fields[] = { { "user", "User name", FIELD_TEXT, LIMIT_NAME, false,
						 NULL,
						 "whose authority it has; default: the caller's" },
	{ "days", "Days", FIELD_INT, 9, false, NULL, "default 90" }, { 0 } };

static int
tokens_list(struct ctx *cx, const struct request *rq, json_t *view)
{
	json_t *all = json_array(), *o;
	struct token *list;
	size_t n;

	json_object_set_new(view, "tokens", all);
	if (op_token_list(cx, &list, &n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		json_array_append_new(all, o = json_object());
		put_text(o, "id", list[i].id);
		put_text(o, "account",
		    list[i].account_name == NULL || list[i].account_name[0] == '\0'
			? "local administrator"
			: list[i].account_name);
		put_time(cx, rq, o, "created", list[i].created_at);
		put_time(cx, rq, o, "expires", list[i].expires_at);
		put_time(cx, rq, o, "last_used", list[i].used_at);
		put_bool(o, "revoked", list[i].revoked);
	}
	return 0;
}

static int
token_create(struct ctx *cx, const struct request *rq, json_t *view)
{
	const json_t *j = json_object_get(rq->json, "days");
	const char *user = request_field(rq, "user"), *text = request_field(rq, "days");
	char secret[TOKEN_TEXT_SIZE], *end = "";
	int64_t days = 0;
	struct token t;

	if (json_is_integer(j))
		days = json_integer_value(j);
	else if (text != NULL)
		days = strtoll(text, &end, 10);
	if (*end != '\0' || ((text != NULL || j != NULL) && days <= 0))
		days = -1; /* refused with the range */
	if (user != NULL && user[0] == '\0')
		user = NULL;
	if (op_token_create(cx, user, days, &t, secret) < 0)
		return -1;
	put_text(view, "token", secret);
	put_text(view, "id", t.id);
	put_time(cx, rq, view, "expires", t.expires_at);
	return 0;
}

static int
token_revoke(struct ctx *cx, const struct request *rq, json_t *view)
{
	return op_token_revoke(cx, request_param(rq, "id"));
}

static const struct route routes[] = {
	{ .name = "tokens",
	    .method = "GET",
	    .api_path = "/tokens",
	    .capability = CAP_SETTINGS,
	    .tenant_scoped = true,
	    .handler = tokens_list,
	    .answer = "Tokens",
	    .summary = "All tokens" },
	{ .name = "token.create",
	    .method = "POST",
	    .api_path = "/tokens",
	    .capability = CAP_SETTINGS,
	    .tenant_scoped = true,
	    .handler = token_create,
	    .fields = token_fields,
	    .audit = "token.create",
	    .secret = true,
	    .status = 201,
	    .answer = "NewToken",
	    .summary = "Make a token; its text is shown once" },
	{ .name = "token.revoke",
	    .method = "DELETE",
	    .api_path = "/tokens/{id}",
	    .capability = CAP_SETTINGS,
	    .tenant_scoped = true,
	    .handler = token_revoke,
	    .audit = "token.revoke",
	    .answer = "Nothing",
	    .summary = "End a token" },
};
const struct route_table page_tokens_routes = { routes, nitems(routes) };
