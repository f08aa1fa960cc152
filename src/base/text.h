/*
 * text.h - hex, base64, UTF-8, ids, times: small pure functions over text
 */
#pragma once

#include "base/arena.h"
#include "base/base.h"
#include "base/err.h"

/* Lower-case hex; out holds 2 * n + 1 bytes. */
void	hex_encode(char *out, const void *data, size_t n);
char	*hex_of(struct arena *, const void *, size_t n);
/* "3f:a2:91", lower-case, in the arena */
char	*hex_colons(struct arena *, const void *, size_t n);
int	hex_digit(char);	/* its value; -1: it is none */
int	hex_decode(unsigned char *out, size_t size, const char *text, size_t *n);

/* Standard alphabet with padding, no line breaks (RFC 4648 section 4). */
char	*base64_encode(struct arena *, const void *, size_t n);
/* Unpadded URL alphabet (RFC 4648 section 5). */
char	*base64url_encode(struct arena *, const void *, size_t n);
/* Strict: either alphabet by `url`; whitespace refused. -1 when malformed. */
int	base64_decode(struct arena *, const char *, size_t len, bool url,
	    unsigned char **out, size_t *n);

/* Well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms, no NUL). */
bool	utf8_valid(const char *, size_t len);
void	utf8_mend(char *);			/* each malformed byte becomes '?' */
size_t	utf8_length(const char *);		/* characters of valid UTF-8 */
/* The character at *s (valid UTF-8); moves *s on; 0 at the end. */
uint32_t utf8_next(const char **s);
bool	text_is_control(uint32_t);		/* C0, DEL, C1, U+2028, U+2029 */
bool	text_is_bidi_control(uint32_t);		/* U+061C, 200E/F, 202A-E, 2066-9 */
bool	text_is_blank(const char *);		/* nothing but spaces of any kind */
/*
 * Text that a person typed and that will be shown again: valid UTF-8, no
 * control or bidi control characters. R_TEXT_* at `field` otherwise.
 */
int	text_check(struct err *, const char *field, const char *text);

/* In place: what follows the spaces before, cut off before those behind. */
char	*text_trim(char *);
bool	text_starts(const char *s, const char *prefix);
bool	text_ends(const char *s, const char *suffix);
char	*text_lower_ascii(struct arena *, const char *);
/* All but letters, digits and -._~ as %XX (RFC 3986 section 2.3). */
char	*url_encode(struct arena *, const char *);

/*
 * An external id: 26 characters of Crockford's base32 in lower case: 48 bits
 * of milliseconds (so that indexes grow at their right end), 80 random bits
 * (so that nobody guesses one). Each is larger than those this process made
 * before: the newest of a list is the last by id.
 */
#define ID_SIZE	27
void	id_new(char out[ID_SIZE]);
bool	id_valid(const char *);

/* RFC 3339, UTC: "2026-11-24T13:30:00Z"; out holds 21 bytes. */
struct tm time_utc(int64_t unix_seconds);
#define TIME_SIZE 21
void	time_format(char out[TIME_SIZE], int64_t unix_seconds);
int	time_parse(const char *, int64_t *unix_seconds);
/* "24 Nov 2026" and "24 Nov 2026, 13:30 UTC", in the arena */
char	*time_day(struct arena *, int64_t);
char	*time_minute(struct arena *, int64_t);
/* "in 8 days", "3 hours ago", "just now" */
char	*time_relative(struct arena *, int64_t when, int64_t now);
