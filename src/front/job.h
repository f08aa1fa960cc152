/*
 * job.h - one request on its way: loop -> queue -> worker -> loop
 *
 * Made by the loop, owned by whoever has it. All text lives in its arena,
 * which is wiped when the answer has been sent.
 */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "front/filter.h"

#define JOB_HEADERS	12

struct job {
	struct job	*next;
	struct arena	*arena;
	/* question */
	const char	*method, *target;
	struct header	*headers;
	size_t		 nheaders;
	unsigned char	*body;
	size_t		 body_len;
	char		 source[64];	/* address of the peer */
	bool		 local;		/* Unix socket: root or the daemon's uid */
	int		 listener;	/* of the option listen; -1: another */
	bool		 plain;		/* without TLS: pki.h answers */
	/* answer */
	int		 status;
	const char	*type;
	struct buf	 out;
	struct header	 extra[JOB_HEADERS];
	size_t		 nextra;
	/* for the loop */
	void		*loop, *request;
};

struct job *job_new(void);
void	job_free(struct job *);
const char *job_header(const struct job *, const char *name);	/* NULL: none */
/* One more header of the answer. */
void	job_add(struct job *, const char *name, const char *value);
