/*
 * op_redirect.c - whether plain HTTP sends browsers on to HTTPS
 */
#include "base/config.h"
#include "op/op_redirect.h"
#include "store/store.h"

#define SETTING "http.redirect"

int
op_redirect_load(struct ctx *cx, int64_t *port)
{
	const char *text;

	if (store_setting_load(cx, SETTING, &text) < 0)
		return -1;
	*port = text == NULL ? 0 : strtoll(text, NULL, 10);
	return 0;
}

int
op_redirect_save(struct ctx *cx, const char *typed)
{
	int64_t port = strtoll(typed, NULL, 10);
	const char *text = arena_printf(cx->arena, "%lld", (long long)port);

	if (typed[0] == '\0' || typed[strspn(typed, "0123456789")] != '\0' || port > 65535) {
		err_set(&cx->err, R_REDIRECT_PORT, "port", "\"%.20s\" is no port", typed);
		return err_hint(&cx->err,
		    "443 where people reach the portal without a port in "
		    "its address; 0 turns the redirect off");
	}
	if (port > 0 && cx->config->nhttp_listen == 0) {
		err_set(&cx->err, R_REDIRECT_NOWHERE, "port",
		    "plain HTTP is not served here, so that nobody can be sent on from it");
		return err_hint(
		    &cx->err, "the option http-listen says where it is served: certwrightd(8)");
	}
	if (db_begin(cx) < 0 || store_setting_save(cx, SETTING, port == 0 ? NULL : text) < 0 ||
	    audit(cx, "redirect.save", "", arena_printf(cx->arena, "{\"port\":%s}", text)) < 0)
		return -1;
	return db_commit(cx);
}

/* The filter lets letters, digits and .-_:[] into a Host header, and no more. */
const char *
redirect_address(struct ctx *cx, const char *host, const char *target, int64_t port)
{
	size_t n;

	if (port <= 0 || host == NULL || target[0] != '/')
		return NULL;
	n = host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");
	if (n == 0 || n > strlen(host) || (host[n] != '\0' && host[n] != ':'))
		return NULL;
	return port == 443
	    ? arena_printf(cx->arena, "https://%.*s%s", (int)n, host, target)
	    : arena_printf(cx->arena, "https://%.*s:%lld%s", (int)n, host, (long long)port, target);
}
