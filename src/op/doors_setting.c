/*
 * doors_setting.c - which listener serves what and wants which certificate
 */
#include <stdio.h>

#include "base/log.h"
#include "op/doors_setting.h"
#include "store/store.h"

#define SETTING_CAS "applications.client-cas"

static const struct {
	const char *setting, *field, *what, *first;
} sides[SIDES] = {
	{ "applications.super", "super", "the Super Admin's application", "all" },
	{ "applications.admin", "admin", "the tenants' application", "all" },
	{ "applications.client-asked", "client_asked", "asking for client certificates", "" },
	{ "applications.client-required", "client_required", "requiring client certificates", "" },
};

void
setting_first(struct setting *s)
{
	memset(s, 0, sizeof(*s));
	for (size_t i = 0; i < SIDES; i++) {
		strcpy(s->v[i].lines, sides[i].first);
		s->v[i].on = sides[i].first[0] == '\0' ? 0 : ALL;
	}
}

static bool
has_line(const char *lines, const char *one)
{
	size_t n = strlen(one);

	for (const char *p = lines; p != NULL; p = strchr(p, '\n')) {
		p += *p == '\n';
		if (strncmp(p, one, n) == 0 && (p[n] == '\0' || p[n] == '\n'))
			return true;
	}
	return false;
}

bool
setting_has_ca(const struct setting *s, const char *authority)
{
	return s->cas[0] == '\0' || has_line(s->cas, authority);
}

/* The listener of this address; 0: there is none. */
static unsigned
bit_of(const struct config *c, const char *address)
{
	for (size_t i = 0; i < c->nlisten; i++)
		if (strcmp(c->listen[i], address) == 0)
			return 1u << i;
	return 0;
}

/* The listeners that the lines name. `gone`: where nothing listens any more. */
static unsigned
read_lines(struct ctx *cx, const char *lines, const char *between, struct buf *gone)
{
	char *rest = arena_strdup(cx->arena, lines), *one;
	unsigned on = 0, bit;

	while ((one = strsep(&rest, "\n")) != NULL) {
		on |= bit = strcmp(one, "all") == 0 ? ALL : bit_of(cx->config, one);
		if (bit == 0 && one[0] != '\0')
			buf_printf(gone, "%s%s", gone->len > 0 ? between : "", one);
	}
	return on;
}

const char *
setting_gone(struct ctx *cx, const struct setting *s)
{
	AUTO_BUF struct buf gone = { 0 };

	for (size_t i = 0; i < SIDES; i++)
		read_lines(cx, s->v[i].lines, "\n", &gone);
	return arena_strdup(cx->arena, buf_text(&gone));
}

/* ---- what was written down ----------------------------------------------------- */

/* Who would be served nowhere is served everywhere; a certificate is wanted from
 * nobody where nothing listens. */
static int
start_one(struct ctx *cx, size_t i, struct side *s)
{
	AUTO_BUF struct buf gone = { 0 };
	const char *lines;

	if (store_setting_load(cx, sides[i].setting, &lines) < 0)
		return -1;
	if (lines == NULL || strlen(lines) >= sizeof(s->lines))
		return 0;
	strcpy(s->lines, lines);
	s->on = read_lines(cx, lines, ", ", &gone);
	if (s->on == 0 && sides[i].first[0] != '\0')
		s->on = ALL;
	if (gone.len > 0)
		log_warn("%s was set for %s, where nothing listens any more: it is so on %s",
		    sides[i].what, buf_text(&gone),
		    s->on == ALL     ? "all addresses"
			: s->on == 0 ? "none"
				     : "the others that were named");
	return 0;
}

int
setting_load(struct ctx *cx, struct setting *s)
{
	const char *cas;

	for (size_t i = 0; i < SIDES; i++)
		if (start_one(cx, i, &s->v[i]) < 0)
			return -1;
	if (store_setting_load(cx, SETTING_CAS, &cas) < 0)
		return -1;
	if (cas != NULL && strlen(cas) < sizeof(s->cas))
		strcpy(s->cas, cas);
	return 0;
}

/* ---- what somebody wishes -------------------------------------------------------- */

static int
no_address(struct ctx *cx, const char *field, const char *typed)
{
	AUTO_BUF struct buf all = { 0 };

	for (size_t i = 0; i < cx->config->nlisten; i++)
		buf_printf(&all, "%s%s", i > 0 ? ", " : "", cx->config->listen[i]);
	if (typed[0] == '\0')
		err_set(&cx->err, R_DOORS_ADDRESS, field, "it would be served nowhere");
	else
		err_set(&cx->err, R_DOORS_ADDRESS, field, "nothing listens on \"%.80s\"", typed);
	return err_hint(&cx->err,
	    "all, or some of %s; the option listen, certwrightd(8), says where there are "
	    "listeners",
	    buf_text(&all));
}

/* All that there are is "all": one that is added later is among them, too. */
static int
take_one(struct ctx *cx, size_t i, const char *typed, struct side *s)
{
	const struct config *c = cx->config;
	bool none = typed != NULL && strcmp(typed, "none") == 0 && sides[i].first[0] == '\0';
	char *rest, *one;
	unsigned on = 0, bit;
	size_t n = 0;

	if (typed == NULL)
		return 0;
	rest = arena_strdup(cx->arena, none ? "" : typed);
	while ((one = strsep(&rest, ", \t\r\n")) != NULL) {
		on |= bit = strcmp(one, "all") == 0 ? ALL : bit_of(c, one);
		if (bit == 0 && one[0] != '\0')
			return no_address(cx, sides[i].field, one);
	}
	if (on == 0 && sides[i].first[0] != '\0')
		return no_address(cx, sides[i].field, "");
	memset(s, 0, sizeof(*s));
	s->on = (on | ~((1u << c->nlisten) - 1)) == ALL ? ALL : on;
	if (s->on == ALL)
		strcpy(s->lines, "all");
	for (size_t k = 0; s->on != ALL && k < c->nlisten; k++)
		if (on >> k & 1)
			n += (size_t)snprintf(s->lines + n, sizeof(s->lines) - n, "%s%s",
			    n > 0 ? "\n" : "", c->listen[k]);
	return 0;
}

static int
no_authority(struct ctx *cx, const char *field, const char *name)
{
	if (name == NULL)
		err_set(&cx->err, R_CLIENT_CA, field,
		    "no built-in CA is here, whose certificates clients could have");
	else
		err_set(
		    &cx->err, R_CLIENT_CA, field, "there is no built-in CA called \"%.64s\"", name);
	return err_hint(&cx->err,
	    "certwright ca create makes one; its profile client is for certificates of clients");
}

/* Whose certificates count: names of authorities that are here; "" and "all": all. */
static int
take_cas(struct ctx *cx, const char *typed, struct setting *s)
{
	char *rest, *one, *to = s->cas;
	struct authority_row row;

	if (typed == NULL)
		return 0;
	memset(s->cas, 0, sizeof(s->cas));
	rest = arena_strdup(cx->arena, strcmp(typed, "all") == 0 ? "" : typed);
	while ((one = strsep(&rest, ", \t\r\n")) != NULL) {
		if (one[0] == '\0' || has_line(s->cas, one))
			continue;
		if (store_authority_load(cx, one, &row) < 0) {
			if (cx->err.kind != ERR_NOTFOUND)
				return -1;
			err_clear(&cx->err);
			return no_authority(cx, "client_cas", one);
		}
		if (strlen(one) + 2 > (size_t)(s->cas + sizeof(s->cas) - to))
			return err_set(
			    &cx->err, R_CLIENT_CA, "client_cas", "these are too many names");
		to += sprintf(to, "%s%s", to > s->cas ? "\n" : "", one);
	}
	return 0;
}

int
setting_take(struct ctx *cx, const struct doors_wish *w, struct setting *s)
{
	const char *const typed[SIDES] = { w->super, w->admin, w->client_asked,
		w->client_required };
	struct authority_row *rows;
	size_t n;

	for (size_t i = 0; i < SIDES; i++)
		if (take_one(cx, i, typed[i], &s->v[i]) < 0)
			return -1;
	if (take_cas(cx, w->client_cas, s) < 0)
		return -1;
	if (s->v[ASKED].on == 0 && s->v[REQUIRED].on == 0)
		return 0;
	if (store_authority_list(cx, &rows, &n) < 0)
		return -1;
	return n > 0
	    ? 0
	    : no_authority(cx, s->v[REQUIRED].on != 0 ? "client_required" : "client_asked", NULL);
}

bool
setting_same(const struct setting *a, const struct setting *b)
{
	bool same = strcmp(a->cas, b->cas) == 0;

	for (size_t i = 0; i < SIDES; i++)
		same &= strcmp(a->v[i].lines, b->v[i].lines) == 0;
	return same;
}

/* In one line: "all", "none", or which. */
static const char *
said(struct ctx *cx, const char *lines, const char *empty)
{
	char *text = arena_strdup(cx->arena, lines[0] == '\0' ? empty : lines);

	for (char *p = text; (p = strchr(p, '\n')) != NULL;)
		*p = ' ';
	return text;
}

int
setting_note(struct ctx *cx, const char *action, const struct setting *s, const char *more)
{
	AUTO_BUF struct buf detail = { 0 };

	for (size_t i = 0; i < SIDES; i++)
		buf_printf(&detail, "%s\"%s\":\"%s\"", i == 0 ? "{" : ",", sides[i].field,
		    said(cx, s->v[i].lines, "none"));
	buf_printf(&detail, ",\"client_cas\":\"%s\"%s}", said(cx, s->cas, "all"), more);
	return audit(cx, action, "", buf_text(&detail));
}

int
setting_write(struct ctx *cx, const struct setting *s)
{
	for (size_t i = 0; i < SIDES; i++) {
		const char *lines = s->v[i].lines;

		if (store_setting_save(cx, sides[i].setting,
			strcmp(lines, sides[i].first) == 0 ? NULL : lines) < 0)
			return -1;
	}
	return store_setting_save(cx, SETTING_CAS, s->cas[0] == '\0' ? NULL : s->cas);
}
