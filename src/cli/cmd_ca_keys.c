/*
 * cmd_ca_keys.c - CAs that others signed, and keys of CAs that come and go
 */
#include <openssl/evp.h>

#include "base/limits.h"
#include "base/text.h"
#include "cli/cmd_ca.h"

int
ca_csr(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	json_t *body = NULL;
	const char *csr;
	int rc;

	if ((rc = ca_order(cli, &body)) != 0 ||
	    (rc = api_call(cli, "POST", "/cas/csr", body, &a)) != 0)
		return rc;
	if (cli->json) {
		show_json(cli, a.json);
		return 0;
	}
	if ((csr = json_string_value(json_object_get(a.json, "csr"))) == NULL)
		return cli_say(cli, EXIT_INTERNAL, NULL, "the answer holds no CSR");
	return write_output(cli, csr, strlen(csr), 0644);
}

int
ca_install(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	json_t *body = json_object();
	int rc;

	if ((rc = put_files(cli, body, 0)) != 0 || (rc = put_passphrase(cli, body)) != 0) {
		json_decref(body);
		return rc;
	}
	if ((rc = api_call(cli, "POST", "/cas/install", body, &a)) != 0)
		return rc;
	return show_authority(cli, &a);
}

int
ca_import(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	json_t *body = json_object();
	int rc;

	json_object_set_new(body, "name", json_string(args_value(&cli->args, "name")));
	if ((rc = put_files(cli, body, 1)) != 0 ||
	    (rc = put_sealed(cli, word(cli, 0), body)) != 0) {
		json_decref(body);
		return rc;
	}
	if ((rc = api_call(cli, "POST", "/cas/import", body, &a)) != 0)
		return rc;
	return show_authority(cli, &a);
}

/* The file is there, and whole, before the key is destroyed. */
static int
confirm(struct cli *cli, const char *path, const char *pem)
{
	unsigned char hash[32];
	AUTO_ANSWER struct answer a = { 0 };
	int rc;

	if (EVP_Digest(pem, strlen(pem), hash, NULL, EVP_sha256(), NULL) != 1)
		return cli_say(cli, EXIT_INTERNAL, NULL, "could not hash the file");
	if ((rc = api_call(cli, "POST", path,
		 json_pack("{s:s}", "sha256", hex_of(cli->arena, hash, sizeof(hash))), &a)) != 0)
		return rc;
	show_line(cli, "%s: the key is in %s and no longer here", word(cli, 0),
	    args_value(&cli->args, "output"));
	return 0;
}

int
ca_offline(struct cli *cli)
{
	const char *secret = args_value(&cli->args, "passphrase-file"), *pem;
	char *path = api_path(cli, "/cas/%s/offline", word(cli, 0)), *passphrase = NULL;
	AUTO_ANSWER struct answer a = { 0 };
	int rc;

	if (secret == NULL)
		return cli_say(cli, EXIT_USAGE, "the key leaves encrypted, or not at all",
		    "--passphrase-file is missing");
	if ((rc = read_secret(cli, secret, &passphrase)) != 0 ||
	    (rc = api_call(cli, "POST", path, json_pack("{s:s}", "passphrase", passphrase), &a)) !=
		0)
		return rc;
	if ((pem = json_string_value(json_object_get(a.json, "pem"))) == NULL)
		return cli_say(cli, EXIT_INTERNAL, NULL, "the answer holds no key");
	if ((rc = write_output(cli, pem, strlen(pem), 0600)) != 0)
		return rc;
	return confirm(cli, path, pem);
}

int
ca_online(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	json_t *body = json_object();
	int rc;

	if ((rc = put_sealed(cli, word(cli, 1), body)) != 0) {
		json_decref(body);
		return rc;
	}
	if ((rc = api_call(cli, "POST", api_path(cli, "/cas/%s/online", word(cli, 0)), body, &a)) !=
	    0)
		return rc;
	return show_authority(cli, &a);
}
