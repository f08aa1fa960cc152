/*
 * prepare.h - the daemon, and what it does while it may
 */
#pragma once

#include "base/config.h"
#include "front/children.h"
#include "front/http.h"
#include "wire/delivery.h"

/* The start itself, the anchor, certificates, notices, deliveries. */
#define EXTRA_KEEPERS	(4 + DELIVERY_AT_ONCE)

struct daemon {
	struct config config;
	int argc;
	char **argv;
	char folder[4000]; /* of this program */
	char share[4096], helpers[4096], config_file[4096], targets_file[4096];
	struct users users;
	struct children children;
	struct assets *assets;
	struct templates *templates;
	struct routes *routes;
	int listeners[LISTEN_MAX], plain[LISTEN_MAX], unix_listener, lock;
	size_t loops;
	struct house house;
	struct db *db;
	struct workers *workers;
	struct http *http;
	struct ctx **contexts; /* of the loops */
	struct err e;
};

/* Where templates, cards and the other programs are. */
void	prepare_folders(struct daemon *);
/* Sockets, files, children; then root is given up, and the sandbox is closed. */
int	prepare(struct daemon *);
