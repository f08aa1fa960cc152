/*
 * pinned.h - libcurl, held to one address that was judged
 */
#pragma once

#include <curl/curl.h>

#include "fetch/outside.h"

DEFINE_AUTO(curl, CURL, curl_easy_cleanup)
DEFINE_AUTO(slist, struct curl_slist, curl_slist_free_all)

struct pinned {
	struct job	*job;
	const struct target *target;
	bool		 other;		/* it wanted to connect elsewhere */
	struct curl_slist *list;	/* freed by who made it */
};
/* A handle that connects there and nowhere else, within the job's time. NULL: no memory */
CURL	*pinned_open(struct pinned *, const char *protocol, uint16_t port);
/* Whoever answers proves its name, to the job's CA or to what the system trusts. */
void	pinned_verify(CURL *, const struct job *);
/* Host and port of the job's URL, as libcurl will read it. R_FETCH_TARGET */
int	pinned_url(struct job *, const char *scheme, char host[256], uint16_t *port);
