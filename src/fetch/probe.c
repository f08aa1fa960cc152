/*
 * probe.c - which certificate does a server present?
 *
 * Old versions and weak keys are spoken, too: what is there is to be told, not
 * trusted. Nothing is sent but the handshake.
 */
#include <openssl/err.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"
#include "fetch/outside.h"

#define LINE_MAX_BYTES 1024 /* RFC 5321 4.5.3.1.5 asks for 512 */
#define LINES_MAX      100

static inline void
auto_free_ssl(SSL **s)
{
	SSL_free(*s);
}

static int
unreachable(struct job *j, const char *why)
{
	err_set(&j->err, R_FETCH_CONNECT, NULL, "%s port %u is not reached: %s", j->asked.host,
	    j->asked.port, why);
	return err_hint(&j->err, "see that the server is up and reached from here");
}

/* A connected, blocking socket; or -1 with *why. Who comes later has its share of the time. */
static int
connect_one(const struct target *t, int64_t deadline, const char **why)
{
	AUTO_CLOSE int fd = socket(
	    t->addr.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int64_t left = deadline - clock_monotonic_ms();
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	socklen_t size = sizeof(int);
	int fault = 0, r;

	if (fd >= 0 && connect(fd, (const void *)&t->addr, t->len) < 0)
		fault = errno;
	if (fd >= 0 && fault == EINPROGRESS) {
		r = poll(&p, 1, (int)(left > 0 ? left : 0));
		if (r <= 0)
			fault = ETIMEDOUT;
		else
			getsockopt(fd, SOL_SOCKET, SO_ERROR, &fault, &size);
	}
	if (fd < 0 || fault != 0 || fcntl(fd, F_SETFL, 0) < 0) {
		*why = strerror(fd < 0 || fault == 0 ? errno : fault);
		return -1;
	}
	return fcntl(fd, F_DUPFD_CLOEXEC, 0);
}

static int
connect_any(struct job *j, const struct target *t, size_t n, size_t *which)
{
	const char *why = "no address";
	int fd = -1;

	for (*which = 0; *which < n && fd < 0; ++*which) {
		int64_t now = clock_monotonic_ms();
		int64_t share = (j->deadline_ms - now) / (int64_t)(n - *which);

		job_stage(j, "connecting to %s port %u", j->asked.host, j->asked.port);
		fd = connect_one(&t[*which], now + share, &why);
	}
	--*which;
	return fd < 0 ? unreachable(j, why) : fd;
}

/* ---- STARTTLS of SMTP (RFC 3207) --------------------------------------------------- */

static int
no_starttls(struct job *j, const char *why)
{
	err_set(&j->err, R_FETCH_TLS, NULL, "%s port %u does not start TLS: %s", j->asked.host,
	    j->asked.port, why);
	return err_hint(&j->err, "see that the mail server offers STARTTLS");
}

/* Byte by byte, so that nothing of what follows is taken. */
static int
read_line(int fd, char line[LINE_MAX_BYTES])
{
	for (size_t n = 0; n < LINE_MAX_BYTES; n++) {
		if (read(fd, line + n, 1) != 1)
			return -1;
		if (line[n] == '\n') {
			line[n] = '\0';
			return 0;
		}
	}
	return -1;
}

/* All lines of one reply; *offered: STARTTLS was among them. */
static int
read_reply(int fd, const char *code, bool *offered)
{
	char line[LINE_MAX_BYTES];

	for (int i = 0; i < LINES_MAX; i++) {
		if (read_line(fd, line) < 0 || strncmp(line, code, 3) != 0)
			return -1;
		if (strncasecmp(line + 4, "STARTTLS", 8) == 0)
			*offered = true;
		if (line[3] != '-')
			return 0;
	}
	return -1;
}

static int
say(int fd, const char *text)
{
	return send(fd, text, strlen(text), MSG_NOSIGNAL) == (ssize_t)strlen(text) ? 0 : -1;
}

static int
start_smtp(struct job *j, int fd)
{
	bool offered = false, no = false;

	job_stage(j, "waiting for the mail server at %s port %u", j->asked.host, j->asked.port);
	if (read_reply(fd, "220", &no) < 0)
		return no_starttls(j, "it does not greet as a mail server does");
	if (say(fd, "EHLO certwright\r\n") < 0 || read_reply(fd, "250", &offered) < 0)
		return no_starttls(j, "it does not answer EHLO");
	if (!offered)
		return no_starttls(j, "it does not offer it");
	if (say(fd, "STARTTLS\r\n") < 0 || read_reply(fd, "220", &no) < 0)
		return no_starttls(j, "it refuses to");
	return 0;
}

/* ---- TLS ---------------------------------------------------------------------------- */

static int
no_tls(struct job *j, int verdict)
{
	const char *why = ERR_reason_error_string(ERR_peek_last_error());

	if (why == NULL)
		why = verdict == SSL_ERROR_SYSCALL ? "the connection ended" : "it speaks no TLS";
	err_set(&j->err, R_FETCH_TLS, NULL, "no TLS with %s port %u: %s", j->asked.host,
	    j->asked.port, why);
	return err_hint(&j->err, "see that this port speaks TLS");
}

static int
put_chain(struct job *j, SSL *ssl, const struct target *t, struct buf *answer)
{
	STACK_OF(X509) *chain = SSL_get_peer_cert_chain(ssl);
	struct fetch_bytes certs[FETCH_CERTS_MAX] = { 0 };
	struct fetch_presented p = {
		.version = SSL_get_version(ssl), .address = t->text, .certs = certs
	};
	size_t total = 0;

	for (int i = 0; i < sk_X509_num(chain) && p.n < nitems(certs); i++) {
		unsigned char *der = NULL;
		int len = i2d_X509(sk_X509_value(chain, i), &der);

		if (len <= 0 || (total += (size_t)len) > FETCH_CHAIN_MAX) {
			OPENSSL_free(der);
			break;
		}
		certs[p.n++] =
		    (struct fetch_bytes){ arena_dup(j->arena, der, (size_t)len), (size_t)len };
		OPENSSL_free(der);
	}
	if (p.n == 0) {
		err_set(&j->err, R_FETCH_TLS, NULL, "%s port %u presents no certificate",
		    j->asked.host, j->asked.port);
		return err_hint(&j->err, "see which service answers there");
	}
	answer_tls(answer, &p);
	return 0;
}

int
do_tls(struct job *j, struct buf *answer)
{
	struct target targets[TARGETS_MAX];
	AUTO(ssl) SSL *ssl = NULL;
	AUTO_CLOSE int fd = -1;
	size_t n, which;
	int r;

	if (resolve(j, j->asked.host, j->asked.port, targets, &n) < 0 ||
	    (fd = connect_any(j, targets, n, &which)) < 0 ||
	    (j->asked.start == FETCH_SMTP && start_smtp(j, fd) < 0))
		return -1;
	job_stage(j, "speaking TLS with %s port %u", j->asked.host, j->asked.port);
	if ((ssl = SSL_new(j->outside->tls)) == NULL || SSL_set_fd(ssl, fd) != 1 ||
	    (j->asked.name[0] != '\0' && SSL_set_tlsext_host_name(ssl, j->asked.name) != 1))
		return err_nomem(&j->err);
	if ((r = SSL_connect(ssl)) != 1)
		return no_tls(j, SSL_get_error(ssl, r));
	return put_chain(j, ssl, &targets[which], answer);
}
