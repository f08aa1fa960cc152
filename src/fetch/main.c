/*
 * main.c - certwright-fetch: all outbound traffic, in a process of its own
 */
#include <curl/curl.h>

#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "base/config.h"
#include "base/io.h"
#include "base/log.h"
#include "fetch/outside.h"
#include "wire/spawner.h"

#define USAGE                                                           \
	"usage: certwright-fetch --front FD [--allow ADDRESS/BITS]... " \
	"[--resolver ADDR[:PORT]] [--uid N] [--gid N] [--no-sandbox]\n" \
	"certwrightd starts it; it is of no use by itself\n"
#define RESOLV_CONF "/etc/resolv.conf"
#define TRUSTED	    "/etc/ssl/certs/ca-certificates.crt"
#define TRUSTED_MAX (4 * 1024 * 1024)

struct options {
	struct outside outside;
	long front, uid, gid;
};

int
outside_resolver(struct outside *o, const char *text, struct err *e)
{
	char host[64], port[8];

	if (o->nresolvers == RESOLVERS_MAX || config_server(text, 53, host, port, e) < 0)
		return -1;
	snprintf(o->resolvers[o->nresolvers++], sizeof(o->resolvers[0]), "%s@%s", host, port);
	return 0;
}

/* The system's resolvers, read once; where there are none, one on this host, as libc has it. */
static int
system_resolvers(struct outside *o, struct err *e)
{
	AUTO_BUF struct buf text = { 0 };
	char *rest, *line, *value;
	struct err none = { 0 };

	if (file_read(&text, RESOLV_CONF, 65536, &none) == 0) {
		buf_text(&text);
		rest = (char *)text.data;
		while ((line = strsep(&rest, "\n")) != NULL) {
			if (strncmp(line, "nameserver", 10) != 0 ||
			    (line[10] != ' ' && line[10] != '\t'))
				continue;
			value = line + 10 + strspn(line + 10, " \t");
			value[strcspn(value, " \t\r#;")] = '\0';
			outside_resolver(o, value, &none);
		}
	}
	return o->nresolvers > 0 ? 0 : outside_resolver(o, "127.0.0.1", e);
}

/* What a server offers is told, however old it is. */
static SSL_CTX *
tls_context(void)
{
	SSL_CTX *c = SSL_CTX_new(TLS_client_method());

	if (c == NULL || SSL_CTX_set_min_proto_version(c, TLS1_VERSION) != 1)
		return NULL;
	SSL_CTX_set_security_level(c, 0);
	SSL_CTX_set_verify(c, SSL_VERIFY_NONE, NULL);
	SSL_CTX_set_max_cert_list(c, FETCH_CHAIN_MAX);
	SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
	return c;
}

/* Without them a server is verified only by a CA that was given. */
static void
read_trusted(struct outside *o)
{
	struct err none = { 0 };

	if (file_read(&o->trusted, TRUSTED, TRUSTED_MAX, &none) < 0)
		log_warn("%s cannot be read: no CA is trusted by itself", TRUSTED);
}

int
outside_prepare(struct outside *o, struct err *e)
{
	read_trusted(o);
	if (o->nresolvers == 0 && system_resolvers(o, e) < 0)
		return -1;
	OPENSSL_init_ssl(OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_LOAD_SSL_STRINGS, NULL);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK || (o->tls = tls_context()) == NULL)
		return err_nomem(e);
	return 0;
}

static int
read_option(struct options *o, const char *name, const char *value, struct err *e)
{
	struct outside *out = &o->outside;

	if (value == NULL)
		return -1;
	if (strcmp(name, "--front") == 0)
		return spawner_number(value, &o->front);
	if (strcmp(name, "--uid") == 0)
		return spawner_number(value, &o->uid);
	if (strcmp(name, "--gid") == 0)
		return spawner_number(value, &o->gid);
	if (strcmp(name, "--resolver") == 0)
		return outside_resolver(out, value, e);
	if (strcmp(name, "--allow") != 0 || out->nallow == ADDRESS_NETS_MAX)
		return -1;
	return address_net_parse(value, &out->allow[out->nallow++], e);
}

static int
read_options(int argc, char **argv, struct options *o, struct err *e)
{
	*o = (struct options){ .outside = { .sandbox = true }, .front = -1, .uid = -1, .gid = -1 };
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--no-sandbox") == 0)
			o->outside.sandbox = false;
		else if (read_option(o, argv[i], argv[i + 1], e) < 0)
			return -1;
		else
			i++;
	}
	return o->front >= 0 ? 0 : -1;
}

static void
child(int fd, char kind, void *arg)
{
	outside_run(fd, arg);
}

static int
serve(struct options *o, struct err *e)
{
	const struct spawner_plan plan = {
		.doors = { { (int)o->front, FETCH_KIND, FETCH_LIVE_MAX } },
		.ndoors = 1,
		.type = SOCK_SEQPACKET,
		.life_ms = FETCH_TIME_MAX_MS + FETCH_GRACE_MS,
		.child = child,
		.arg = &o->outside
	};

	if (o->outside.sandbox && (spawner_drop(o->uid, o->gid, e) < 0 || sandbox_spawner(e) < 0))
		return -1;
	return spawner_run(&plan, e);
}

int
main(int argc, char **argv)
{
	struct options o;
	struct err e = { 0 };

	log_name("certwright-fetch");
	if (log_asked(argc, argv, USAGE))
		return 0;
	if (read_options(argc, argv, &o, &e) < 0) {
		fputs(USAGE, stderr);
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	/* tests note each refusal in a file; behind the filter nothing writes to one */
	unsetenv("CERTWRIGHT_REFUSALS_REACHED");
	if (outside_prepare(&o.outside, &e) < 0 || serve(&o, &e) < 0) {
		log_err("certwright-fetch", &e);
		return 1;
	}
	_exit(0); /* behind the filter: nothing is left to tidy up */
}
