/*
 * page_invite.c - an account by invitation: the link made, and what is behind it
 */
#include "op/op_invite.h"
#include "page/page_people.h"

static const struct field invite_fields[] = { { "name", "User name", FIELD_TEXT, LIMIT_NAME, true,
						  NULL, "letters, digits and . _ @ -" },
	{ "email", "E-mail", FIELD_EMAIL, 254, true, NULL, "an address that works" },
	{ "role", "Role", FIELD_CHOICE, 0, false, "super|tenant-admin|operator|auditor",
	    "super is of the system only, tenant-admin of tenants" },
	{ "password", "Password", FIELD_SECRET, LIMIT_PASSWORD, false, NULL,
	    "none: its owner chooses it" },
	{ 0 } };
static const struct field take_fields[] = { { "password", "Password", FIELD_SECRET, LIMIT_PASSWORD,
						true, NULL,
						"at least 12 characters; a few words that do not "
						"belong together" },
	{ 0 } };

static int
invite(struct ctx *cx, const struct request *rq, json_t *view)
{
	char secret[SECRET_TEXT_SIZE];
	json_t *made = view;
	struct account a;
	const char *url = portal_url(cx, rq);

	if (url == NULL)
		return -1;
	if (field_text(rq, "password")[0] != '\0')
		return err_set(&cx->err, R_INVITE_PASSWORD, "password",
		    "who is invited chooses the password: leave it empty, or add the account with it");
	if (op_invite(cx, field_text(rq, "name"), field_text(rq, "email"),
		request_field(rq, "role"), secret, &a) < 0)
		return -1;
	if (rq->face == FACE_PORTAL) {
		if (accounts_show(cx, rq, view) < 0)
			return -1;
		json_object_set_new(view, "made", made = json_object());
	}
	put_account(cx, rq, made, &a);
	put_text(made, "url", arena_printf(cx->arena, "%sinvitation/%s", url, secret));
	put_time(cx, rq, made, "until", a.invited_until);
	return 0;
}

static int
invitation_show(struct ctx *cx, const struct request *rq, json_t *view)
{
	const char *secret = request_param(rq, "token");
	struct account a;

	if (op_invitation(cx, secret, &a) < 0)
		return -1;
	put_text(view, "token", secret);
	put_text(view, "login", a.login);
	return 0;
}

static int
invitation_take(struct ctx *cx, const struct request *rq, json_t *view)
{
	char cookie[SECRET_TEXT_SIZE];

	if (op_invitation_take(
		cx, request_param(rq, "token"), field_text(rq, "password"), rq->agent, cookie) < 0)
		return -1;
	view_session_cookie(view, cookie);
	return 0;
}

static const struct route routes[] = {
	{ .name = "account.invite",
	    .method = "POST",
	    .portal_path = "/settings/accounts/invite",
	    .api_path = "/accounts/invite",
	    .capability = CAP_SETTINGS,
	    .tenant_scoped = true,
	    .handler = invite,
	    .template = "accounts",
	    .title = "Accounts",
	    .tab = "settings",
	    .menu = "accounts",
	    .fields = invite_fields,
	    .audit = "account.invite",
	    .page = "accounts",
	    .secret = true,
	    .status = 201,
	    .answer = "Invitation",
	    .summary =
		"A link for somebody who chooses the password; shown once, good for 7 days" },
	{ .name = "invitation.page",
	    .method = "GET",
	    .portal_path = "/invitation/{token}",
	    .capability = CAP_PUBLIC,
	    .handler = invitation_show,
	    .template = "invitation",
	    .title = "Choose your password",
	    .summary = "What an invitation is for" },
	{ .name = "invitation",
	    .method = "POST",
	    .portal_path = "/invitation/{token}",
	    .capability = CAP_PUBLIC,
	    .handler = invitation_take,
	    .fields = take_fields,
	    .audit = "account.accept",
	    .page = "invitation.page",
	    .then = "/components",
	    .summary = "Set the password and sign in" },
};
const struct route_table page_invite_routes = { routes, nitems(routes) };
