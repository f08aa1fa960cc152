/*
 * test_commands.c - each command: what it asks, what it says, how it ends
 *
 * The server is a list of answers; nothing is sent. A command without a row
 * here is found: cmd_account.c, cmd_audit.c, cmd_authority.c, cmd_ca.c,
 * cmd_ca_history.c, cmd_ca_keys.c, cmd_certificate.c, cmd_component.c, cmd_config.c,
 * cmd_batch.c, cmd_csr.c, cmd_custodian.c,
 * cmd_identity.c, cmd_issued.c, cmd_key.c, cmd_license.c, cmd_names.c, cmd_profile.c,
 * cmd_renewal.c, cmd_replace.c, cmd_request.c, cmd_status.c, cmd_tenant.c, cmd_token.c,
 * cmd_trust.c; and commands.c, input.c, sealed.c, sheet.c, which all use.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/text.h"
#include "cli/http.h"
#include "commands_rows.h"

#define ANSWERS_MAX 4

/* ---- the server ------------------------------------------------------------------ */

static struct {
	long status;
	const char *body[ANSWERS_MAX]; /* the last one again and again */
	int unreachable;	       /* exit code of a server that is not there */
	struct buf asked;	       /* "GET /api/v1/x\nPOST /api/v1/y {}\n" */
	unsigned n, slept;
} server;

int
http_send(struct cli *cli, const struct sending *s, struct answer *a)
{
	const char *body = server.body[server.n];

	buf_printf(&server.asked, "%s%s %s", server.asked.len > 0 ? "\n" : "", s->method, s->path);
	if (s->type != NULL)
		buf_printf(&server.asked, " %s%.*s",
		    strcmp(s->type, "application/json") == 0 ? "" : s->type, (int)s->len,
		    (const char *)s->body);
	if (server.n + 1 < ANSWERS_MAX && server.body[server.n + 1] != NULL)
		server.n++;
	if (server.unreachable != 0)
		return cli_say(cli, server.unreachable, NULL, "there is no server");
	a->status = server.status;
	buf_put_text(&a->body, body == NULL ? "" : body);
	return 0;
}

unsigned
sleep(unsigned seconds)
{
	server.slept += seconds;
	return 0;
}

/* ---- one run ---------------------------------------------------------------------- */

static struct arena *arena;
static char *out, *err;
static size_t out_len, err_len;

/* "csr show --json": the exit code; out and err are what was said. */
static int
run(const char *line)
{
	struct cli cli = { .arena = arena };
	char *copy = arena_strdup(arena, line), *argv[24] = { "certwright" }, *save = NULL;
	FILE *was = stderr;
	int argc = 1, rc;

	free(out);
	free(err);
	server.n = server.slept = 0;
	buf_reset(&server.asked);
	for (char *p = strtok_r(copy, " ", &save); p != NULL; p = strtok_r(NULL, " ", &save))
		argv[argc++] = strcmp(p, "''") == 0 ? "" : p;
	cli.out = open_memstream(&out, &out_len);
	stderr = open_memstream(&err, &err_len);
	rc = args_parse(&cli.args, arena, argc, argv, &cli.err) < 0 ? cli_fail(&cli) : -1;
	if (rc < 0) {
		cli.json = args_has(&cli.args, "json");
		rc = cli.args.command->run(&cli);
	}
	fclose(stderr);
	stderr = was;
	fclose(cli.out);
	return rc;
}

static void
serve(long status, const char *const *bodies)
{
	buf_free(&server.asked);
	memset(&server, 0, sizeof(server));
	server.status = status;
	for (size_t i = 0; i < ANSWERS_MAX && bodies[i] != NULL; i++)
		server.body[i] = bodies[i];
}

/* The files that the rows name, in a folder of its own. */
static int
open_folder(void **state)
{
	static const char *const files[][2] = { { "in", "abc" }, { "secret", "hunter2\n" },
		{ "empty", "" }, { "latin", "caf\xe9\n" } };
	static char folder[] = "/tmp/cw-cli-XXXXXX";

	arena = arena_new();
	assert_non_null(mkdtemp(folder));
	assert_int_equal(chdir(folder), 0);
	for (size_t i = 0; i < nitems(files); i++) {
		FILE *f = fopen(files[i][0], "w");

		fputs(files[i][1], f);
		fclose(f);
	}
	*state = folder;
	return 0;
}

static int
close_folder(void **state)
{
	static const char *const files[] = { "in", "secret", "empty", "latin", "out" };

	for (size_t i = 0; i < nitems(files); i++)
		unlink(files[i]);
	assert_int_equal(chdir("/"), 0);
	assert_int_equal(rmdir(*state), 0);
	free(out);
	free(err);
	buf_free(&server.asked);
	arena_free(arena);
	return 0;
}

/* ---- what holds for every command --------------------------------------------------- */

static bool
is_of(const struct row *r, const struct group *g, const struct command *c)
{
	const char *name = c->name == NULL ? g->name
					   : arena_printf(arena, "%s %s", g->name, c->name);

	return text_starts(r->line, name) &&
	    (r->line[strlen(name)] == ' ' || r->line[strlen(name)] == '\0');
}

static void
each_command_has_a_row(void **state)
{
	for (size_t g = 0; groups[g] != NULL; g++)
		for (const struct command *c = groups[g]->commands; c->run != NULL; c++) {
			bool found = false;

			for (size_t i = 0; i < nrows; i++)
				found = found || is_of(&rows[i], groups[g], c);
			if (!found)
				fail_msg("%s %s has no row", groups[g]->name, c->name);
		}
}

static void
each_asks_for_what_it_says_and_shows_what_it_got(void **state)
{
	for (size_t i = 0; i < nrows; i++) {
		const struct row *r = &rows[i];
		int rc;

		serve(200, r->answers);
		rc = run(r->line);
		if (rc != r->rc)
			fail_msg("%s: ends with %d, not %d: %s", r->line, rc, r->rc, err);
		if (strcmp(buf_text(&server.asked), r->asks) != 0)
			fail_msg("%s: asks\n%s", r->line, buf_text(&server.asked));
		if (r->says[0] == '\0' ? out[0] != '\0' : strstr(out, r->says) == NULL)
			fail_msg("%s: says\n%s", r->line, out);
	}
}

static void
with_json_each_says_one_document_and_ends_the_same(void **state)
{
	for (size_t i = 0; i < nrows; i++) {
		const struct row *r = &rows[i];
		json_error_t e;
		json_t *said;
		int rc;

		if (r->raw)
			continue;
		serve(200, r->answers);
		rc = run(arena_printf(arena, "%s --json", r->line));
		if (rc != r->rc)
			fail_msg("%s --json: ends with %d, not %d", r->line, rc, r->rc);
		said = json_loads(out, JSON_REJECT_DUPLICATES, &e);
		if (said == NULL && out[0] != '\0')
			fail_msg("%s --json: %s: %s", r->line, e.text, out);
		if (said == NULL && rc < EXIT_USAGE)
			fail_msg("%s --json: says nothing", r->line);
		json_decref(said);
	}
}

static void
a_refusal_is_said_with_its_hint_and_its_exit_code(void **state)
{
	static const char *const problem[] = {
		"{\"status\":404,\"detail\":\"there is no such thing\",\"hint\":\"look again\"}",
		NULL
	};

	for (size_t i = 0; i < nrows; i++) {
		const struct row *r = &rows[i];
		int rc;

		if (r->asks[0] == '\0')
			continue;
		serve(404, problem);
		rc = run(r->line);
		if (rc != EXIT_NOTFOUND ||
		    strcmp(err, "certwright: there is no such thing\nhint: look again\n") != 0)
			fail_msg("%s: ends with %d: %s", r->line, rc, err);
		if (out[0] != '\0')
			fail_msg("%s: says %s", r->line, out);
		serve(404, problem);
		server.unreachable = EXIT_UNREACHABLE;
		assert_int_equal(run(r->line), EXIT_UNREACHABLE);
		assert_string_equal(out, "");
	}
}

/* A server that is none of ours, or a later one: no answer brings the program down. */
static void
P31_no_answer_however_odd_is_fatal(void **state)
{
	static const char *const odd[] = { "{}", "[]", "null", "1", "\"x\"", "[{}]", "", "<html>",
		"{\"verdict\":1,\"id\":2,\"state\":3,\"pem\":4,\"sheet\":5,\"certificate\":6}",
		"{\"keys\":[1],\"profiles\":[1],\"authorities\":[1],\"cas\":[1],\"issued\":[1]}",
		"{\"keys\":{},\"profiles\":[{}],\"authorities\":[{}],\"cas\":[{}],\"chain\":[1]}",
		"{\"dispositions\":[1,{\"reason\":1},{\"reason\":\"x\"}],\"notes\":[1],\"trust\":[1]}",
		"{\"verdict\":\"issue\",\"dispositions\":{},\"notes\":{},\"identities\":[1]}" };

	for (size_t i = 0; i < nrows; i++)
		for (size_t k = 0; k < nitems(odd); k++)
			for (int json = 0; json < 2; json++) {
				const char *const bodies[] = { odd[k], NULL };

				serve(200, bodies);
				run(json ? arena_printf(arena, "%s --json", rows[i].line)
					 : rows[i].line);
			}
}

/* Every text of the value, but files as they are. */
static void
poison(json_t *v)
{
	static const char *const files[] = { "pem", "public_key", "certificate", "root", "issuing",
		"verdict", "state" };
	const char *name;
	json_t *one;
	void *next;
	size_t i;

	json_array_foreach (v, i, one)
		json_is_string(one)
		    ? (void)json_array_set_new(v, i, json_string("a\x1b[31mb\u202ec\r\nd"))
		    : poison(one);
	json_object_foreach_safe(v, next, name, one)
	{
		bool file = false;

		for (i = 0; i < nitems(files); i++)
			file = file || strcmp(name, files[i]) == 0;
		if (json_is_string(one) && !file)
			json_object_set_new(v, name, json_string("a\x1b[31mb\u202ec\r\nd"));
		else if (!json_is_string(one))
			poison(one);
	}
}

static void
P30_what_a_CA_chose_never_reaches_the_terminal_as_control(void **state)
{
	for (size_t i = 0; i < nrows; i++) {
		char *bodies[ANSWERS_MAX + 1] = { NULL };

		if (rows[i].raw)
			continue;
		for (size_t k = 0; k < ANSWERS_MAX && rows[i].answers[k] != NULL; k++) {
			json_t *v = json_loads(rows[i].answers[k], JSON_DECODE_ANY, NULL);

			poison(v);
			bodies[k] = json_dumps(v, JSON_ENCODE_ANY);
			json_decref(v);
		}
		serve(200, (const char *const *)bodies);
		run(rows[i].line);
		for (const char *text = out; text != NULL; text = text == out ? err : NULL)
			if (strpbrk(text, "\x1b\r") != NULL || strstr(text, "\u202e") != NULL)
				fail_msg("%s: says %s", rows[i].line, text);
		for (size_t k = 0; k < ANSWERS_MAX; k++)
			free(bodies[k]);
	}
}

/* ---- what single ones promise -------------------------------------------------------- */

static void
one(const char *line, int rc, const char *said)
{
	int got = run(line);

	if (got != rc || strstr(err, said) == NULL)
		fail_msg("%s: ends with %d: %s", line, got, err);
}

static void
what_cannot_be_read_is_not_sent(void **state)
{
	static const char *const none[] = { "{}", NULL };

	serve(200, none);
	one("csr check nowhere", EXIT_INPUT, "nowhere");
	one("certificate install in nowhere", EXIT_INPUT, "nowhere");
	one("admin password root --password-file nowhere", EXIT_INPUT, "nowhere");
	one("admin password root --password-file latin", EXIT_INPUT, "latin is not UTF-8");
	one("key export 1 --passphrase-file latin", EXIT_INPUT, "latin is not UTF-8");
	one("key compromised latin", EXIT_INPUT, "latin is no text");
	one("key compromised nowhere", EXIT_INPUT, "nowhere");
	one("certificate install in in in in in in in in in in in in in in in in in", EXIT_INPUT,
	    "at most 16 files");
	one("csr preview", EXIT_USAGE, "--authority is required");
	one("request submit", EXIT_USAGE, "--authority is required");
	one("token create --days 1x", EXIT_USAGE, "--days needs a number");
	one("token create --days -1", EXIT_USAGE, "--days needs a number");
	one("token create --days 99999999999999999999", EXIT_USAGE, "--days needs a number");
	one("ca create --name a --name b", EXIT_USAGE, "--name was given twice");
	one("ca create --name a --root-days 0", EXIT_USAGE, "--root-days 0 is no number");
	one("ca rollover a --days x", EXIT_USAGE, "--days x is no number");
	one("ca lists a --shards x", EXIT_USAGE, "--shards x is no number");
	one("audit verify --head 1:00", EXIT_USAGE, "--head needs a FILE");
	one("certificate check", EXIT_USAGE, "FILE is missing");
	assert_string_equal(buf_text(&server.asked), "");
}

static void
a_refused_install_shows_the_sheet_beside_the_reason(void **state)
{
	static const char *const problem[] = {
		"{\"status\":422,\"detail\":\"not fit\",\"verdict\":\"breaking\",\"dispositions\":[],"
		"\"certificate\":{\"subject\":\"CN=a\"}}",
		NULL
	};

	serve(422, problem);
	assert_int_equal(run("certificate install in"), EXIT_REFUSED);
	assert_non_null(strstr(out, "CN=a"));
	assert_non_null(strstr(out, "Verdict: breaking (not fit for use)"));
	assert_null(strstr(out, "installed"));
	assert_string_equal(err, "certwright: not fit\n");
	serve(422, problem);
	assert_int_equal(run("request submit in --authority x"), EXIT_REFUSED);
	assert_non_null(strstr(out, "Verdict: breaking"));
}

static void
a_fault_names_the_option_that_it_is_at(void **state)
{
	static const struct {
		const char *line, *field, *said;
	} cases[] = { { "csr regenerate", "common_name", "x (--common-name)\n" },
		{ "csr regenerate", "names", "x (--name)\n" },
		{ "admin create --user a --email b --password-file secret", "name",
		    "x (--user)\n" },
		{ "admin create --user a --email b --password-file secret", "password",
		    "x (--password-file)\n" },
		{ "certificate check in", "passphrase", "x (--passphrase-file)\n" },
		{ "certificate check in", "answer", "x\n" } };

	for (size_t i = 0; i < nitems(cases); i++) {
		const char *const bodies[] = {
			arena_printf(arena, "{\"detail\":\"x\",\"field\":\"%s\"}", cases[i].field),
			NULL
		};

		serve(400, bodies);
		one(cases[i].line, EXIT_INPUT, cases[i].said);
	}
}

static void
P11_a_key_file_leaves_sealed_to_the_keeper_only(void **state)
{
	/* the import key is the X25519 base point: fine to seal to */
	static const char *const answers[] = {
		"{\"key\":\"CQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"}",
		"{\"label\":\"EC P-256\",\"found\":\"PKCS#8\"}", NULL
	};
	static const char *const malformed[] = { "{\"key\":\"CQAA\"}", NULL };

	serve(200, answers);
	assert_int_equal(run("key import in --exportable --passphrase-file secret"), 0);
	assert_true(text_starts(buf_text(&server.asked),
	    "GET /api/v1/import-key\nPOST /api/v1/identities/portal/keys/import "
	    "{\"exportable\":true,\"sealed\":\""));
	assert_null(strstr(buf_text(&server.asked), "abc"));
	assert_null(strstr(buf_text(&server.asked), "YWJj")); /* in base64 */
	assert_null(strstr(buf_text(&server.asked), "hunter2"));
	serve(200, malformed);
	one("key import in", EXIT_INTERNAL, "import key is malformed");
	assert_string_equal(buf_text(&server.asked), "GET /api/v1/import-key");
}

static void
a_wait_ends_when_it_is_decided_or_over(void **state)
{
	static const char *const decided[] = { "{\"state\":\"held\",\"id\":\"7\"}",
		"{\"state\":\"held\",\"id\":\"7\"}",
		"{\"state\":\"issued\",\"verdict\":\"amend\",\"id\":\"7\",\"certificate\":\"PEM\"}",
		NULL };
	static const char *const held[] = { "{\"state\":\"held\",\"id\":\"7\"}", NULL };
	static const char *const rejected[] = { "{\"state\":\"rejected\",\"id\":\"7\"}", NULL };

	serve(200, decided);
	assert_int_equal(run("request show 7 --wait"), EXIT_AMENDED);
	assert_int_equal(server.slept, 2);
	assert_non_null(strstr(out, "PEM"));
	serve(200, held);
	one("request show 7 --wait --timeout 3", EXIT_HELD, "in 3 seconds");
	assert_int_equal(server.slept, 3);
	serve(200, rejected);
	one("request show 7 --wait", EXIT_REFUSED, "request 7 is rejected");
}

static void
P29_an_export_is_verified_without_a_server(void **state)
{
	server.unreachable = EXIT_UNREACHABLE;
	one("audit verify empty", EXIT_INPUT, "certwright: ");
	one("audit verify in", EXIT_INPUT, "certwright: ");
	assert_string_equal(buf_text(&server.asked), "");
	assert_int_equal(run("audit verify in --json"), EXIT_INPUT);
	assert_non_null(strstr(out, "\"verdict\": \"unreadable\""));
}

static void
output_goes_to_the_file_that_is_named(void **state)
{
	static const char *const pem[] = { "PEM\n", NULL };
	char got[8] = "";
	FILE *f;

	serve(200, pem);
	assert_int_equal(run("csr download 7 -o out"), 0);
	assert_string_equal(out, "");
	f = fopen("out", "r");
	assert_int_equal(fread(got, 1, sizeof(got) - 1, f), 4);
	fclose(f);
	assert_string_equal(got, "PEM\n");
	assert_int_equal(run("csr download 7 -o nowhere/out"), EXIT_USAGE);
	assert_int_equal(run("csr download 7 -o out --json"), 0);
	assert_non_null(strstr(out, "\"bytes\": 4"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_command_has_a_row),
		cmocka_unit_test(each_asks_for_what_it_says_and_shows_what_it_got),
		cmocka_unit_test(with_json_each_says_one_document_and_ends_the_same),
		cmocka_unit_test(a_refusal_is_said_with_its_hint_and_its_exit_code),
		cmocka_unit_test(P31_no_answer_however_odd_is_fatal),
		cmocka_unit_test(P30_what_a_CA_chose_never_reaches_the_terminal_as_control),
		cmocka_unit_test(what_cannot_be_read_is_not_sent),
		cmocka_unit_test(a_refused_install_shows_the_sheet_beside_the_reason),
		cmocka_unit_test(a_fault_names_the_option_that_it_is_at),
		cmocka_unit_test(P11_a_key_file_leaves_sealed_to_the_keeper_only),
		cmocka_unit_test(a_wait_ends_when_it_is_decided_or_over),
		cmocka_unit_test(P29_an_export_is_verified_without_a_server),
		cmocka_unit_test(output_goes_to_the_file_that_is_named),
	};

	return cmocka_run_group_tests_name("commands", tests, open_folder, close_folder);
}
