/*
 * dated.c - rules of publicly trusted TLS, each with its days
 */
#include <ctype.h>

#include "base/text.h"
#include "x509/dated.h"

#define BR     "CA/Browser Forum"
#define CHROME "Chrome Root Program"

static bool
has_item(const struct items *all, const char *name)
{
	for (size_t i = 0; i < all->n; i++)
		if (item_is(&all->v[i], name))
			return true;
	return false;
}

static bool
is_dns(const struct item *it)
{
	return it->san != NULL && it->san->type == SAN_DNS;
}

static bool
internal_name(const struct items *all, const struct item *it)
{
	return is_dns(it) && name_is_internal(it->value);
}

static bool
reserved_address(const struct items *all, const struct item *it)
{
	return it->san != NULL && it->san->type == SAN_IP && address_is_reserved(it->value);
}

static bool
underscore(const struct items *all, const struct item *it)
{
	return is_dns(it) && strchr(it->value, '_') != NULL;
}

/* Letters, digits, hyphens; a wildcard may stand in front. */
static bool
not_ldh(const struct items *all, const struct item *it)
{
	const char *s = it->value;

	if (!is_dns(it))
		return false;
	for (s += text_starts(s, "*.") ? 2 : 0; *s != '\0'; s++)
		if (!isalnum((unsigned char)*s) && *s != '-' && *s != '.')
			return true;
	return false;
}

static bool
other_name_type(const struct items *all, const struct item *it)
{
	return it->san != NULL && it->san->type != SAN_DNS && it->san->type != SAN_IP;
}

static bool
unit(const struct items *all, const struct item *it)
{
	return item_is(it, "subject.OU");
}

static bool
unit_alone(const struct items *all, const struct item *it)
{
	return unit(all, it) && !has_item(all, "subject.O");
}

/* A common name that is no name of a host can repeat none of the names. */
static bool
common_name_apart(const struct items *all, const struct item *it)
{
	struct err ignored = { 0 };
	struct san san;

	return item_is(it, "subject.CN") &&
	    (it->value == NULL || name_parse_san(&ignored, "", it->value, all->arena, &san) < 0);
}

/* RFC 5952 has one text for each address. */
static bool
odd_address(const struct items *all, const struct item *it)
{
	struct err ignored = { 0 };
	struct san san;

	return item_is(it, "subject.CN") && it->value != NULL &&
	    name_parse_san(&ignored, "", it->value, all->arena, &san) == 0 && san.type == SAN_IP &&
	    strcmp(san.text, it->value) != 0;
}

static bool
any_common_name(const struct items *all, const struct item *none)
{
	return has_item(all, "subject.CN");
}

static bool
beyond_dv(const struct items *all, const struct item *it)
{
	return text_starts(it->name, "subject.") && !item_is(it, "subject.C") &&
	    !item_is(it, "subject.CN");
}

static bool
beyond_ov(const struct items *all, const struct item *it)
{
	static const char *const verified[] = { "subject.C", "subject.ST", "subject.L", "subject.O",
		"subject.CN", "subject.street", "subject.postalCode", "subject.OU" };

	if (!text_starts(it->name, "subject."))
		return false;
	for (size_t i = 0; i < nitems(verified); i++)
		if (item_is(it, verified[i]))
			return false;
	return true;
}

/* The second one of its type; streets and domain components may be several. */
static bool
once_more(const struct items *all, const struct item *it)
{
	return text_starts(it->name, "subject.") && strchr(it->name, '#') != NULL &&
	    !item_is(it, "subject.street") && !item_is(it, "subject.DC");
}

static bool
other_usage(const struct items *all, const struct item *it)
{
	return text_starts(it->name, "eku.") && strcmp(it->name, "eku.serverAuth") != 0;
}

static bool
any_wildcard(const struct items *all, const struct item *none)
{
	for (size_t i = 0; i < all->n; i++)
		if (is_dns(&all->v[i]) && text_starts(all->v[i].value, "*."))
			return true;
	return false;
}

const struct dated_rule dated_rules[] = {
	/* names */
	{ "public.san.type", "2012-07-01", NULL, false, false, DATED_DROP, other_name_type, 0,
	    "publicly trusted certificates of servers have DNS names and IP addresses only",
	    "BR 7.1.2.7.12", BR },
	{ "public.san.internal", "2015-11-01", NULL, false, false, DATED_REFUSE, internal_name, 0,
	    "no public authority may issue for an internal name: nobody can prove it", "BR 4.2.2",
	    BR },
	{ "public.san.reserved", "2015-11-01", NULL, false, false, DATED_REFUSE, reserved_address,
	    0, "no public authority may issue for a private or reserved address", "BR 4.2.2", BR },
	{ "public.san.underscore", "2019-05-01", NULL, false, false, DATED_REFUSE, underscore, 0,
	    "no underscore in a DNS name since 1 May 2019", "BR 7.1.4.2", BR },
	{ "public.san.ldh", "2021-10-01", NULL, false, false, DATED_REFUSE, not_ldh, 0,
	    "a DNS name has letters, digits and hyphens only since 1 Oct 2021", "BR 7.1.4.2; SC48",
	    BR },
	/* the subject */
	{ "public.subject.ou-alone", "2021-08-16", "2022-09-01", false, false, DATED_DROP,
	    unit_alone, 0, "no organization unit without an organization", "SC47", BR },
	{ "public.subject.ou", "2022-09-01", NULL, false, false, DATED_DROP, unit, 0,
	    "no organization unit since 1 Sep 2022", "BR 7.1.2.7.2; SC47", BR },
	{ "public.subject.cn", "2021-08-25", NULL, false, false, DATED_DROP, common_name_apart, 0,
	    "a common name repeats one of the names since 25 Aug 2021", "BR 7.1.4.3; SC48", BR },
	{ "public.subject.cn-address", "2021-08-25", NULL, false, false, DATED_DROP, odd_address, 0,
	    "an address as common name is written as RFC 5952 says since 25 Aug 2021",
	    "BR 7.1.4.3; SC48", BR },
	{ "public.subject.cn-advice", "2023-09-15", NULL, true, false, DATED_NOTE, any_common_name,
	    0, "a common name is not recommended any more", "BR 7.1.2.7.2; SC62", BR },
	{ "public.subject.dv", "2023-09-15", NULL, true, false, DATED_DROP, beyond_dv, 0,
	    "a domain-validated certificate says a country and the name only", "BR 7.1.2.7.2; SC62",
	    BR },
	{ "public.subject.ov", "2023-09-15", NULL, false, true, DATED_DROP, beyond_ov, 0,
	    "an organization-validated certificate says what the authority verified only",
	    "BR 7.1.2.7.4; SC62", BR },
	{ "public.subject.once", "2023-09-15", NULL, false, false, DATED_DROP, once_more, 0,
	    "a subject has one attribute of a type since 15 Sep 2023", "BR 7.1.4.1; SC62", BR },
	{ "public.san.critical", "2023-09-15", NULL, false, false, DATED_DUTY, NULL, 0,
	    "the names are critical when the subject is empty, and only then",
	    "BR 7.1.2.7.12; SC62", BR },
	/* usage */
	{ "public.eku.server-only", "2027-03-15", NULL, false, false, DATED_DROP, other_usage, 0,
	    "new certificates are for TLS servers only since 15 Mar 2027",
	    "Chrome Root Program 1.8, 1.3.2", CHROME },
	/* life */
	{ "public.life", "2018-03-01", "2020-09-01", false, false, DATED_LIMIT, NULL, 825,
	    "at most 825 days", "BR 6.3.2", BR },
	{ "public.life", "2020-09-01", "2026-03-15", false, false, DATED_LIMIT, NULL, 398,
	    "at most 398 days since 1 Sep 2020", "BR 6.3.2", BR },
	{ "public.life", "2026-03-15", "2027-03-15", false, false, DATED_LIMIT, NULL, 200,
	    "at most 200 days since 15 Mar 2026", "BR 6.3.2; SC-081v3", BR },
	{ "public.life", "2027-03-15", "2029-03-15", false, false, DATED_LIMIT, NULL, 100,
	    "at most 100 days since 15 Mar 2027", "BR 6.3.2; SC-081v3", BR },
	{ "public.life", "2029-03-15", NULL, false, false, DATED_LIMIT, NULL, 47,
	    "at most 47 days since 15 Mar 2029", "BR 6.3.2; SC-081v3", BR },
	/* how control of the names is proved */
	{ "public.proof.wildcard", "2021-12-01", NULL, false, false, DATED_NOTE, any_wildcard, 0,
	    "a wildcard is proved by DNS, not by a file on a web server",
	    "BR 3.2.2.4.18 to 3.2.2.4.20", BR },
	{ "public.proof.exact", "2021-12-01", NULL, false, false, DATED_DUTY, NULL, 0,
	    "a file on a web server proves its exact name, and no name below it",
	    "BR 3.2.2.4.18 to 3.2.2.4.20", BR },
	{ "public.proof.reuse", NULL, "2026-03-15", false, false, DATED_NOTE, NULL, 398,
	    "a proof of control is good for 398 days", "BR 4.2.1", BR },
	{ "public.proof.reuse", "2026-03-15", "2027-03-15", false, false, DATED_NOTE, NULL, 200,
	    "a proof of control is good for 200 days", "BR 4.2.1; SC-081v3", BR },
	{ "public.proof.reuse", "2027-03-15", "2029-03-15", false, false, DATED_NOTE, NULL, 100,
	    "a proof of control is good for 100 days", "BR 4.2.1; SC-081v3", BR },
	{ "public.proof.reuse", "2029-03-15", NULL, false, false, DATED_NOTE, NULL, 10,
	    "a proof of control is good for 10 days", "BR 4.2.1; SC-081v3", BR },
	{ "public.proof.identity", "2026-03-15", NULL, false, true, DATED_NOTE, NULL, 0,
	    "what the authority verified of the organization is good for 398 days",
	    "BR 4.2.1; SC-081v3", BR },
	{ "public.proof.email", "2028-03-15", NULL, false, false, DATED_NOTE, NULL, 0,
	    "control of a domain is no longer proved by e-mail", "BR 3.2.2.4", BR },
	{ "public.proof.telephone", "2027-03-15", NULL, false, false, DATED_DUTY, NULL, 0,
	    "control of a domain is no longer proved by telephone", "SC-098", BR },
	{ "public.proof.dnssec", "2026-03-15", NULL, false, false, DATED_DUTY, NULL, 0,
	    "DNSSEC is validated when control and CAA are checked", "BR 4.2.1; SC-085", BR },
	{ "public.caa.parameters", "2027-03-15", NULL, false, false, DATED_DUTY, NULL, 0,
	    "accounturi and validationmethods of CAA records are obeyed", "SC-098", BR },
	/* what the authority sees to */
	{ "public.crl.reason", "2023-07-15", NULL, false, false, DATED_DUTY, NULL, 0,
	    "entries of a CRL carry a reason, and hold is never used", "BR 7.2.2; SC61", BR },
	{ "public.crl", "2024-03-15", NULL, false, false, DATED_DUTY, NULL, 0,
	    "the authority publishes CRLs, and certificates say where unless short-lived",
	    "BR 7.1.2.11.2", BR },
	{ "public.lint", "2025-03-15", NULL, false, false, DATED_DUTY, NULL, 0,
	    "certificates are linted before they are signed", "SC-075", BR },
	{ "public.perspectives", "2025-03-15", "2025-09-15", false, false, DATED_DUTY, NULL, 0,
	    "control is also looked at from other networks", "SC-067", BR },
	{ "public.perspectives", "2025-09-15", "2026-03-15", false, false, DATED_DUTY, NULL, 0,
	    "control is confirmed from two other networks", "SC-067", BR },
	{ "public.perspectives", "2026-03-15", "2026-06-15", false, false, DATED_DUTY, NULL, 0,
	    "control is confirmed from three other networks", "SC-067", BR },
	{ "public.perspectives", "2026-06-15", "2026-12-15", false, false, DATED_DUTY, NULL, 0,
	    "control is confirmed from four other networks", "SC-067", BR },
	{ "public.perspectives", "2026-12-15", NULL, false, false, DATED_DUTY, NULL, 0,
	    "control is confirmed from five other networks", "SC-067", BR },
	{ "public.short-lived", "2024-03-15", "2026-03-15", false, false, DATED_DUTY, NULL, 0,
	    "short-lived means at most 10 days", "BR 7.1.2.11.2", BR },
	{ "public.short-lived", "2026-03-15", NULL, false, false, DATED_DUTY, NULL, 0,
	    "short-lived means at most 7 days (604,800 seconds)", "BR 1.6.1", BR },
	{ "public.log", "2026-06-15", NULL, false, false, DATED_DUTY, NULL, 0,
	    "the precertificate is in a CT log before the certificate is issued",
	    "Chrome Root Program 1.8, 1.3.4.1", CHROME },
	{ "public.signature.sha1", "2026-09-15", NULL, false, false, DATED_DUTY, NULL, 0,
	    "no certificate and no CRL is signed with SHA-1", "SC-097", BR },
	{ "public.aia", NULL, "2026-10-04", false, false, DATED_DUTY, NULL, 0,
	    "certificates must say where their issuer's certificate is", "BR 7.1.2.7.7", BR },
	{ "public.aia", "2026-10-04", NULL, false, false, DATED_DUTY, NULL, 0,
	    "certificates should say where their issuer's certificate is", "SC-104; BR 2.3.1", BR },
	{ NULL, NULL, NULL, false, false, DATED_DUTY, NULL, 0, NULL, NULL, NULL }
};

bool
dated_in_force(const struct dated_rule *r, enum validation v, const char *day)
{
	if (v == VALIDATION_PRIVATE || (r->dv_only && v != VALIDATION_DV) ||
	    (r->ov_only && v != VALIDATION_OV))
		return false;
	return in_force(r->from, r->until, day);
}

const struct dated_rule *
dated_find(enum validation v, const char *day, const struct items *all, const struct item *it)
{
	const struct dated_rule *found = NULL;

	for (const struct dated_rule *r = dated_rules; r->id != NULL; r++) {
		if ((r->effect != DATED_DROP && r->effect != DATED_REFUSE) ||
		    !dated_in_force(r, v, day) || !r->hits(all, it))
			continue;
		if (found == NULL || (found->effect == DATED_DROP && r->effect == DATED_REFUSE))
			found = r;
	}
	return found;
}

const struct dated_rule *
dated_limit(enum validation v, const char *day)
{
	for (const struct dated_rule *r = dated_rules; r->id != NULL; r++)
		if (r->effect == DATED_LIMIT && dated_in_force(r, v, day))
			return r;
	return NULL;
}

static int64_t
day_begins(const char *day)
{
	int64_t at = 0;

	day_parse(day, &at);
	return at;
}

int64_t
dated_proof_end(int64_t proved)
{
	int64_t end = 0, from;

	for (const struct dated_rule *r = dated_rules; r->id != NULL; r++) {
		if (strcmp(r->id, "public.proof.reuse") != 0)
			continue;
		from = r->from == NULL ? 0 : day_begins(r->from);
		end = proved + r->days * 86400;
		/* one that the day before was still good for */
		if (end < from)
			end = from;
		if (r->until == NULL || end < day_begins(r->until))
			break;
	}
	return end;
}
