/*
 * deliver.c - a key that may be delivered, to certwright-deliver
 */
#include <sys/socket.h>

#include <stdio.h>

#include "keeper/deliver.h"
#include "keeper/ops_impl.h"
#include "wire/delivery.h"
#include "wire/purpose.h"

static int
may_go(const struct opened *key, struct err *e)
{
	if ((key->head.purposes & PURPOSE_DELIVER) == 0) {
		err_set(e, R_KEY_NOT_DELIVERABLE, NULL, "this key was not made to be delivered");
		return err_hint(e,
		    "make a new key that may be, and a certificate for it: `certwright key "
		    "generate --deliverable`");
	}
	if ((key->head.purposes & PURPOSE_TLS_SERVER) == 0)
		return err_set(
		    e, R_KEY_PURPOSE, NULL, "no certificate was installed for this key yet");
	return 0;
}

/* Nobody waits here: who does not take it in time asks again. */
static int
hand_over(int fd, const struct buf *b, struct err *e)
{
	if (fd >= 0 && send(fd, b->data, b->len, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)b->len)
		return 0;
	err_set(e, R_DELIVER_GONE, NULL, "nobody is there to deliver the key");
	return err_hint(e, "certwrightd delivers when it has a list of targets (--targets)");
}

int
deliver_key(int fd, const struct opened *key, const struct message *q, struct err *e)
{
	struct delivery_key k = { .spki = bytes_of(&key->spki) };
	AUTO_BUF struct buf pkcs8 = { 0 }, packet = { 0 };

	if (may_go(key, e) < 0 || vault_pkcs8(key->key, &pkcs8, e) < 0)
		return -1;
	memcpy(k.ticket, q->hash, sizeof(k.ticket));
	snprintf(k.target, sizeof(k.target), "%.64s", q->text);
	k.pkcs8 = bytes_of(&pkcs8);
	delivery_pack_key(&packet, &k);
	return hand_over(fd, &packet, e);
}
