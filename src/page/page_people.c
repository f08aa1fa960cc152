/*
 * page_people.c - helpers of the pages about people
 */
#include "op/op_access.h"
#include "page/page_people.h"

void
put_text(json_t *o, const char *name, const char *text)
{
	json_object_set_new(o, name, text == NULL ? json_null() : json_string(text));
}

void
put_int(json_t *o, const char *name, int64_t n)
{
	json_object_set_new(o, name, json_integer(n));
}

void
put_bool(json_t *o, const char *name, bool b)
{
	json_object_set_new(o, name, json_boolean(b));
}

void
put_state(json_t *o, const char *mark, const char *text)
{
	put_text(o, "mark", mark);
	put_text(o, "state_text", text);
}

void
put_time(struct ctx *cx, const struct request *rq, json_t *o, const char *name, int64_t t)
{
	char text[TIME_SIZE];

	if (t == 0) {
		put_text(o, name, NULL);
		return;
	}
	time_format(text, t);
	put_text(o, name, text);
	if (rq->face != FACE_PORTAL)
		return;
	put_text(o, arena_printf(cx->arena, "%s_text", name), time_minute(cx->arena, t));
	put_text(o, arena_printf(cx->arena, "%s_ago", name), time_relative(cx->arena, t, cx->now));
}

void
put_account(struct ctx *cx, const struct request *rq, json_t *o, const struct account *a)
{
	put_text(o, "id", a->id);
	put_text(o, "name", a->name);
	put_text(o, "email", a->email);
	put_text(o, "login", a->login);
	put_text(o, "role", role_name(a->role));
	put_bool(o, "enabled", a->enabled);
	put_bool(o, "totp", totp_is_on(a));
	put_time(cx, rq, o, "created", a->created_at);
	put_time(cx, rq, o, "last_sign_in", a->last_sign_in_at);
	put_time(cx, rq, o, "password_set", a->password[0] == '\0' ? 0 : a->password_set_at);
	put_time(cx, rq, o, "invited_until", a->invited_until);
	if (rq->face != FACE_PORTAL)
		return;
	put_bool(o, "self", strcmp(a->id, cx->actor.id) == 0);
	put_text(o, "role_text", role_label(a->role));
	put_bool(o, "invited", a->password[0] == '\0');
	if (!a->enabled)
		put_state(o, "off", "Disabled");
	else if (a->password[0] != '\0')
		put_state(o, "good", "Enabled");
	else
		put_state(o, "note", a->invited_until > cx->now ? "Invited" : "Invitation ended");
}

const char *
field_text(const struct request *rq, const char *name)
{
	const char *s = request_field(rq, name);

	return s == NULL ? "" : s;
}

const char *
typed_lines(struct ctx *cx, const char *text)
{
	char *copy = arena_strdup(cx->arena, text), *to = copy;

	for (const char *p = copy; *p != '\0'; p++)
		if (p[0] != '\r' || p[1] != '\n')
			*to++ = *p;
	*to = '\0';
	return copy;
}

/* Of this origin only: "//host" and "/\host" would lead elsewhere. */
const char *
safe_next(const char *next)
{
	if (next == NULL || next[0] != '/' || next[1] == '/' || strlen(next) > LIMIT_PATH)
		return "/components";
	for (const char *p = next; *p != '\0'; p++) {
		if ((unsigned char)*p <= ' ' || (unsigned char)*p >= 0x7f || *p == '\\')
			return "/components";
	}
	return next;
}
