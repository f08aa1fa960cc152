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
 *	 'M'	text host, u16 port, u8 enum fetch_security, text user, text password,
 *		text from, text to, text ca, text message
 *	 'P'	text url, text signature, text ca, text body
 *	answer	u8 0, then
 *	 'T'	text version, text address, u8 n, n times: text DER
 *	 'H'	u16 status, text body
 *	 'D'	u8 n, n times: text record
 *	 'M'	nothing
 *	 'P'	u16 status
 *	refusal	u8 1, text id, text message, text hint
 *
 * What is malformed ends the process that reads it, or is R_FETCH_STOPPED.
 */
#pragma once

#include "base/buf.h"
#include "fetch/fetch.h"

#define FETCH_KIND	'F'		/* the byte of the spawner's door */
#define FETCH_JOB_MAX	(104 * 1024)
#define FETCH_ANSWER_MAX (128 * 1024)
#define FETCH_GRACE_MS	500		/* above its time, until its process is killed */

enum fetch_job_kind { JOB_TLS = 'T', JOB_HTTP = 'H', JOB_TXT = 'D', JOB_MAIL = 'M', JOB_POST = 'P' };

struct fetch_job {
	char		 kind;
	uint32_t	 time_ms;
	char		 host[256];	/* 'T', 'M' */
	uint16_t	 port;
	char		 name[256];	/* 'T', 'D' */
	uint8_t		 start;		/* 'M': enum fetch_security */
	char		 url[FETCH_URL_MAX + 1];	/* 'H', 'P' */
	char		 user[256], password[256];	/* 'M'; "" none */
	char		 from[320], to[320];
	char		 signature[128];		/* 'P' */
	struct fetch_bytes ca, message;			/* 'M', 'P': of the packet */
};

/* Into a member; from NULL: "". What is too long is refused: R_FETCH_TARGET. */
int	job_text(char *to, size_t size, const char *from, const char *what, struct err *);
/* One that does not fit is refused: R_FETCH_TARGET. */
int	job_put(struct buf *, const struct fetch_job *, struct err *);
/* -1: malformed. Certificates and message stay where they are. */
int	job_read(struct view, struct fetch_job *);

void	answer_tls(struct buf *, const struct fetch_presented *);
void	answer_http(struct buf *, const struct fetch_answer *);
void	answer_txt(struct buf *, const struct fetch_bytes *, size_t n);
void	answer_mail(struct buf *);
void	answer_post(struct buf *, unsigned status);
void	answer_refusal(struct buf *, const struct err *);
/* -1: the refusal it brought, or R_FETCH_STOPPED for what is none. */
int	answer_read_tls(struct view, struct arena *, struct fetch_presented *, struct err *);
int	answer_read_http(struct view, struct arena *, struct fetch_answer *, struct err *);
int	answer_read_txt(struct view, struct arena *, struct fetch_bytes **, size_t *,
	    struct err *);
int	answer_read_mail(struct view, struct err *);
int	answer_read_post(struct view, unsigned *status, struct err *);

/* client.c: one job, one answer, in the arena. time_ms 0: FETCH_TIME_MS. */
int	fetch_ask(struct fetcher *, struct fetch_job *, struct arena *, struct view *answer,
	    struct err *);
