/*
 * cmd_component.c - services that present a certificate
 */
#include "cli/cmd_pull.h"
#include "cli/cmd_scan.h"
#include "cli/show.h"

static const struct shown components[] = {
	{ "name", "NAME" },
	{ "type", "TYPE" },
	{ "addresses", "ADDRESSES" },
	{ "identity", "IDENTITY" },
	{ "status", "STATUS" },
	{ "days_left", "DAYS LEFT" },
	{ "next", "NEXT" },
	{ 0 },
};
static const struct shown one[] = {
	{ "name", "Name" },
	{ "status", "Status" },
	{ "type", "Type" },
	{ "target", "Target" },
	{ "authority", "Authority" },
	{ "profile", "Profile" },
	{ "identity", "Identity" },
	{ "names", "Names" },
	{ "addresses", "Address" },
	{ "sni", "Name to ask for" },
	{ "starttls", "STARTTLS" },
	{ "delivery", "Delivery" },
	{ "delivered", "Delivered" },
	{ "delivered_sha256", "SHA-256 of the certificate" },
	{ "message", "Why it failed" },
	{ "served", "Served" },
	{ "checked", "Checked" },
	{ "served_note", "What was found" },
	{ "next", "Next" },
	{ 0 },
};
static const struct shown target_columns[] = {
	{ "name", "NAME" },
	{ "kind", "KIND" },
	{ "place", "PLACE" },
	{ "taken", "TAKEN" },
	{ "component", "COMPONENT" },
	{ 0 },
};

static int
list(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	int rc;

	if ((rc = api_call(cli, "GET", "/components", NULL, &a)) != 0)
		return rc;
	return show(cli, &a, "components", components);
}

static int
targets(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	int rc;

	if ((rc = api_call(cli, "GET", "/targets", NULL, &a)) != 0)
		return rc;
	return show(cli, &a, "targets", target_columns);
}

static int
add(struct cli *cli)
{
	static const char *const names[] = { "target", "identity", "address", "sni", "starttls" };
	AUTO_ANSWER struct answer a = { 0 };
	json_t *body = json_pack("{s:s}", "name", word(cli, 0));
	int rc;

	for (size_t i = 0; i < nitems(names); i++)
		if (args_value(&cli->args, names[i]) != NULL)
			json_object_set_new(
			    body, names[i], json_string(args_value(&cli->args, names[i])));
	if ((rc = api_call(cli, "POST", "/components", body, &a)) != 0)
		return rc;
	return show(cli, &a, NULL, one);
}

/* "none" on the command line is nothing in the body. */
static int
set(struct cli *cli)
{
	static const char *const names[] = { "address", "sni", "starttls" };
	AUTO_ANSWER struct answer a = { 0 };
	json_t *body = json_object();
	const char *value;
	int rc;

	for (size_t i = 0; i < nitems(names); i++)
		if ((value = args_value(&cli->args, names[i])) != NULL)
			json_object_set_new(
			    body, names[i], json_string(strcmp(value, "none") == 0 ? "" : value));
	if ((rc = api_call(cli, "PUT", api_path(cli, "/components/%s", word(cli, 0)), body, &a)) !=
	    0)
		return rc;
	return show(cli, &a, NULL, one);
}

static int
add_pull(struct cli *cli)
{
	static const struct shown made[] = { { "token", "Token, shown once" }, { "name", "Name" },
		{ "authority", "Authority" }, { "names", "Names" }, { 0 } };
	static const char *const options[] = { "authority", "profile", "days" };
	AUTO_ANSWER struct answer a = { 0 };
	json_t *names = json_array(),
	       *body = json_pack("{s:s, s:o}", "name", word(cli, 0), "names", names);
	int rc;

	for (size_t i = 0; i < cli->args.ngiven; i++)
		if (strcmp(cli->args.given[i].option->name, "name") == 0)
			json_array_append_new(names, json_string(cli->args.given[i].value));
	for (size_t i = 0; i < nitems(options); i++)
		if (args_value(&cli->args, options[i]) != NULL)
			json_object_set_new(
			    body, options[i], json_string(args_value(&cli->args, options[i])));
	if ((rc = api_call(cli, "POST", "/components/pull", body, &a)) != 0)
		return rc;
	return show(cli, &a, NULL, made);
}

static int
show_one(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	int rc;

	if ((rc = api_call(cli, "GET", api_path(cli, "/components/%s", word(cli, 0)), NULL, &a)) !=
	    0)
		return rc;
	return show(cli, &a, NULL, one);
}

static int
deliver(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	int rc;

	if ((rc = api_call(cli, "POST", api_path(cli, "/components/%s/deliver", word(cli, 0)),
		 json_object(), &a)) != 0)
		return rc;
	return show(cli, &a, NULL, one);
}

static int
check(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	int rc;

	if ((rc = api_call(cli, "POST", api_path(cli, "/components/%s/check", word(cli, 0)),
		 json_object(), &a)) != 0)
		return rc;
	return show(cli, &a, NULL, one);
}

static int
take_away(struct cli *cli)
{
	return api_act(
	    cli, "DELETE", api_path(cli, "/components/%s", word(cli, 0)), NULL, "removed");
}

static const struct option add_options[] = {
	{ .name = "target",
	    .required = true,
	    .value = "TARGET",
	    .help = "where it is delivered to (component targets)" },
	{ .name = "identity",
	    .required = true,
	    .value = "NAME",
	    .help = "whose active certificate and key go there" },
	{ .name = "address", .value = "HOST:PORT", .help = "where it can be looked at" },
	{ .name = "sni", .value = "NAME", .help = "name to ask for there" },
	{ .name = "starttls",
	    .value = "PROTOCOL",
	    .choices = "smtp",
	    .help = "TLS begins after STARTTLS: smtp" },
	{ 0 },
};

static const struct option set_options[] = {
	{ .name = "address",
	    .value = "HOST:PORT",
	    .help = "where it can be looked at; none: it is not" },
	{ .name = "sni",
	    .value = "NAME",
	    .help = "name to ask for there; none: a name of the certificate" },
	{ .name = "starttls",
	    .value = "PROTOCOL",
	    .choices = "smtp|none",
	    .help = "TLS begins after STARTTLS: smtp; none: at once" },
	{ 0 },
};

static const struct option add_pull_options[] = {
	{ .name = "authority",
	    .required = true,
	    .value = "NAME",
	    .help = "that its host may send a request to" },
	{ .name = "name",
	    .required = true,
	    .many = true,
	    .value = "NAME",
	    .help = "a DNS name or an IP address for which it may ask" },
	{ .name = "profile", .value = "NAME", .help = "its profile (default: the authority's)" },
	{ .name = "days", .value = "N", .help = "the life that is asked for" },
	{ 0 },
};

static const struct command commands[] = {
	{ "list", "", NULL, list, "List the services that present a certificate" },
	{ "targets", "", NULL, targets, "List where certificates can be delivered on this host" },
	{ "add", "NAME", add_options, add, "Deliver what an identity presents to a target" },
	{ "add-pull", "NAME", add_pull_options, add_pull,
	    "Let another host pull a certificate for its own key, and nothing else" },
	{ "show", "NAME", NULL, show_one, "Show a component, and what became of the delivery" },
	{ "set", "NAME", set_options, set, "Change where it is looked at, and how" },
	{ "deliver", "NAME", NULL, deliver, "Deliver to it now, in the background" },
	{ "check", "NAME", NULL, check, "Look which certificate it presents, and compare" },
	{ "remove", "NAME", NULL, take_away, "Deliver nothing to it any more" },
	{ "scan", "PLACE...", scan_options, component_scan,
	    "Which certificates do servers present, which are in files? Into an inventory" },
	{ "found", "", NULL, component_found, "List the inventory, what ends first at its top" },
	{ "forget", "ID", NULL, component_forget, "Take an entry off the inventory" },
	{ "pull", "", pull_options, component_pull,
	    "On the host itself: make a key there, and fetch its certificate when it is due" },
	{ 0 },
};

extern const struct group component_group;
const struct group component_group = { "component", "Services that present a certificate.",
	commands };
