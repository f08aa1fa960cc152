/*
 * input.c - what people give: files, secrets, words
 */
#include "base/io.h"
#include "base/limits.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/show.h"

const char *
word(const struct cli *cli, size_t i)
{
	return i < cli->args.nwords ? cli->args.words[i] : NULL;
}

const char *
identity_of(const struct cli *cli)
{
	const char *name = args_value(&cli->args, "identity");

	return name == NULL ? "portal" : name;
}

int
read_input(struct cli *cli, const char *path, size_t max, struct buf *out)
{
	if (file_read(out, path, max, &cli->err) == 0)
		return 0;
	cli_fail(cli);
	return EXIT_INPUT;
}

int
read_secret(struct cli *cli, const char *path, char **out)
{
	AUTO_BUF struct buf b = { 0 };
	int rc = read_input(cli, path, LIMIT_PASSWORD + 2, &b);

	if (rc != 0)
		return rc;
	if (b.len > 0 && b.data[b.len - 1] == '\n')
		b.len--;
	if (!utf8_valid((const char *)b.data, b.len))
		return cli_say(cli, EXIT_INPUT, NULL, "%s is not UTF-8 text", path);
	*out = arena_dup(cli->arena, b.data, b.len);
	return 0;
}

/* The name of a file is a label; a folder in it is nobody's business. */
static const char *
label_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	if (strcmp(path, "-") == 0)
		return "standard input";
	return slash == NULL ? path : slash + 1;
}

int
put_files(struct cli *cli, json_t *body, size_t first)
{
	json_t *files = json_array();
	const char *path;
	size_t total = 0;
	int rc;

	json_object_set_new(body, "files", files);
	if (cli->args.nwords - first > LIMIT_FILES)
		return cli_say(cli, EXIT_INPUT, NULL, "at most %d files", LIMIT_FILES);
	for (size_t i = first; (path = word(cli, i)) != NULL; i++) {
		AUTO_BUF struct buf b = { 0 };

		if ((rc = read_input(cli, path, LIMIT_BUNDLE, &b)) != 0)
			return rc;
		total += b.len;
		json_array_append_new(files,
		    json_pack("{s:s, s:s}", "name", show_text(cli->arena, label_of(path)),
			"content", base64_encode(cli->arena, b.data, b.len)));
	}
	if (total > LIMIT_BODY / 4 * 3 - 4096)
		return cli_say(cli, EXIT_INPUT, NULL, "the files are larger than %d kB together",
		    LIMIT_BODY / 4 * 3 / 1000);
	return 0;
}

int
put_passphrase(struct cli *cli, json_t *body)
{
	const char *path = args_value(&cli->args, "passphrase-file");
	char *secret = NULL;
	int rc;

	if (path == NULL)
		return 0;
	if ((rc = read_secret(cli, path, &secret)) == 0)
		json_object_set_new(body, "passphrase", json_string(secret));
	return rc;
}
