/*
 * cmd_renewal.c - what becomes of certificates before they end
 */
#include "cli/cli.h"
#include "cli/show.h"

static const struct shown all[] = {
	{ "identity", "IDENTITY" },
	{ "state", "STATE" },
	{ "not_after", "ENDS" },
	{ "next", "NEXT" },
	{ "message", "LAST FAILURE" },
	{ 0 },
};
static const struct shown one[] = {
	{ "identity", "Identity" },
	{ "state", "State" },
	{ "next", "Next" },
	{ "next_at", "When" },
	{ "not_after", "Ends" },
	{ "by_itself", "By itself" },
	{ "new_key", "New key" },
	{ "days_left", "Days left" },
	{ "hours", "Hours, UTC" },
	{ "renewed", "Renewed" },
	{ "tries", "Failed tries" },
	{ "message", "Last failure" },
	{ 0 },
};

static int
list(struct cli *cli)
{
	static const char *const options[] = { "text" };
	AUTO_ANSWER struct answer a = { 0 };
	int rc;

	if ((rc = api_call(
		 cli, "GET", api_query(cli, "/renewals", options, nitems(options)), NULL, &a)) != 0)
		return rc;
	show_more(cli, &a, "renewals", NULL, "take fewer by --text");
	return show(cli, &a, "renewals", all);
}

static int
ask(struct cli *cli, const char *method, const char *path, json_t *body)
{
	AUTO_ANSWER struct answer a = { 0 };
	int rc;

	if ((rc = api_call(cli, method, api_path(cli, path, word(cli, 0)), body, &a)) != 0)
		return rc;
	return show(cli, &a, NULL, one);
}

static int
show_one(struct cli *cli)
{
	return ask(cli, "GET", "/renewals/%s", NULL);
}

static int
set(struct cli *cli)
{
	static const struct {
		const char *option, *member;
	} given[] = { { "by-itself", "by_itself" }, { "new-key", "new_key" },
		{ "days-left", "days_left" }, { "hours", "hours" } };
	json_t *body = json_object();

	for (size_t i = 0; i < nitems(given); i++) {
		const char *value = args_value(&cli->args, given[i].option);

		if (value != NULL)
			json_object_set_new(body, given[i].member, json_string(value));
	}
	return ask(cli, "PUT", "/renewals/%s", body);
}

static int
now(struct cli *cli)
{
	return ask(cli, "POST", "/renewals/%s/now", json_object());
}

static const struct option list_options[] = {
	{ .name = "text", .value = "TEXT", .help = "those whose identity holds this text" }, { 0 }
};
static const struct option set_options[] = {
	{ .name = "by-itself",
	    .value = "YES",
	    .choices = "yes|no",
	    .help = "yes, or no: it waits for a person" },
	{ .name = "new-key",
	    .value = "YES",
	    .choices = "yes|no",
	    .help = "yes: for each certificate; no: the key is kept" },
	{ .name = "days-left",
	    .value = "N",
	    .help =
		"renew when N days are left, if that is earlier; 0: at two thirds of its life" },
	{ .name = "hours",
	    .value = "HOURS",
	    .help = "install it in these hours, UTC, such as 22:00-04:00; any: at once" },
	{ 0 },
};

static const struct command commands[] = {
	{ "list", "", list_options, list, "List what becomes of each certificate in use" },
	{ "show", "IDENTITY", NULL, show_one, "Show what becomes of the certificate, and when" },
	{ "set", "IDENTITY", set_options, set, "Set how its certificates are renewed" },
	{ "now", "IDENTITY", NULL, now, "Renew it now, in the background" },
	{ 0 },
};

extern const struct group renewal_group;
const struct group renewal_group = { "renewal",
	"Certificates of own authorities are renewed before they end.", commands };
