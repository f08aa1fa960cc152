/*
 * op_authority.c - the authorities whose ways are known here, and previews
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>

#include "base/io.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/text.h"
#include "op/house.h"
#include "op/op_own.h"
#include "op/op_weak.h"
#include "x509/issue.h"
#include "x509/lint.h"

#define CARD_DAYS_MAX 36500

struct cards {
	struct arena *arena;
	struct card v[LIMIT_CARDS];
	size_t n;
};

/* In its place by id; the site's takes the place of the product's. */
static int
insert(struct cards *all, const struct card *card, struct err *e)
{
	size_t i = 0;

	while (i < all->n && strcmp(all->v[i].authority.id, card->authority.id) < 0)
		i++;
	if (i < all->n && strcmp(all->v[i].authority.id, card->authority.id) == 0) {
		all->v[i] = *card;
		return 0;
	}
	if (all->n == LIMIT_CARDS) {
		err_set(e, R_CARD, NULL, "there are more than %d cards", LIMIT_CARDS);
		return err_hint(e, "remove some of authorities/ in the data directory");
	}
	memmove(&all->v[i + 1], &all->v[i], (all->n - i) * sizeof(*card));
	all->v[i] = *card;
	all->n++;
	return 0;
}

static int
load_card(struct cards *all, const char *folder, const char *name, bool site, struct err *e)
{
	struct card card = { .site = site };
	AUTO_BUF struct buf text = { 0 };
	char path[4200];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (file_read(&text, path, LIMIT_CARD, e) < 0 ||
	    authority_parse(all->arena, buf_text(&text), text.len, &card.authority, e) < 0)
		return -1;
	card.text = arena_dup(all->arena, buf_text(&text), text.len);
	return insert(all, &card, e);
}

int
cards_load(struct cards **out, const char *folder, bool site, struct err *e)
{
	struct cards *all = *out;
	struct dirent *entry;
	DIR *dir = opendir(folder);
	int r = 0;

	if (all == NULL) {
		if ((all = calloc(1, sizeof(*all))) == NULL)
			abort();
		all->arena = arena_new();
		*out = all;
	}
	if (dir == NULL)
		return errno == ENOENT ? 0 : err_errno(e, "read %s", folder);
	while (r == 0 && (entry = readdir(dir)) != NULL) {
		struct err why = { 0 };

		if (entry->d_name[0] == '.' || !text_ends(entry->d_name, ".json") ||
		    load_card(all, folder, entry->d_name, site, &why) == 0)
			continue;
		if (site)
			log_warn("authorities/%s is passed over: %s", entry->d_name, why.message);
		else {
			*e = why;
			r = -1;
		}
	}
	closedir(dir);
	return r;
}

void
cards_free(struct cards *all)
{
	if (all == NULL)
		return;
	arena_free(all->arena);
	free(all);
}

static bool
adds(const struct profile *p, const char *item)
{
	for (size_t i = 0; i < p->nadditions; i++)
		if (strcmp(p->additions[i].item, item) == 0)
			return true;
	return false;
}

bool
profile_speaks(const struct profile *p)
{
	return p->ca || adds(p, "eku.OCSPSigning");
}

/* What others sign has the purposes that the request asks for; what we do, the profile's. */
bool
profile_serves(const struct card *c, const struct profile *p)
{
	return !profile_speaks(p) && (c->own == NULL || adds(p, "eku.serverAuth"));
}

const struct card *
op_authority_list(struct ctx *cx, size_t *n)
{
	const struct cards *all = cx->house->cards;
	size_t nours;
	const struct own *owns = op_owns(cx, &nours);
	struct card *list = arena_new_array(cx->arena, nours + all->n + 1, struct card);

	for (size_t i = 0; i < nours; i++)
		list[i] = owns[i].card;
	memcpy(list + nours, all->v, all->n * sizeof(*list));
	*n = nours + all->n;
	return list;
}

int
op_card_find(struct ctx *cx, const char *id, const struct card **out)
{
	const struct cards *all = cx->house->cards;

	for (size_t i = 0; i < all->n; i++)
		if (strcmp(all->v[i].authority.id, id) == 0) {
			*out = &all->v[i];
			return 0;
		}
	err_set(&cx->err, R_AUTHORITY_UNKNOWN, "authority", "there is no authority %.80s", id);
	return err_hint(&cx->err, "`certwright authority list` names them");
}

int
op_authority_find(struct ctx *cx, const char *id, const struct card **out)
{
	const struct own *own = op_own_find(cx, id);

	if (own == NULL)
		return op_card_find(cx, id, out);
	*out = &own->card;
	return 0;
}

int
op_authority_check(struct ctx *cx, const char *text, size_t len, struct authority *a)
{
	return authority_parse(cx->arena, text, len, a, &cx->err);
}

void
op_authority_rules(struct ctx *cx, enum validation v, struct binding **out, size_t *n)
{
	size_t max = 0;
	char today[DAY_SIZE];

	day_of(today, cx->now);
	while (dated_rules[max].id != NULL)
		max++;
	*out = arena_new_array(cx->arena, max, struct binding);
	*n = 0;
	for (const struct dated_rule *r = dated_rules; r->id != NULL; r++) {
		bool now = dated_in_force(r, v, today),
		     later = r->from != NULL && strcmp(r->from, today) > 0;

		if (now || (later && dated_in_force(r, v, r->from)))
			(*out)[(*n)++] = (struct binding){ r, now };
	}
}

int
op_preview_parse(struct ctx *cx, const char *authority, const char *profile, const char *days,
    const char *date, struct preview *p)
{
	char *end;

	*p = (struct preview){ .when = cx->now - cx->now % 86400 };
	if (op_authority_find(cx, authority, &p->card) < 0 ||
	    (p->profile = authority_profile(&p->card->authority, profile, &cx->err)) == NULL)
		return -1;
	if (days != NULL && days[0] != '\0') {
		p->days = strtoll(days, &end, 10);
		if (*end != '\0' || p->days < 1 || p->days > CARD_DAYS_MAX) {
			err_set(&cx->err, R_PREVIEW_DAYS, "days", "a life is 1 to %d days",
			    CARD_DAYS_MAX);
			return err_hint(&cx->err, "give a whole number, or none");
		}
	}
	if (date != NULL && date[0] != '\0' && day_parse(date, &p->when) < 0) {
		err_set(&cx->err, R_PREVIEW_DATE, "date", "%.40s is no day", date);
		return err_hint(&cx->err, "write it like 2027-03-15");
	}
	return 0;
}

void
op_plan(struct ctx *cx, const struct csr *csr, const struct preview *p, struct sheet *sheet)
{
	AUTO_BUF struct buf tbs = { 0 };
	const struct own *own = own_signer(p->card->own, p->profile);
	struct lint_input lint = {
		.rules = p->profile->rules, .when = p->when, .issuer = &own->limits
	};
	struct issue_input in;
	struct err said = { 0 };

	own_input(own, csr, p->when, &in);
	memset(in.serial, 0x7f, sizeof(in.serial));
	issue_plan(sheet, &in);
	if (issue_tbs(&tbs, sheet, &in, &said) < 0)
		return; /* a fault of the policy that is said when it is issued */
	lint.tbs = tbs.data;
	lint.len = tbs.len;
	(void)lint_check(&lint, sheet, &said); /* the sheet has it */
}

int
op_csr_preview(
    struct ctx *cx, const void *data, size_t len, const struct preview *p, struct sheet *sheet)
{
	AUTO(csr) struct csr *csr = NULL;
	struct examine_input in = { .authority = &p->card->authority,
		.profile = p->profile,
		.weak = op_weak(cx),
		.issuer = p->card->own == NULL ? NULL
					       : &own_signer(p->card->own, p->profile)->limits,
		.when = p->when,
		.days = p->days };

	sheet_init(sheet, cx->arena);
	if (csr_parse_unproved(&csr, data, len, &cx->err) < 0)
		return -1;
	in.request = csr;
	examine(&in, sheet);
	if (p->card->own != NULL && sheet->verdict != VERDICT_REFUSE)
		op_plan(cx, csr, p, sheet);
	return err_is_set(&cx->err) ? -1 : 0;
}
