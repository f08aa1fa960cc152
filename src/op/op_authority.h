/*
 * op_authority.h - the authorities whose ways are known here, and previews
 *
 * Cards come with the product (share/authorities/) and from the site
 * (authorities/ in the data directory; the site's own comes first when both
 * have the same id). They are read once, at the start.
 */
#pragma once

#include "base/ctx.h"
#include "x509/dated.h"
#include "x509/examine.h"

struct card {
	struct authority authority;
	bool		 site;		/* of the data directory */
	const char	*text;		/* as it was read */
	const struct own *own;		/* op_own.h: it is ours and signs here; NULL: a card alone */
};

/* Its certificates speak for the authority: of a CA, or one that answers OCSP. A
 * tenant gets none of our own authorities'. */
bool	profile_speaks(const struct profile *);
/* Certificates of servers can be had under it. */
bool	profile_serves(const struct card *, const struct profile *);

struct cards;
/*
 * Read all *.json of a folder; a missing folder has none. A card of the
 * product that is wrong is an error; one of the site is passed over with a
 * line in the log that names it.
 */
int	cards_load(struct cards **, const char *folder, bool site, struct err *);
void	cards_free(struct cards *);		/* NULL is fine */

/* All of them, our own first, then cards; each ordered by id. In the arena. */
const struct card *op_authority_list(struct ctx *, size_t *n);
int	op_card_find(struct ctx *, const char *id, const struct card **); /* cards alone */
int	op_authority_find(struct ctx *, const char *id, const struct card **); /* R_AUTHORITY_UNKNOWN */
/* Is this text a card? It is in the arena then. R_CARD */
int	op_authority_check(struct ctx *, const char *text, size_t len, struct authority *);

/* Rules by date that bind this kind of authority today, and those to come. */
struct binding {
	const struct dated_rule *rule;
	bool		 in_force;
};
void	op_authority_rules(struct ctx *, enum validation, struct binding **, size_t *);

struct preview {
	const struct card *card;
	const struct profile *profile;
	int64_t		 when;		/* 00:00:00 UTC of the day of issuance */
	int64_t		 days;		/* asked; 0: none */
};
/*
 * What is asked for, from what was typed: profile, days and day may be NULL
 * or empty. R_AUTHORITY_UNKNOWN, R_PROFILE_UNKNOWN, R_PREVIEW_DAYS,
 * R_PREVIEW_DATE
 */
int	op_preview_parse(struct ctx *, const char *authority, const char *profile,
	    const char *days, const char *date, struct preview *);
/* Onto the sheet: what our own authority will add, and what the lint would say of
 * the certificate, which is built at the preview's moment and not signed. */
void	op_plan(struct ctx *, const struct csr *, const struct preview *, struct sheet *);
/* What this authority would make of any CSR. Changes nothing. */
int	op_csr_preview(struct ctx *, const void *data, size_t len, const struct preview *,
	    struct sheet *);
