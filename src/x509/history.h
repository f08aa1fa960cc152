/*
 * history.h - what another CA wrote down about its certificates
 *
 * OpenSSL's index.txt, see ca(1), which easy-rsa keeps, too. A line is a
 * certificate, its six fields have tabs between them: V, R or E (valid, revoked,
 * expired), its end, when it was revoked and why, its serial number in
 * hexadecimal, a file, its subject. Limits: a line has at most
 * HISTORY_LINE_MAX bytes, a serial 20 octets (RFC 5280 section 4.1.2.2), a
 * request LIMIT_HISTORY_LINES lines and LIMIT_HISTORY_FILES certificates.
 */
#pragma once

#include "base/arena.h"
#include "base/limits.h"
#include "x509/crl.h"

#define HISTORY_LINE_MAX	4096

struct history_line {
	char		 state;		/* 'V' 'R' 'E' */
	int64_t		 not_after;
	int64_t		 revoked_at;	/* 0: it is not */
	enum crl_reason	 reason;
	const char	*note;		/* a reason that became another one, in words; or NULL */
	const char	*serial;	/* hex, as the store has it */
	const char	*subject;	/* "/C=US/CN=www.example.com", without control characters */
	const char	*name;		/* its common name, or the subject */
};
/*
 * One line, without its end; all in the arena. -1: *fault says in words why it
 * cannot be used.
 */
int	history_line(struct arena *, const char *, size_t, struct history_line *,
	    const char **fault);
