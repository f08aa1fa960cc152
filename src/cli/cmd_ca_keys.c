/*
 * cmd_ca_keys.c - CAs that others signed, and keys of CAs that come and go
 */
#include <openssl/evp.h>

#include "base/limits.h"
#include "base/text.h"
#include "cli/cmd_ca.h"
#include "cli/show.h"

/* --code into body.code, when given. */
static void
put_code(struct cli *cli, json_t *body)
{
	if (args_has(&cli->args, "code"))
		json_object_set_new(body, "code", json_string(args_value(&cli->args, "code")));
}

/* It waits, and who is to do what next. */
static int
held(struct cli *cli, const struct answer *a, const char *name, const char *act)
{
	return show_held(cli, a,
	    arena_printf(cli->arena,
		"then run this again, without --code; another one approves with "
		"`certwright ca approve %s --act %s --code CODE`",
		name, act));
}

int
ca_retire(struct cli *cli)
{
	AUTO_ANSWER struct answer a = { 0 };
	json_t *body = json_object();
	int rc;

	put_code(cli, body);
	if ((rc = api_call(cli, "POST", api_path(cli, "/cas/%s/retire", word(cli, 0)), body, &a)) !=
	    0)
		return rc;
	return waits_for_second(&a) ? held(cli, &a, word(cli, 0), "retire")
				    : show_authority(cli, &a);
}

int
ca_approve(struct cli *cli)
{
	const char *act = args_value(&cli->args, "act");
	AUTO_ANSWER struct answer a = { 0 };
	json_t *body = json_pack("{s:s}", "act", act);
	int rc;

	put_code(cli, body);
	if ((rc = api_call(
		 cli, "POST", api_path(cli, "/cas/%s/approve", word(cli, 0)), body, &a)) != 0)
		return rc;
	if (cli->json)
		show_json(cli, a.json);
	show_line(cli, "%s: approved; %s can run ca %s now", word(cli, 0),
	    show_value(cli->arena, json_object_get(a.json, "asked_by")), act);
	return 0;
}

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
	put_code(cli, body);
	if ((rc = put_files(cli, body, 1)) != 0 ||
	    (rc = put_sealed(cli, word(cli, 0), body)) != 0) {
		json_decref(body);
		return rc;
	}
	if ((rc = api_call(cli, "POST", "/cas/import", body, &a)) != 0)
		return rc;
	return waits_for_second(&a) ? held(cli, &a, args_value(&cli->args, "name"), "import")
				    : show_authority(cli, &a);
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
	json_t *body;
	int rc;

	if (secret == NULL)
		return cli_say(cli, EXIT_USAGE, "the key leaves encrypted, or not at all",
		    "--passphrase-file is missing");
	if ((rc = read_secret(cli, secret, &passphrase)) != 0)
		return rc;
	body = json_pack("{s:s}", "passphrase", passphrase);
	put_code(cli, body);
	if ((rc = api_call(cli, "POST", path, body, &a)) != 0)
		return rc;
	if (waits_for_second(&a))
		return held(cli, &a, word(cli, 0), "offline");
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

	put_code(cli, body);
	if ((rc = put_sealed(cli, word(cli, 1), body)) != 0) {
		json_decref(body);
		return rc;
	}
	if ((rc = api_call(cli, "POST", api_path(cli, "/cas/%s/online", word(cli, 0)), body, &a)) !=
	    0)
		return rc;
	return waits_for_second(&a) ? held(cli, &a, word(cli, 0), "online")
				    : show_authority(cli, &a);
}
