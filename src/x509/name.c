/*
 * name.c - the fields of a subject, as people type them
 *
 * Nothing is trimmed or re-cased: a value is taken byte for byte or refused.
 */
#include <stdio.h>

#include "base/limits.h"
#include "base/text.h"
#include "x509/countries.h"
#include "x509/name.h"

const struct country *
country_by_code(const char *code)
{
	for (const struct country *c = countries; c->code != NULL; c++)
		if (strcmp(c->code, code) == 0)
			return c;
	return NULL;
}

const char *
country_guess(const char *typed)
{
	/* what is typed most often instead; all else is left to the person */
	static const char *const wrong[][2] = {
		{ "UK", "GB" },
		{ "EN", "GB" },
		{ "USA", "US" },
		{ "GBR", "GB" },
		{ "DEU", "DE" },
		{ "GER", "DE" },
		{ "FRA", "FR" },
		{ "ITA", "IT" },
		{ "ESP", "ES" },
		{ "CAN", "CA" },
		{ "AUS", "AU" },
		{ "IND", "IN" },
		{ "CHN", "CN" },
		{ "JPN", "JP" },
		{ "JAP", "JP" },
		{ "BRA", "BR" },
		{ "MEX", "MX" },
		{ "NLD", "NL" },
		{ "BEL", "BE" },
		{ "CHE", "CH" },
		{ "AUT", "AT" },
		{ "SWE", "SE" },
		{ "NOR", "NO" },
		{ "DNK", "DK" },
		{ "FIN", "FI" },
		{ "POL", "PL" },
		{ "IRL", "IE" },
		{ "KOR", "KR" },
		{ "ZAF", "ZA" },
		{ "TUR", "TR" },
		{ "RUS", "RU" },
		{ "NZL", "NZ" },
		{ "PRT", "PT" },
		{ "GRC", "GR" },
		{ "SGP", "SG" },
		{ "ARE", "AE" },
	};
	char upper[8];
	size_t n = strlen(typed);
	const struct country *c;

	if (n >= sizeof(upper))
		return NULL;
	for (size_t i = 0; i <= n; i++)
		upper[i] = (char)(typed[i] >= 'a' && typed[i] <= 'z' ? typed[i] - 32 : typed[i]);
	for (size_t i = 0; i < nitems(wrong); i++)
		if (strcmp(wrong[i][0], upper) == 0)
			return wrong[i][1];
	c = country_by_code(upper);
	if (c != NULL)
		return c->code;
	for (c = countries; c->code != NULL; c++)
		if (strcmp(c->name, typed) == 0)
			return c->code;
	return NULL;
}

static int
country_hint(struct err *e, const char *guess)
{
	const struct country *c = guess == NULL ? NULL : country_by_code(guess);

	if (c == NULL)
		return err_hint(e, "use the two-letter code of ISO 3166, such as US or SE");
	return err_hint(e, "use %s (%s)", c->code, c->name);
}

int
name_check_country(struct err *e, const char *field, const char *value)
{
	const char *guess;

	if (value == NULL || value[0] == '\0')
		return err_set(e, R_NAME_EMPTY, field, "the country code is missing");
	if (text_check(e, field, value) < 0)
		return -1;
	if (country_by_code(value) != NULL)
		return 0;
	guess = country_guess(value);
	if (utf8_length(value) != 2) {
		if (guess != NULL)
			err_set(e, R_COUNTRY_LENGTH, field,
			    "\"%.16s\" has %zu characters; the ISO 3166 code has two letters: %s",
			    value, utf8_length(value), guess);
		else
			err_set(e, R_COUNTRY_LENGTH, field,
			    "a country code has exactly two letters (ISO 3166)");
		return country_hint(e, guess);
	}
	if (guess != NULL && (value[0] > 'Z' || value[1] > 'Z')) {
		err_set(e, R_COUNTRY_CASE, field,
		    "country codes are written in capital letters: %s", guess);
		return country_hint(e, guess);
	}
	if (guess != NULL)
		err_set(e, R_COUNTRY_UNKNOWN, field,
		    "\"%s\" is not an ISO 3166 country code; the code is %s", value, guess);
	else
		err_set(
		    e, R_COUNTRY_UNKNOWN, field, "\"%s\" is not an ISO 3166 country code", value);
	return country_hint(e, guess);
}

int
name_check_text(
    struct err *e, const char *field, const char *label, const char *value, size_t max_chars)
{
	size_t n;

	if (value == NULL || value[0] == '\0')
		return err_set(e, R_NAME_EMPTY, field, "%s is missing", label);
	if (text_check(e, field, value) < 0)
		return -1;
	if (text_is_blank(value)) {
		err_set(e, R_NAME_EMPTY, field, "%s holds nothing but spaces", label);
		return err_hint(e, "all seven fields are needed; a CA takes no blank one");
	}
	if ((n = utf8_length(value)) > max_chars) {
		err_set(e, R_NAME_LONG, field,
		    "%s has %zu characters, at most %zu fit into a certificate", label, n,
		    max_chars);
		return err_hint(e, "RFC 5280 sets this bound; nothing is cut off silently");
	}
	return 0;
}

/* RFC 5321 dot-string: atext separated by single dots. */
static bool
is_local_part(const char *s, size_t n)
{
	if (n == 0 || n > 64 || s[0] == '.' || s[n - 1] == '.')
		return false;
	for (size_t i = 0; i < n; i++) {
		char c = s[i];
		bool alnum = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9');

		if (c == '.' && s[i + 1] == '.')
			return false;
		if (!alnum && strchr(".!#$%&'*+-/=?^_`{|}~", c) == NULL)
			return false;
	}
	return true;
}

int
name_check_email(struct err *e, const char *field, const char *value)
{
	AUTO(arena) struct arena *a = NULL;
	const char *at, *domain;
	struct err why = { 0 };
	size_t n;

	if (name_check_text(e, field, "the e-mail address", value, 255) < 0)
		return -1;
	n = strlen(value);
	at = strrchr(value, '@');
	for (size_t i = 0; i < n; i++)
		if ((unsigned char)value[i] >= 0x80) {
			err_set(e, R_EMAIL_ASCII, field,
			    "an e-mail address in a certificate subject is ASCII only");
			return err_hint(e, "write an international domain in its xn-- form");
		}
	if (n > 128) {
		err_set(e, R_EMAIL_LONG, field,
		    "the e-mail address has %zu characters, at most 128 are supported", n);
		return err_hint(e, "RFC 5280 allows 255, but most software stops at 128");
	}
	if (at == NULL || !is_local_part(value, (size_t)(at - value))) {
		err_set(e, R_EMAIL_FORM, field, "this is not an e-mail address");
		return err_hint(e, "such as hostmaster@example.com");
	}
	a = arena_new();
	if (name_check_dns(&why, field, at + 1, a, &domain, NULL) < 0 || domain[0] == '*') {
		err_set(e, R_EMAIL_DOMAIN, field, "the part after @ is not a domain%s%s",
		    err_is_set(&why) ? ": " : "", why.message);
		return err_hint(e, "such as hostmaster@example.com");
	}
	return 0;
}
