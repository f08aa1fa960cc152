/*
 * audit_export.h - judge an audit export offline (P29)
 *
 * An export is NDJSON: an event a line in order, from the first on, and a
 * last line {"head": {...}}: sequence and hash of the newest event with the
 * keeper's signature. Judged with nothing but the file and, if at hand, a
 * head noted earlier ("SEQUENCE:HASH", as status and verify print it).
 */
#pragma once

#include "base/audit_chain.h"

enum audit_verdict {			/* also the exit code */
	AUDIT_WHOLE = 0,
	AUDIT_BROKEN = 5,
	AUDIT_UNREADABLE = 6,
};

struct audit_report {
	enum audit_verdict verdict;
	int64_t		 events;	/* read and found right */
	size_t		 line;		/* of the fault, from 1; 0 = none */
	int64_t		 sequence;	/* of the fault; 0 = none */
	char		 head[96];	/* "SEQUENCE:HASH" of the last right event */
	char		 key[65];	/* SHA-256 of the signing key, hex, or "" */
	char		 message[256];	/* what was found, one sentence */
	char		 unseen[320];	/* what this file alone cannot show, or "" */
};

/* head: NULL, or what was noted earlier; malformed: AUDIT_UNREADABLE. */
void	audit_export_verify(const void *data, size_t len, const char *head,
	    struct audit_report *);
