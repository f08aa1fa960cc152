/*
 * page_accounts.c - the accounts of the system: list, add, change
 */
#include "page/page_people.h"

static const struct field add_fields[] = { { "name", "User name", FIELD_TEXT, LIMIT_NAME, true,
					       NULL, "letters, digits and . _ @ -" },
	{ "email", "E-mail", FIELD_EMAIL, 254, true, NULL, "an address that works" },
	{ "password", "Password", FIELD_SECRET, LIMIT_PASSWORD, true, NULL,
	    "give it to its owner by another way than e-mail" },
	{ "role", "Role", FIELD_CHOICE, 0, false, "super|tenant-admin|operator|auditor",
	    "super is of the system only, tenant-admin of tenants" },
	{ 0 } };
static const struct field password_fields[] = { { "password", "New password", FIELD_SECRET,
						    LIMIT_PASSWORD, true, NULL,
						    "its sessions and tokens end" },
	{ 0 } };

static const char *
status_words(struct ctx *cx, size_t supers, size_t enabled)
{
	if (in_system(cx))
		return supers == 1
		    ? "One Super Admin can sign in."
		    : arena_printf(cx->arena, "%zu Super Admins can sign in.", supers);
	if (enabled == 0)
		return "Nobody of this tenant can sign in.";
	return enabled == 1
	    ? "One person of this tenant can sign in."
	    : arena_printf(cx->arena, "%zu people of this tenant can sign in.", enabled);
}

int
accounts_show(struct ctx *cx, const struct request *rq, json_t *view)
{
	json_t *all = json_array(), *o;
	struct account *list;
	size_t n, enabled = 0, supers = 0;

	json_object_set_new(view, "accounts", all);
	if (op_account_list(cx, &list, &n) < 0)
		return -1;
	for (size_t i = 0; i < n; i++) {
		json_array_append_new(all, o = json_object());
		put_account(cx, rq, o, &list[i]);
		enabled += list[i].enabled && list[i].password[0] != '\0';
		supers += list[i].enabled && list[i].role == ROLE_SUPER &&
		    list[i].password[0] != '\0';
	}
	if (rq->face == FACE_API)
		return 0;
	put_text(view, "status", status_words(cx, supers, enabled));
	put_bool(view, "alone", in_system(cx) && supers == 1);
	put_bool(view, "of_system", in_system(cx));
	view_command(view,
	    "certwright account invite NAME --email ADDRESS\ncertwright account list\n\n"
	    "GET  /api/v1/accounts\n"
	    "POST /api/v1/accounts/invite  {\"name\": \"NAME\", \"email\": \"ADDRESS\"}\n"
	    "POST /api/v1/accounts  {\"name\": \"NAME\", \"email\": \"ADDRESS\", "
	    "\"password\": \"...\"}");
	return 0;
}

static int
account_show(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct account a;

	if (op_account_load(cx, request_param(rq, "id"), &a) < 0)
		return -1;
	put_account(cx, rq, view, &a);
	if (rq->face == FACE_PORTAL)
		view_command(view,
		    "certwright admin %s %s\ncertwright admin password %s "
		    "--password-file FILE\ncertwright admin reset-totp %s\n"
		    "certwright admin delete %s\n\n"
		    "POST   /api/v1/accounts/%s/%s\n"
		    "POST   /api/v1/accounts/%s/password  {\"password\": \"...\"}\n"
		    "DELETE /api/v1/accounts/%s",
		    a.enabled ? "disable" : "enable", a.name, a.name, a.name, a.name, a.name,
		    a.enabled ? "disable" : "enable", a.name, a.name);
	return 0;
}

static int
account_create(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct account a;

	if (op_account_create(cx, field_text(rq, "name"), field_text(rq, "email"),
		request_field(rq, "role"), field_text(rq, "password"), &a) < 0)
		return -1;
	put_account(cx, rq, view, &a);
	return 0;
}

static int
account_enable(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct account a;

	if (op_account_enable(cx, request_param(rq, "id"), true, &a) < 0)
		return -1;
	put_account(cx, rq, view, &a);
	return 0;
}

static int
account_disable(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct account a;

	if (op_account_enable(cx, request_param(rq, "id"), false, &a) < 0)
		return -1;
	put_account(cx, rq, view, &a);
	return 0;
}

static int
account_delete(struct ctx *cx, const struct request *rq, json_t *view)
{
	return op_account_delete(cx, request_param(rq, "id"));
}

static int
account_password(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct account a;

	if (op_account_password(cx, request_param(rq, "id"), field_text(rq, "password"), &a) < 0)
		return -1;
	put_account(cx, rq, view, &a);
	return 0;
}

static int
account_reset_totp(struct ctx *cx, const struct request *rq, json_t *view)
{
	struct account a;

	if (op_account_reset_totp(cx, request_param(rq, "id"), &a) < 0)
		return -1;
	put_account(cx, rq, view, &a);
	return 0;
}

#define ONE "/settings/accounts/{id}"

static const struct route routes[] = {
	{ .name = "accounts",
	    .method = "GET",
	    .portal_path = "/settings/accounts",
	    .api_path = "/accounts",
	    .capability = CAP_SETTINGS,
	    .tenant_scoped = true,
	    .handler = accounts_show,
	    .template = "accounts",
	    .title = "Accounts",
	    .tab = "settings",
	    .menu = "accounts",
	    .answer = "Accounts",
	    .summary = "All accounts of the tenant" },
	{ .name = "account.create",
	    .method = "POST",
	    .portal_path = "/settings/accounts",
	    .api_path = "/accounts",
	    .capability = CAP_SETTINGS,
	    .tenant_scoped = true,
	    .handler = account_create,
	    .fields = add_fields,
	    .audit = "account.create",
	    .page = "accounts",
	    .then = "/settings/accounts",
	    .status = 201,
	    .answer = "Account",
	    .summary = "Add an account with a password" },
	{ .name = "account.one",
	    .method = "GET",
	    .portal_path = ONE,
	    .api_path = "/accounts/{id}",
	    .capability = CAP_SETTINGS,
	    .tenant_scoped = true,
	    .handler = account_show,
	    .template = "account-one",
	    .title = "Account",
	    .tab = "settings",
	    .menu = "accounts",
	    .answer = "Account",
	    .summary = "One account" },
	{ .name = "account.enable",
	    .method = "POST",
	    .portal_path = ONE "/enable",
	    .api_path = "/accounts/{id}/enable",
	    .capability = CAP_SETTINGS,
	    .tenant_scoped = true,
	    .handler = account_enable,
	    .audit = "account.enable",
	    .page = "account.one",
	    .then = "/settings/accounts",
	    .answer = "Account",
	    .summary = "Let the account sign in" },
	{ .name = "account.disable",
	    .method = "POST",
	    .portal_path = ONE "/disable",
	    .api_path = "/accounts/{id}/disable",
	    .capability = CAP_SETTINGS,
	    .tenant_scoped = true,
	    .handler = account_disable,
	    .audit = "account.disable",
	    .page = "account.one",
	    .then = "/settings/accounts",
	    .answer = "Account",
	    .summary = "Keep the account out; its sessions and tokens end at once" },
	{ .name = "account.delete.portal",
	    .method = "POST",
	    .portal_path = ONE "/delete",
	    .capability = CAP_SETTINGS,
	    .tenant_scoped = true,
	    .handler = account_delete,
	    .audit = "account.delete",
	    .page = "account.one",
	    .then = "/settings/accounts",
	    .summary = "Delete the account" },
	{ .name = "account.delete",
	    .method = "DELETE",
	    .api_path = "/accounts/{id}",
	    .capability = CAP_SETTINGS,
	    .tenant_scoped = true,
	    .handler = account_delete,
	    .audit = "account.delete",
	    .answer = "Nothing",
	    .summary = "Delete the account" },
	{ .name = "account.password",
	    .method = "POST",
	    .portal_path = ONE "/password",
	    .api_path = "/accounts/{id}/password",
	    .capability = CAP_SETTINGS,
	    .tenant_scoped = true,
	    .handler = account_password,
	    .fields = password_fields,
	    .audit = "account.password",
	    .page = "account.one",
	    .then = "/settings/accounts",
	    .answer = "Account",
	    .summary = "Set a new password" },
	{ .name = "account.reset-totp",
	    .method = "POST",
	    .portal_path = ONE "/reset-totp",
	    .api_path = "/accounts/{id}/reset-totp",
	    .capability = CAP_SETTINGS,
	    .tenant_scoped = true,
	    .handler = account_reset_totp,
	    .audit = "account.reset-totp",
	    .page = "account.one",
	    .then = "/settings/accounts",
	    .answer = "Account",
	    .summary = "Turn one-time codes off for a lost telephone" },
};
const struct route_table page_accounts_routes = { routes, nitems(routes) };
