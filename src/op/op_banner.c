/*
 * op_banner.c - what is said before and after sign-in, and the last sign-ins
 */
#include "base/limits.h"
#include "op/op_account.h"
#include "op/op_banner.h"

#define LOGIN	"banner.login"
#define WELCOME "banner.welcome"

static int
load_one(struct ctx *cx, const char *setting, const char **text)
{
	if (store_setting_load(cx, setting, text) < 0)
		return -1;
	if (*text == NULL)
		*text = "";
	return 0;
}

int
op_banners_load(struct ctx *cx, struct banners *b)
{
	return load_one(cx, LOGIN, &b->login) < 0 ? -1 : load_one(cx, WELCOME, &b->welcome);
}

/* Each line for itself: between them LF, and no other control character. */
static int
check(struct ctx *cx, const char *field, const char *text)
{
	char *line = arena_strdup(cx->arena, text), *end;

	if (utf8_valid(text, strlen(text)) && utf8_length(text) > LIMIT_BANNER)
		return err_set(&cx->err, R_BANNER_LONG, field,
		    "the text has %zu characters; at most %d are allowed", utf8_length(text),
		    LIMIT_BANNER);
	for (; line != NULL; line = end) {
		if ((end = strchr(line, '\n')) != NULL)
			*end++ = '\0';
		if (text_check(&cx->err, field, line) < 0)
			return -1;
	}
	return 0;
}

static int
save_one(struct ctx *cx, const char *setting, const char *text)
{
	return store_setting_save(cx, setting, text_is_blank(text) ? NULL : text);
}

int
op_banners_save(struct ctx *cx, const struct banners *b)
{
	const char *detail = arena_printf(cx->arena, "{\"login\":%s,\"welcome\":%s}",
	    text_is_blank(b->login) ? "false" : "true",
	    text_is_blank(b->welcome) ? "false" : "true");

	if (check(cx, "login", b->login) < 0 || check(cx, "welcome", b->welcome) < 0 ||
	    db_begin(cx) < 0 || save_one(cx, LOGIN, b->login) < 0 ||
	    save_one(cx, WELCOME, b->welcome) < 0 || audit(cx, "banners.save", "", detail) < 0)
		return -1;
	return db_commit(cx);
}

int
op_sign_ins(struct ctx *cx, struct audit_row **out, size_t *n)
{
	struct account a;

	*out = NULL;
	*n = 0;
	if (cx->actor.id[0] == '\0')
		return 0;
	if (op_account_load(cx, cx->actor.id, &a) < 0)
		return -1;
	return store_audit_sign_ins(cx, &a, SIGN_INS_SHOWN, out, n);
}
