/*
 * notify.h - sd_notify(3) without libsystemd: a datagram to $NOTIFY_SOCKET
 */
#pragma once

/* Before the sandbox closes: it opens the socket. */
void	notify_open(void);
void	notify_ready(void);
void	notify_stopping(void);
