/*
 * ca_consent.c - acts of a CA that take two custodians, once there are two (P15)
 */
#include "op/ca_consent.h"
#include "op/op_ca.h"

int
ca_gather(struct ctx *cx, const struct ca_act *a, struct consent *out)
{
	struct act act = { .action = arena_printf(cx->arena, "ca.%s", a->act),
		.about = a->authority,
		.text = a->text,
		.wish = a->act,
		.code = a->code == NULL ? "" : a->code };

	return approval_gather(cx, &act, out);
}

void
ca_spent(struct ctx *cx, const char *text)
{
	approval_end(cx, text);
}

const char *
ca_import_text(struct ctx *cx, const unsigned char spki_sha256[32])
{
	return arena_printf(cx->arena, "import %s", hex_of(cx->arena, spki_sha256, 32));
}

int
op_ca_approve(
    struct ctx *cx, const char *name, const char *what, const char *code, struct approval *asked)
{
	struct act act = { .action = arena_printf(cx->arena, "ca.%s", what),
		.about = name,
		.wish = what,
		.code = code };
	struct approval *list;
	size_t n;

	approval_list(cx, &list, &n);
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i].about, name) == 0 && strcmp(list[i].wish, what) == 0)
			act.text = list[i].act;
	if (act.text != NULL)
		return approval_give(cx, &act, asked);
	err_set(&cx->err, R_APPROVAL_NONE, NULL, "nobody asked for this");
	return err_hint(&cx->err, "`certwright custodian list` shows what waits");
}
