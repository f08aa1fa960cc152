/*
 * pki.c - what anybody may fetch without TLS: CRLs, OCSP answers, CA certificates
 */
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "front/pki.h"
#include "op/ocsp_cache.h"
#include "op/op_pki.h"
#include "op/op_redirect.h"

#define OCSP_TEXT_MAX 4096  /* of a GET, base64 and escapes */
#define LOG_AGAIN_MS  60000 /* from one failure that is logged to the next */

static void
say(struct job *j, int status, const char *text)
{
	j->status = status;
	j->type = "text/plain; charset=utf-8";
	buf_reset(&j->out);
	buf_put_text(&j->out, text);
}

/* "/crl/ID.crl": the id between, when the path is of this kind. */
static bool
id_between(const char *path, const char *before, const char *after, char id[ID_SIZE])
{
	size_t n = strlen(before), m = strlen(path), k = strlen(after);

	if (strncmp(path, before, n) != 0 || m < n + k || strcmp(path + m - k, after) != 0 ||
	    m - n - k >= ID_SIZE)
		return false;
	memcpy(id, path + n, m - n - k);
	id[m - n - k] = '\0';
	return id_valid(id);
}

/* Strangers ask as often as they like: they do not fill the log. */
static void
failed(const struct err *e)
{
	static _Atomic int64_t next;
	int64_t now = clock_monotonic_ms(), due = next;

	if (e->refusal == R_CA_OFFLINE || now < due || /* ocsp_signer() said that */
	    !atomic_compare_exchange_strong(&next, &due, now + LOG_AGAIN_MS))
		return;
	log_err("a CRL or an OCSP answer could not be made", e);
}

static void
done(struct ctx *cx, struct job *j, int r, const char *type, const struct pki_answer *a)
{
	int64_t age = a->fresh_until - cx->now;

	if (r < 0) {
		bool there = cx->err.kind != ERR_NOTFOUND;

		if (there)
			failed(&cx->err);
		say(j, there ? 503 : 404, there ? "not now\n" : "there is no such CA here\n");
		return;
	}
	j->status = 200;
	j->type = type;
	job_add(j, "Cache-Control",
	    age <= 0 ? "no-cache"
		     : arena_printf(cx->arena, "public, max-age=%lld", (long long)age));
}

/* RFC 5019 section 5: base64 of the request, percent-encoded, in the path. */
static int
decode_get(struct ctx *cx, const char *text, unsigned char **out, size_t *len)
{
	char *plain = arena_alloc(cx->arena, strlen(text) + 1), *o = plain;

	if (strlen(text) > OCSP_TEXT_MAX)
		return -1;
	for (; *text != '\0'; text++) {
		unsigned value;

		if (*text == '?')
			break;
		if (*text != '%')
			*o++ = *text;
		else if (sscanf(text + 1, "%2x", &value) == 1 && text[2] != '\0') {
			*o++ = (char)value;
			text += 2;
		} else
			return -1;
	}
	*o = '\0';
	return base64_decode(cx->arena, plain, strlen(plain), false, out, len);
}

static void
ocsp(struct ctx *cx, struct job *j, const char *rest)
{
	struct pki_answer a = { .out = &j->out, .fresh_until = cx->now };
	size_t n = strcspn(rest, "/"), len = j->body_len;
	unsigned char *request = j->body;
	char id[ID_SIZE] = "";

	if (n < ID_SIZE)
		memcpy(id, rest, n);
	if (!id_valid(id)) {
		say(j, 404, "there is no such CA here\n");
		return;
	}
	if (strcmp(j->method, "POST") != 0 && rest[n] == '\0') {
		job_add(j, "Allow", "POST");
		say(j, 405, "an OCSP request is posted here, or stands in the path\n");
		return;
	}
	if (strcmp(j->method, "POST") != 0 && decode_get(cx, rest + n + 1, &request, &len) < 0)
		len = 0; /* malformedRequest, the answer says */
	done(cx, j, op_ocsp(cx, id, request, len, &a), "application/ocsp-response", &a);
}

/* POST only: a GET has to be decoded first, which is for the workers. */
bool
pki_cached(struct job *j)
{
	const char *id = j->target + strlen("/ocsp/");

	if (!text_starts(j->target, "/ocsp/") || strcmp(j->method, "POST") != 0 ||
	    strlen(id) >= ID_SIZE ||
	    !ocsp_cache_find(id, j->body, j->body_len, clock_wall(), &j->out))
		return false;
	j->status = 200;
	j->type = "application/ocsp-response";
	job_add(j, "X-Content-Type-Options", "nosniff");
	job_add(j, "Cache-Control", "no-cache");
	return true;
}

/* RFC 9110 15.4.9. Not to be kept: it may be turned off. */
static void
elsewhere(struct ctx *cx, struct job *j)
{
	const char *to = NULL;
	int64_t port;

	if (op_redirect_load(cx, &port) == 0)
		to = redirect_address(cx, job_header(j, "Host"), j->target, port);
	if (to == NULL) {
		say(j, 404, "there is nothing here\n");
		return;
	}
	say(j, 308, "it is served by HTTPS\n");
	job_add(j, "Location", to);
	job_add(j, "Cache-Control", "no-store");
}

void
pki_serve(struct ctx *cx, struct job *j)
{
	struct pki_answer a = { .out = &j->out, .fresh_until = cx->now };
	bool read = strcmp(j->method, "GET") == 0 || strcmp(j->method, "HEAD") == 0;
	struct crl_which list;
	char id[ID_SIZE];

	job_add(j, "X-Content-Type-Options", "nosniff");
	if (text_starts(j->target, "/ocsp/") && (read || strcmp(j->method, "POST") == 0))
		ocsp(cx, j, j->target + strlen("/ocsp/"));
	else if (!read)
		say(j, 405, "only GET is answered here\n");
	else if (pki_crl_path(j->target, id, &list))
		done(cx, j, op_crl(cx, &list, &a), "application/pkix-crl", &a);
	else if (id_between(j->target, "/ca/", ".crt", id))
		done(cx, j, op_ca_der(cx, id, &a), "application/pkix-cert", &a);
	else
		elsewhere(cx, j);
}
