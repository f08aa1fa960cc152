/*
 * op_scan.h - which certificates are out there? (an inventory)
 *
 * Servers are asked one after another by the thread of op_check.h, as the outbound
 * rules allow; certificates in files come with their names. A private key is never
 * taken.
 */
#pragma once

#include "store/found_row.h"

#define SCAN_MANY	64		/* servers in one request */
#define SCAN_MAX	1000		/* entries of a tenant's inventory */
#define SCAN_PLACE_MAX	261
#define SCAN_SOON_S	(30 * 86400)

/*
 * HOST:PORT, one a line: each is asked in a moment. R_COMPONENT_ADDRESS, R_SCAN_NONE,
 * R_SCAN_MANY, R_SCAN_FULL
 */
int	op_scan_servers(struct ctx *, const char *lines, const char *starttls, size_t *n);
/* The certificates of a file that are no CA's; of CAs alone the first. R_SCAN_KEY, R_SCAN_NAME,
 * R_SCAN_FULL; what readers_bundle refuses */
int	op_scan_file(struct ctx *, const char *name, const char *pem, size_t *n);
int	op_scan_list(struct ctx *, struct found_row **, size_t *);
int	op_scan_forget(struct ctx *, const char *id);

/* The thread's: 1: one was asked; 0: none is due; -1: try again. */
int	op_scan_step(struct ctx *);
