/*
 * notify_server.c - the mail server: one for all tenants
 */
#include <stdio.h>

#include <jansson.h>

#include "keys/keys.h"
#include "op/house.h"
#include "op/op_account.h"
#include "op/op_sheet.h"
#include "op/op_notify.h"
#include "op/notify_impl.h"

#define SERVER	     "notify.server"
#define PASSWORD     "notify.password"
#define PASSWORD_AAD "setting/" PASSWORD

static const char *
member(struct ctx *cx, const json_t *o, const char *name)
{
	const char *s = json_string_value(json_object_get(o, name));

	return s == NULL ? NULL : arena_strdup(cx->arena, s);
}

int
op_notify_server(struct ctx *cx, struct notify_server *s)
{
	const char *text;
	json_t *o;

	memset(s, 0, sizeof(*s));
	if (store_setting_load(cx, SERVER, &text) < 0 ||
	    store_setting_blob(cx, PASSWORD, &s->password, &s->password_len) < 0)
		return -1;
	if (text == NULL || (o = json_loads(text, 0, NULL)) == NULL)
		return 0;
	s->host = member(cx, o, "host");
	s->port = json_integer_value(json_object_get(o, "port"));
	s->tls = member(cx, o, "tls");
	s->user = member(cx, o, "user");
	s->from = member(cx, o, "from");
	s->ca = member(cx, o, "ca");
	json_decref(o);
	return 0;
}

int
notify_password(struct ctx *cx, const struct notify_server *s, const char **password)
{
	const unsigned char *plain;
	size_t n;

	*password = NULL;
	if (s->user == NULL || s->password == NULL)
		return 0;
	if (keys_unseal(cx->keeper, PASSWORD_AAD, s->password, s->password_len, cx->arena, &plain,
		&n, &cx->err) < 0)
		return -1;
	*password = arena_dup(cx->arena, plain, n);
	return 0;
}

/* ---- setting it ------------------------------------------------------------------- */

static int64_t
usual_port(const char *tls)
{
	return strcmp(tls, "implicit") == 0 ? 465 : strcmp(tls, "starttls") == 0 ? 587 : 25;
}

static bool
is_loopback(const char *host)
{
	return strcmp(host, "localhost") == 0 || strcmp(host, "127.0.0.1") == 0 ||
	    strcmp(host, "::1") == 0;
}

/* A name or an address; libcurl gets it in a URL, so nothing else may be in it. */
static int
check_host(struct ctx *cx, const char *host, int64_t port)
{
	static const char name[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				   "0123456789.-",
			  six[] = "0123456789abcdefABCDEF:.";
	size_t n = strlen(host);

	if (n > 0 && n <= 253 && host[0] != '-' &&
	    (strspn(host, name) == n || strspn(host, six) == n) && port >= 1 && port <= 65535)
		return 0;
	err_set(&cx->err, R_NOTIFY_HOST, "host", "there can be no such mail server");
	return err_hint(
	    &cx->err, "give its name or address, and a port of 1 to 65535: mail.example.com, 587");
}

static int
check_tls(struct ctx *cx, const struct notify_server *s)
{
	if (strcmp(s->tls, "none") != 0 || is_loopback(s->host))
		return 0;
	err_set(&cx->err, R_NOTIFY_TLS, "tls",
	    "without TLS mail is given to a server on this machine only (localhost)");
	return err_hint(&cx->err, "choose starttls (port 587) or implicit (port 465)");
}

static int
required(struct ctx *cx, const char *field, const char *what)
{
	return err_set(&cx->err, R_FIELD_REQUIRED, field, "%s is required", what);
}

static const char *
taken(const char *typed, const char *was)
{
	return typed == NULL ? was : typed[0] == '\0' ? NULL : typed;
}

/* Another server gets no password that was typed for the old one. */
static int
check_password(struct ctx *cx, const struct notify_server_words *w, const struct notify_server *was,
    const struct notify_server *s)
{
	if (w->password != NULL && w->password[0] != '\0')
		return text_check(&cx->err, "password", w->password);
	if (s->user == NULL || was->password == NULL)
		return 0;
	if (was->host != NULL && strcmp(was->host, s->host) == 0 && was->port == s->port &&
	    strcmp(was->tls, s->tls) == 0)
		return 0;
	err_set(&cx->err, R_NOTIFY_PASSWORD, "password",
	    "the password that is kept was given for another server");
	return err_hint(&cx->err, "give the password for this one, too");
}

static int
check(struct ctx *cx, const struct notify_server *s)
{
	if (s->from == NULL)
		return required(cx, "from", "Sender");
	if (check_host(cx, s->host, s->port) < 0 || check_tls(cx, s) < 0 ||
	    account_check_email(cx, "from", s->from) < 0)
		return -1;
	if (s->user != NULL && text_check(&cx->err, "user", s->user) < 0)
		return -1;
	return s->ca == NULL ? 0 : notify_check_ca(cx, "ca", s->ca);
}

/* Over what was, and checked. */
static int
merge(struct ctx *cx, const struct notify_server_words *w, struct notify_server *s)
{
	const struct notify_server was = *s;

	s->host = taken(w->host, was.host);
	s->tls = taken(w->tls, was.tls);
	s->user = taken(w->user, was.user);
	s->from = taken(w->from, was.from);
	s->ca = taken(w->ca, was.ca);
	if (s->host == NULL)
		return 0;
	if (s->tls == NULL)
		s->tls = "starttls";
	if (w->port != 0)
		s->port = w->port;
	else if (was.port == 0 || w->tls != NULL)
		s->port = usual_port(s->tls);
	return check(cx, s) < 0 ? -1 : check_password(cx, w, &was, s);
}

static const char *
as_json(struct ctx *cx, const struct notify_server *s)
{
	return json_text(cx,
	    json_pack("{s:s, s:I, s:s, s:s?, s:s, s:s?}", "host", s->host, "port",
		(json_int_t)s->port, "tls", s->tls, "user", s->user, "from", s->from, "ca", s->ca));
}

static int
save(struct ctx *cx, const struct notify_server *s)
{
	const char *detail = NULL;

	if (s->host != NULL)
		detail = json_text(cx,
		    json_pack("{s:s, s:I, s:s, s:s}", "host", s->host, "port", (json_int_t)s->port,
			"tls", s->tls, "from", s->from));
	if (db_begin(cx) < 0 ||
	    store_setting_save(cx, SERVER, s->host == NULL ? NULL : as_json(cx, s)) < 0 ||
	    (s->host == NULL || s->user == NULL || s->password == NULL
		    ? store_setting_save(cx, PASSWORD, NULL)
		    : store_setting_save_blob(cx, PASSWORD, s->password, s->password_len)) < 0 ||
	    audit(cx, "notify.server", s->host == NULL ? "" : s->host, detail) < 0)
		return -1;
	return db_commit(cx);
}

int
op_notify_server_set(struct ctx *cx, const struct notify_server_words *w)
{
	struct notify_server s;

	if (op_notify_server(cx, &s) < 0 || merge(cx, w, &s) < 0)
		return -1;
	if (s.user != NULL && w->password != NULL && w->password[0] != '\0' &&
	    keys_seal(cx->keeper, PASSWORD_AAD, w->password, strlen(w->password), cx->arena,
		&s.password, &s.password_len, &cx->err) < 0)
		return -1;
	if (save(cx, &s) < 0)
		return -1;
	notify_wake();
	return 0;
}
