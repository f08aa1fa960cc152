/*
 * cmd_license.c - the licence that is here
 */
#include "base/limits.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/show.h"

static const struct shown one[] = {
	{ "configured", "Vendor configured" },
	{ "uploaded", "Uploaded" },
	{ "valid", "Valid" },
	{ "message", "Why not" },
	{ "licensee", "Licensee" },
	{ "expires", "Last day" },
	{ "expired", "Ended" },
	{ "tenants", "Tenants" },
	{ "max_tenants", "Tenants allowed" },
	{ "components", "Components" },
	{ "max_components", "Components allowed" },
	{ 0 },
};

static int
ask(struct cli *cli, const char *method, json_t *body)
{
	AUTO_ANSWER struct answer a = { 0 };
	int rc = api_call(cli, method, "/license", body, &a);

	return rc != 0 ? rc : show(cli, &a, NULL, one);
}

static int
show_license(struct cli *cli)
{
	return ask(cli, "GET", NULL);
}

static int
upload(struct cli *cli)
{
	AUTO_BUF struct buf file = { 0 };
	int rc;

	if ((rc = read_input(cli, word(cli, 0), LIMIT_LICENSE, &file)) != 0)
		return rc;
	return ask(cli, "PUT",
	    json_pack("{s:s}", "content", base64_encode(cli->arena, file.data, file.len)));
}

static const struct command commands[] = {
	{ "show", "", NULL, show_license, "Show the licence, what it allows and what is used" },
	{ "upload", "FILE", NULL, upload, "Upload a licence in place of the one before" },
	{ 0 },
};

extern const struct group license_group;
const struct group license_group = { "license", "The licence of a vendor.", commands };
