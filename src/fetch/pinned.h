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
	size_t		 others;	/* addresses that come after it: each has its share of
					 * the time to connect */
	bool		 other;		/* it wanted to connect elsewhere */
	struct curl_slist *list;	/* freed by who made it */
};
/* A handle that connects there and nowhere else, within the job's time. NULL: no memory */
CURL	*pinned_open(struct pinned *, const char *protocol, uint16_t port);
/* curl_easy_perform; an address that let its share pass without a word, and others come
 * after it, is CURLE_COULDNT_CONNECT, too. */
CURLcode pinned_perform(struct pinned *, CURL *);
/* Whoever answers proves its name, to the job's CA or to what the system trusts. */
void	pinned_verify(CURL *, const struct job *);
/* Host and port of the job's URL, as libcurl will read it. R_FETCH_TARGET */
int	pinned_url(struct job *, const char *scheme, char host[256], uint16_t *port);
