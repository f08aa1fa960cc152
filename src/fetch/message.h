/*
 * message.h - what the front asks certwright-fetch, and what it answers
 *
 * A packet a job and a packet an answer, over a SOCK_SEQPACKET pair of the job's
 * own. Whole numbers are big-endian, a text is a u32 length and its bytes.
 *
 *	job	u8 kind, u32 time in ms, then
 *	 'T'	text host, u16 port, text name (SNI, or empty), u8 enum fetch_start
 *	 'H'	text url
 *	 'D'	text name
 *	answer	u8 0, then
 *	 'T'	text version, text address, u8 n, n times: text DER
 *	 'H'	u16 status, text body
 *	 'D'	u8 n, n times: text record
 *	refusal	u8 1, text id, text message, text hint
 *
 * What is malformed ends the process that reads it, or is R_FETCH_STOPPED.
 */
#pragma once

#include "base/buf.h"
#include "fetch/fetch.h"

#define FETCH_KIND	'F'		/* the byte of the spawner's door */
#define FETCH_JOB_MAX	4096
#define FETCH_ANSWER_MAX (128 * 1024)
#define FETCH_GRACE_MS	500		/* above its time, until its process is killed */

enum fetch_job_kind { JOB_TLS = 'T', JOB_HTTP = 'H', JOB_TXT = 'D' };

struct fetch_job {
	char		 kind;
	uint32_t	 time_ms;
	char		 host[256];	/* 'T' */
	uint16_t	 port;
	char		 name[256];	/* 'T', 'D' */
	uint8_t		 start;
	char		 url[FETCH_URL_MAX + 1];
};

/* One that does not fit is refused: R_FETCH_TARGET. */
int	job_put(struct buf *, const struct fetch_job *, struct err *);
/* -1: malformed. */
int	job_read(struct view, struct fetch_job *);

void	answer_tls(struct buf *, const struct fetch_presented *);
void	answer_http(struct buf *, const struct fetch_answer *);
void	answer_txt(struct buf *, const struct fetch_bytes *, size_t n);
void	answer_refusal(struct buf *, const struct err *);
/* -1: the refusal it brought, or R_FETCH_STOPPED for what is none. */
int	answer_read_tls(struct view, struct arena *, struct fetch_presented *, struct err *);
int	answer_read_http(struct view, struct arena *, struct fetch_answer *, struct err *);
int	answer_read_txt(struct view, struct arena *, struct fetch_bytes **, size_t *,
	    struct err *);
