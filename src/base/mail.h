/*
 * mail.h - an e-mail message as text (RFC 5322), made from what strangers named
 *
 * No value can end its header or its body: control characters become spaces, what is
 * not ASCII is encoded (RFC 2047, RFC 2045), and no line is longer than 76 characters.
 */
#pragma once

#include "base/buf.h"

struct mail {
	const char	*from, *to;		/* addresses, checked; nothing else goes in */
	const char	*subject;		/* UTF-8 */
	const char	*body;			/* UTF-8, lines end with LF */
	const char	*id;			/* left part of the Message-ID; stays the same when
						 * the message is sent again */
	int64_t		 at;			/* its date */
};
void	mail_compose(struct buf *, const struct mail *);
