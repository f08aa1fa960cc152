/*
 * sealed.c - a key file, sealed to the keeper: the front never sees what is in it
 */
#include "base/limits.h"
#include "base/text.h"
#include "cli/cli.h"
#include "wire/seal.h"

/* The keeper's import key: what is sealed to it, the front cannot read. */
static int
import_key(struct cli *cli, unsigned char out[SEAL_KEY_SIZE])
{
	AUTO_ANSWER struct answer a = { 0 };
	unsigned char *raw;
	const char *text;
	size_t n;
	int rc;

	if ((rc = api_call(cli, "GET", "/import-key", NULL, &a)) != 0)
		return rc;
	text = json_string_value(json_object_get(a.json, "key"));
	if (text == NULL || base64_decode(cli->arena, text, strlen(text), false, &raw, &n) < 0 ||
	    n != SEAL_KEY_SIZE)
		return cli_say(cli, EXIT_INTERNAL, NULL, "the server's import key is malformed");
	memcpy(out, raw, SEAL_KEY_SIZE);
	return 0;
}

int
put_sealed(struct cli *cli, const char *path, json_t *body)
{
	AUTO_BUF struct buf file = { 0 }, sealed = { 0 };
	unsigned char to[SEAL_KEY_SIZE];
	const char *secret = args_value(&cli->args, "passphrase-file");
	char *passphrase = NULL;
	int rc;

	if ((rc = read_input(cli, path, LIMIT_BUNDLE, &file)) != 0 ||
	    (secret != NULL && (rc = read_secret(cli, secret, &passphrase)) != 0) ||
	    (rc = import_key(cli, to)) != 0)
		return rc;
	if (seal_envelope(&sealed, to, file.data, file.len, passphrase, &cli->err) < 0)
		return cli_fail(cli);
	json_object_set_new(
	    body, "sealed", json_string(base64_encode(cli->arena, sealed.data, sealed.len)));
	return 0;
}
