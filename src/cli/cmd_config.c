/*
 * cmd_config.c - the options in force, and the banners
 */
#include "base/limits.h"
#include "cli/cli.h"
#include "cli/show.h"

/* The lines of a configuration file (certwrightd.conf(5)). */
static int
show_config(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	const char *name;
	json_t *value;
	int rc;

	if ((rc = api_call(cli, "GET", "/config", NULL, &a)) != 0)
		return rc;
	if (cli->json) {
		show_json(cli, a.json);
		return 0;
	}
	json_object_foreach (a.json, name, value) {
		const json_t *one;
		size_t i = 0;

		if (!json_is_array(value))
			show_line(cli, "%s = %s", name, show_value(cli->arena, value));
		else
			json_array_foreach (value, i, one)
				show_line(cli, "%s = %s", name, show_value(cli->arena, one));
	}
	return 0;
}

/* A text of a file; the last line's end does not count. */
static int
put_banner(struct cli *cli, const char *option, const char *member, json_t *body)
{
	AUTO_BUF struct buf file = { 0 };
	const char *path = args_value(&cli->args, option);
	int rc;

	if (path == NULL)
		return 0;
	if ((rc = read_input(cli, path, 4 * LIMIT_BANNER + 1, &file)) != 0)
		return rc;
	while (file.len > 0 && file.data[file.len - 1] == '\n')
		file.len--;
	json_object_set_new(body, member,
	    file.len == 0 ? json_string("") : json_stringn((const char *)file.data, file.len));
	if (json_object_get(body, member) == NULL)
		return cli_say(cli, EXIT_INPUT, NULL, "%s: the text is not valid UTF-8", path);
	return 0;
}

static int
banner(struct cli *cli)
{
	static const char *const names[] = { "login", "welcome" };
	AUTO_ANSWER struct answer a = { 0 };
	json_t *body = json_object();
	int rc;

	if ((rc = put_banner(cli, "login-file", "login", body)) != 0 ||
	    (rc = put_banner(cli, "welcome-file", "welcome", body)) != 0) {
		json_decref(body);
		return rc;
	}
	if (json_object_size(body) == 0) {
		json_decref(body);
		rc = api_call(cli, "GET", "/banners", NULL, &a);
	} else {
		rc = api_call(cli, "PUT", "/banners", body, &a);
	}
	if (rc != 0)
		return rc;
	if (cli->json) {
		show_json(cli, a.json);
		return 0;
	}
	for (size_t i = 0; i < nitems(names); i++) {
		const char *text = json_string_value(json_object_get(a.json, names[i]));
		char *line = arena_strdup(cli->arena, text == NULL ? "" : text);

		show_line(cli, "%s:%s", names[i], line[0] == '\0' ? " off" : "");
		while (line != NULL && line[0] != '\0')
			show_line(cli, "  %s", show_text(cli->arena, strsep(&line, "\n")));
	}
	return 0;
}

static int
redirect(struct cli *cli)
{
	static const struct shown one[] = { { "port", "HTTPS port that plain HTTP sends to" },
		{ 0 } };
	const char *port = args_value(&cli->args, "port");
	AUTO_ANSWER struct answer a = { 0 };
	int rc = port == NULL
	    ? api_call(cli, "GET", "/applications/redirect", NULL, &a)
	    : api_call(cli, "PUT", "/applications/redirect", json_pack("{s:s}", "port", port), &a);

	return rc != 0 ? rc : show(cli, &a, NULL, one);
}

/* "a,b": a list; the daemon says what is no address. */
static void
put_list(struct cli *cli, const char *option, const char *member, json_t *body)
{
	const char *text = args_value(&cli->args, option);
	char *rest, *one;
	json_t *all;

	if (text == NULL)
		return;
	json_object_set_new(body, member, all = json_array());
	rest = arena_strdup(cli->arena, text);
	while ((one = strsep(&rest, ",")) != NULL)
		json_array_append_new(all, json_string(one));
}

/* Where the applications are served: one thing in one call. */
static int
applications(struct cli *cli)
{
	static const struct shown one[] = { { "listeners", "Listeners" },
		{ "super", "Super Admin's application" }, { "admin", "Tenants' application" },
		{ "client_asked", "Client certificate asked for" },
		{ "client_required", "Client certificate required" },
		{ "client_cas", "Of these CAs alone" }, { "until", "On trial until" },
		{ "gone", "Nothing listens any more" }, { 0 } };
	bool keep = args_has(&cli->args, "keep"), revert = args_has(&cli->args, "revert");
	AUTO_ANSWER struct answer a = { 0 };
	json_t *body = json_object();
	int rc;

	put_list(cli, "super", "super", body);
	put_list(cli, "admin", "admin", body);
	put_list(cli, "client-asked", "client_asked", body);
	put_list(cli, "client-required", "client_required", body);
	put_list(cli, "client-cas", "client_cas", body);
	if ((keep || revert) + (json_object_size(body) > 0) > 1 || (keep && revert)) {
		json_decref(body);
		return cli_say(cli, EXIT_USAGE, "make a change, or keep or revert the one on trial",
		    "these options do not go together");
	}
	if (json_object_size(body) > 0) {
		rc = api_call(cli, "PUT", "/applications/access", body, &a);
	} else {
		json_decref(body);
		rc = keep || revert
		    ? api_call(cli, "POST",
			  keep ? "/applications/access/confirm" : "/applications/access/revert",
			  NULL, &a)
		    : api_call(cli, "GET", "/applications/access", NULL, &a);
	}
	if (rc != 0 || (rc = show(cli, &a, NULL, one)) != 0)
		return rc;
	if (!json_is_null(json_object_get(a.json, "until")))
		show_line(
		    cli, "over by itself unless it is kept: certwright config applications --keep");
	return 0;
}

static const struct option applications_options[] = {
	{ .name = "super",
	    .value = "ADDR[,ADDR]",
	    .help = "where the Super Admin's application is served, of the option listen (all)" },
	{ .name = "admin",
	    .value = "ADDR[,ADDR]",
	    .help = "where the tenants' application is served (all)" },
	{ .name = "client-asked",
	    .value = "ADDR[,ADDR]",
	    .help = "where clients are asked for a certificate (none)" },
	{ .name = "client-required",
	    .value = "ADDR[,ADDR]",
	    .help = "where nobody is let in without one (none)" },
	{ .name = "client-cas",
	    .value = "NAME[,NAME]",
	    .help = "built-in CAs whose certificates count (all)" },
	{ .name = "keep", .help = "keep what is on trial" },
	{ .name = "revert", .help = "take back what is on trial" },
	{ 0 },
};
static int
hsts(struct cli *cli)
{
	static const struct shown one[] = { { "days", "Days" },
		{ "subdomains", "All names below, too" }, { 0 } };
	const char *days = args_value(&cli->args, "days");
	bool below = args_has(&cli->args, "subdomains");
	AUTO_ANSWER struct answer a = { 0 };
	int rc;

	if (below && days == NULL)
		return cli_say(cli, EXIT_USAGE, "0 is off", "--subdomains needs --days");
	rc = days == NULL ? api_call(cli, "GET", "/applications/hsts", NULL, &a)
			  : api_call(cli, "PUT", "/applications/hsts",
				json_pack("{s:s,s:b}", "days", days, "subdomains", below), &a);
	return rc != 0 ? rc : show(cli, &a, NULL, one);
}

static const struct option hsts_options[] = {
	{ .name = "days", .value = "N", .help = "browsers remember it for so long (0: off)" },
	{ .name = "subdomains", .help = "all names below, too" },
	{ 0 },
};
static const struct option redirect_options[] = {
	{ .name = "port", .value = "N", .help = "of HTTPS, such as 443 (0: nobody is sent on)" },
	{ 0 },
};
static const struct option banner_options[] = {
	{ .name = "login-file",
	    .value = "FILE",
	    .help = "what is shown before sign-in; an empty file turns it off" },
	{ .name = "welcome-file",
	    .value = "FILE",
	    .help = "what is shown after sign-in; an empty file turns it off" },
	{ 0 },
};
static const struct command commands[] = {
	{ "show", "", NULL, show_config, "Show the options in force, as a configuration file" },
	{ "redirect", "", redirect_options, redirect,
	    "Show or set where plain HTTP sends browsers on to" },
	{ "applications", "", applications_options, applications,
	    "Show or try on which addresses the applications are served" },
	{ "hsts", "", hsts_options, hsts,
	    "Show or set how long browsers remember to come by HTTPS only" },
	{ "banner", "", banner_options, banner, "Show or set the texts before and after sign-in" },
	{ 0 },
};

extern const struct group config_group;
const struct group config_group = { "config", "The daemon's options and banners.", commands };
