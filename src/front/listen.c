/*
 * listen.c - sockets that are bound before privileges are dropped
 */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <unistd.h>

#include "base/config.h"
#include "front/listen.h"

static int
bind_one(const struct addrinfo *ai, const char *address, struct err *e)
{
	int fd = socket(ai->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), on = 1;

	if (fd < 0)
		return err_errno(e, "make a socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	/* accepted sockets inherit it: without, each answer waits 40 ms */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (ai->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(fd, ai->ai_addr, ai->ai_addrlen) == 0 && listen(fd, 512) == 0)
		return fd;
	err_set(e, R_LISTEN, "listen", "could not listen on %s: %s", address,
	    errno == EADDRINUSE ? "the port is in use" : strerror(errno));
	if (errno == EADDRINUSE)
		err_hint(e, "end the program that uses it, or give another --listen ADDR:PORT");
	else
		err_hint(
		    e, "--listen takes an address of this machine; ports below 1024 need root");
	close(fd);
	return -1;
}

int
listen_tcp(const char *address, struct err *e)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
		.ai_flags = AI_PASSIVE | AI_NUMERICHOST | AI_NUMERICSERV },
			*ai = NULL;
	char host[64], port[8];
	int fd;

	if (config_address(address, host, port, e) < 0)
		return -1;
	if (getaddrinfo(host, port, &hints, &ai) != 0)
		return err_set(e, R_LISTEN, "listen", "\"%s\" is not an address", address);
	fd = bind_one(ai, address, e);
	freeaddrinfo(ai);
	return fd;
}

int
listen_unix(const char *path, struct err *e)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	mode_t before;

	if (fd < 0)
		return err_errno(e, "make a socket");
	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", path);
	unlink(path); /* the lock on the data directory is held */
	before = umask(0177);
	if (bind(fd, (struct sockaddr *)&sun, sizeof(sun)) < 0 || listen(fd, 128) < 0) {
		err_errno(e, "listen on %s", path);
		close(fd);
		fd = -1;
	}
	umask(before);
	return fd;
}
