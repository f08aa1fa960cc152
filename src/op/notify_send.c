/*
 * notify_send.c - a digest on its way, and the test of all channels
 */
#include "base/buf.h"
#include "base/mail.h"
#include "fetch/fetch.h"
#include "op/digest.h"
#include "op/house.h"
#include "op/line.h"
#include "op/notify_impl.h"

#define SEND_MS 15000 /* of a message that nobody waits for */
#define TEST_MS 6000

struct way {
	struct notify_row rules;
	struct notify_server server;
	const char *password;
	unsigned time_ms;
};

static enum fetch_security
security_of(const char *tls)
{
	return strcmp(tls, "implicit") == 0 ? FETCH_IMPLICIT
	    : strcmp(tls, "none") == 0	    ? FETCH_PLAIN
					    : FETCH_STARTTLS;
}

static int
send_mail(struct ctx *cx, const struct way *w, const struct digest_row *d)
{
	AUTO_BUF struct buf message = { 0 };
	const struct mail mail = { .from = w->server.from,
		.to = d->channel + strlen(CHANNEL_MAIL),
		.subject = d->subject,
		.body = d->body,
		.id = d->id,
		.at = d->created_at };
	const struct fetch_mail job = { .host = w->server.host,
		.port = (uint16_t)w->server.port,
		.security = security_of(w->server.tls),
		.user = w->server.user,
		.password = w->password,
		.from = mail.from,
		.to = mail.to,
		.ca = w->server.ca,
		.message = &message,
		.time_ms = w->time_ms };

	mail_compose(&message, &mail);
	return fetch_mail(cx->house->fetcher, &job, cx->arena, &cx->err);
}

/* Only 2xx is "I have it". */
static int
send_webhook(struct ctx *cx, const struct way *w, const struct digest_row *d)
{
	const unsigned char *secret;
	struct fetch_post job = { .url = w->rules.webhook,
		.ca = w->rules.webhook_ca,
		.body = d->body,
		.time_ms = w->time_ms };
	unsigned status;
	size_t n;

	if (notify_secret(cx, &w->rules, &secret, &n) < 0)
		return -1;
	job.signature = digest_signature(cx->arena, secret, n, cx->now, d->body);
	if (fetch_post(cx->house->fetcher, &job, cx->arena, &status, &cx->err) < 0)
		return -1;
	if (status >= 200 && status < 300)
		return 0;
	err_set(&cx->err, R_NOTIFY_TAKEN, NULL, "the webhook answered with status %u", status);
	return err_hint(&cx->err,
	    status >= 300 && status < 400 ? "no redirect is followed: give the address itself"
					  : "its own log says why");
}

/* What it takes; 0: this channel is there no more. */
static int
open_way(struct ctx *cx, const char *channel, struct way *w)
{
	bool mail = text_starts(channel, CHANNEL_MAIL);

	if (op_notify_load(cx, &w->rules) < 0 || op_notify_server(cx, &w->server) < 0)
		return -1;
	if (!mail)
		return w->rules.webhook != NULL && w->rules.secret != NULL;
	if (w->server.host == NULL)
		return 0;
	return notify_password(cx, &w->server, &w->password) < 0 ? -1 : 1;
}

static int
send_one(struct ctx *cx, const struct way *w, const struct digest_row *d)
{
	return text_starts(d->channel, CHANNEL_MAIL) ? send_mail(cx, w, d) : send_webhook(cx, w, d);
}

/* The outcome is noted, whichever it is; without a way it is put off. */
static int
send_due(struct ctx *cx, struct digest_row *d)
{
	struct way way = { .time_ms = SEND_MS };
	int open = open_way(cx, d->channel, &way);

	if (open > 0 && send_one(cx, &way, d) == 0) {
		d->ended_at = cx->now;
		d->failure = NULL;
	} else {
		d->failure = open == 0 ? "there is no mail server"
				       : arena_strdup(cx->arena, cx->err.message);
		d->next_at = cx->now + digest_delay(++d->tries);
	}
	err_clear(&cx->err);
	if (db_begin(cx) < 0 || store_digest_update(cx, d) < 0)
		return -1;
	return db_commit(cx) < 0 ? -1 : 1;
}

int
op_notify_send(struct ctx *cx)
{
	struct digest_row d;
	int due = store_digest_due(cx, &d);

	if (due <= 0)
		return due;
	IN_TENANT(cx, d.tenant);
	return send_due(cx, &d);
}

/* ---- a test ------------------------------------------------------------------------- */

/* A server that cannot be reached for one address cannot for the next. */
static bool
stops_all(enum refusal r)
{
	return r == R_FETCH_LATE || r == R_FETCH_CONNECT || r == R_FETCH_DNS ||
	    r == R_FETCH_FORBIDDEN || r == R_FETCH_TLS;
}

static int
try_channel(struct ctx *cx, const char *channel, const char *stopped, struct notify_tried *t,
    enum refusal *why)
{
	struct digest_row d = { .channel = channel, .created_at = cx->now };
	struct way way = { .time_ms = TEST_MS };

	*why = REFUSAL_NONE;
	t->channel = channel;
	if ((t->failure = stopped) != NULL)
		return 0;
	if (open_way(cx, channel, &way) < 0)
		return -1;
	id_new(d.id);
	digest_test(cx, notify_tenant(cx), &d);
	if (send_one(cx, &way, &d) < 0) {
		*why = cx->err.refusal;
		t->failure = arena_strdup(cx->arena, cx->err.message);
		err_clear(&cx->err);
	}
	return 0;
}

static int
try_all(struct ctx *cx, const char *const *channels, size_t n, struct notify_tried *out)
{
	const char *stopped = NULL;
	enum refusal why;

	for (size_t i = 0; i < n; i++) {
		bool mail = text_starts(channels[i], CHANNEL_MAIL);

		if (try_channel(cx, channels[i], mail ? stopped : NULL, &out[i], &why) < 0)
			return -1;
		if (mail && stops_all(why))
			stopped = out[i].failure;
	}
	return 0;
}

int
op_notify_test(struct ctx *cx, struct notify_tried **out, size_t *n)
{
	struct notify_server server;
	struct notify_row rules;
	const char **channels;
	size_t failed = 0;
	int tried;

	if (op_notify_load(cx, &rules) < 0 || op_notify_server(cx, &server) < 0 ||
	    notify_channels(cx, &rules, &server, &channels, n) < 0)
		return -1;
	if (*n == 0) {
		err_set(&cx->err, R_NOTIFY_NONE, NULL, "nobody is told of anything yet");
		return err_hint(&cx->err,
		    rules.addresses[0] != '\0' ? "a Super Admin sets the mail server first"
					       : "give an address or a webhook first");
	}
	*out = arena_new_array(cx->arena, *n, struct notify_tried);
	if (notify_test_take(cx) < 0 || line_enter(cx, LINE_OUTSIDE) < 0)
		return -1;
	tried = try_all(cx, channels, *n, *out);
	line_leave(cx, LINE_OUTSIDE);
	if (tried < 0)
		return -1;
	for (size_t i = 0; i < *n; i++)
		failed += (*out)[i].failure != NULL;
	if (db_begin(cx) < 0 ||
	    audit(cx, "notify.test", "",
		arena_printf(cx->arena, "{\"tried\":%zu,\"failed\":%zu}", *n, failed)) < 0)
		return -1;
	return db_commit(cx);
}
