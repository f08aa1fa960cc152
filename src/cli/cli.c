/*
 * cli.c - one run: read the arguments, run the command, end with its code
 */
#include <sys/resource.h>

#include <errno.h>
#include <locale.h>
#include <stdarg.h>

#include <curl/curl.h>

#include "cli/cli.h"
#include "cli/show.h"

/* The message may hold what a server or a CA chose: made safe to show. */
int
cli_say(struct cli *cli, int code, const char *hint, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		abort();
	va_end(ap);
	fflush(cli->out);
	fprintf(stderr, "certwright: %s\n", show_text(cli->arena, text));
	if (hint != NULL && hint[0] != '\0')
		fprintf(stderr, "hint: %s\n", show_text(cli->arena, hint));
	free(text);
	return code;
}

int
cli_fail(struct cli *cli)
{
	const struct err *e = &cli->err;

	return cli_say(cli, err_exit_code(e->kind), e->hint, "%s", e->message);
}

static int
run(struct cli *cli, int argc, char **argv)
{
	struct args *a = &cli->args;

	if (args_parse(a, cli->arena, argc, argv, &cli->err) < 0)
		return cli_fail(cli);
	cli->json = args_has(a, "json");
	if (args_has(a, "help"))
		fputs(help_text(cli->arena, a->group, a->command), cli->out);
	else if (args_has(a, "version"))
		fputs("certwright " CERTWRIGHT_VERSION "\n", cli->out);
	else if (args_has(a, "completion"))
		fputs(completion_text(cli->arena), cli->out);
	else
		return a->command->run(cli);
	return 0;
}

int
cli_run(int argc, char **argv)
{
	static const struct rlimit no_core; /* passwords pass through here */
	AUTO(arena) struct arena *arena = arena_new();
	struct cli cli = { .arena = arena, .out = stdout };
	int code;

	setrlimit(RLIMIT_CORE, &no_core);
	setlocale(LC_CTYPE, "C.UTF-8");
	curl_global_init(CURL_GLOBAL_DEFAULT);
	code = run(&cli, argc, argv);
	if ((fflush(stdout) != 0 || ferror(stdout)) && code == 0)
		code = cli_say(
		    &cli, EXIT_INTERNAL, NULL, "could not write the answer: %s", strerror(errno));
	curl_global_cleanup();
	return code;
}
