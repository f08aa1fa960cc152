/*
 * der_names.c - alternative names, written (RFC 5280 4.2.1.6)
 */
#include <arpa/inet.h>

#include "x509/der_names.h"
#include "x509/der_put.h"

void
der_put_general_name(struct buf *b, const struct san *s)
{
	unsigned char ip[16];

	switch (s->type) {
	case SAN_DNS:
		der_put(b, DER_CONTEXT_PRIMITIVE(2), s->text, strlen(s->text));
		return;
	case SAN_EMAIL:
		der_put(b, DER_CONTEXT_PRIMITIVE(1), s->text, strlen(s->text));
		return;
	case SAN_URI:
		der_put(b, DER_CONTEXT_PRIMITIVE(6), s->text, strlen(s->text));
		return;
	case SAN_IP:
		if (inet_pton(AF_INET, s->text, ip) == 1)
			der_put(b, DER_CONTEXT_PRIMITIVE(7), ip, 4);
		else if (inet_pton(AF_INET6, s->text, ip) == 1)
			der_put(b, DER_CONTEXT_PRIMITIVE(7), ip, 16);
		return;
	case SAN_OTHER:
		return; /* names_parse makes none */
	}
}
