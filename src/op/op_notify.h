/*
 * op_notify.h - notices by mail and webhook (M33)
 *
 * A tenant says whom it has told and when; the system's own notices go to whom the
 * Super Admins name. What is worth a notice (notice.h) is gathered into one digest a
 * channel, at most one in so many minutes, and while one is on its way no other is
 * made: what happens meanwhile waits for the next. That it is told is noted in the
 * transaction that makes the digest, so that a crash loses none; one that was sent and
 * not noted is sent again, with the same Message-ID.
 */
#pragma once

#include "op/notice.h"

#define NOTIFY_ADDRESSES	10
#define NOTIFY_MINUTES		15		/* between two digests; the default */
#define NOTIFY_MINUTES_MAX	1440
#define NOTIFY_URL_MAX		1000
#define NOTIFY_SECRET_MIN	16
#define NOTIFY_SECRET_MAX	256
#define NOTIFY_CA_MAX		(32 * 1024)	/* PEM */

/* ---- the mail server: one for all tenants ---------------------------------------- */
struct notify_server {
	const char	*host;			/* NULL: there is none */
	int64_t		 port;
	const char	*tls;			/* "starttls" "implicit" "none" */
	const char	*user;			/* NULL: nobody signs in there */
	const char	*from;
	const char	*ca;			/* PEM, or NULL: what the system trusts */
	const unsigned char *password;		/* sealed at setting/notify.password */
	size_t		 password_len;
};
int	op_notify_server(struct ctx *, struct notify_server *);
/* What was typed. NULL: as it was; host "": no mail is sent any more. */
struct notify_server_words {
	const char	*host, *tls, *user, *password, *from, *ca;
	int64_t		 port;			/* 0: as it was, or that of `tls` */
};
/*
 * R_FIELD_REQUIRED, R_NOTIFY_HOST, R_NOTIFY_TLS (without TLS to this machine only),
 * R_NOTIFY_PASSWORD (another server gets none that was typed for the old one),
 * R_ACCOUNT_EMAIL, R_TEXT_*
 */
int	op_notify_server_set(struct ctx *, const struct notify_server_words *);

/* ---- whom a tenant has told --------------------------------------------------------- */
int	op_notify_load(struct ctx *, struct notify_row *);	/* never set: the defaults */
struct notify_words {				/* NULL, -1: as it was */
	const char	*addresses;		/* one a line or with commas between; "" none */
	const char	*webhook, *webhook_ca;	/* "" none */
	const char	*secret;		/* NULL or "": as it was */
	const char	*parts, *days;
	int64_t		 minutes;
};
/* R_NOTIFY_MANY, R_NOTIFY_URL, R_NOTIFY_SECRET, R_NOTIFY_MINUTES, R_NOTIFY_CA,
 * R_ACCOUNT_EMAIL, those of notice_parts and notice_days */
int	op_notify_set(struct ctx *, const struct notify_words *);

/* The channels that work: "mail:..." of each address where there is a server, "webhook". */
int	notify_channels(struct ctx *, const struct notify_row *, const struct notify_server *,
	    const char ***, size_t *);

/* ---- a test, end to end ---------------------------------------------------------- */
struct notify_tried {
	const char	*channel;
	const char	*failure;		/* NULL: it was taken */
};
/* Each channel of the tenant, now. R_NOTIFY_NONE; R_NOTIFY_OFTEN: of a tenant, whose
 * addresses may be anybody's, NOTIFY_TESTS in NOTIFY_TESTS_S */
#define NOTIFY_TESTS	6
#define NOTIFY_TESTS_S	600

int	op_notify_test(struct ctx *, struct notify_tried **, size_t *);

/* ---- the thread that sends (front/notices.h) ---------------------------------------- */
/* The next tenant behind `after`, which it moves on: 1 one was looked at, 0 all were. */
int	op_notify_gather(struct ctx *, char after[ID_SIZE]);
/* One message that is due: 1 it was tried, 0 there is none. */
int	op_notify_send(struct ctx *);
/* Until something was set, or for so long. true: something was set */
bool	op_notify_wait(int64_t ms);
