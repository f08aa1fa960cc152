/*
 * ops_custodian.c - the keeper's operations about custodians and their codes
 */
#include <stdio.h>

#include <openssl/sha.h>

#include "base/text.h"
#include "keeper/custodian.h"
#include "keeper/ops_custodian.h"
#include "keeper/ops_impl.h"
#include "keeper/sign.h"
#include "wire/purpose.h"

static struct codeholder
holder(const struct message *q)
{
	return (struct codeholder){ .tenant = q->tenant, .id = q->id, .seed = q->data };
}

int
ops_admit_import(struct keeper_house *h, const struct message *q, EVP_PKEY *key, struct err *e)
{
	AUTO_BUF struct buf spki = { 0 };
	unsigned char hash[SHA256_DIGEST_LENGTH];
	char act[128], hex[2 * sizeof(hash) + 1];

	if ((q->purposes & PURPOSE_CERT) == 0)
		return 0;
	if (key_spki(key, &spki, e) < 0)
		return -1;
	SHA256(spki.data, spki.len, hash);
	hex_encode(hex, hash, sizeof(hash));
	snprintf(act, sizeof(act), "import %s", hex);
	return custodians_spend(h->custodians, &q->tickets, act, e);
}

int
answer_code(struct keeper_house *h, const struct message *q, struct answer *a)
{
	struct codeholder who = holder(q);
	int64_t step;

	if (custodians_code(h->custodians, &who, q->code, &step, &a->m.why) < 0)
		return -1;
	a->m.sequence = (uint64_t)step;
	return 0;
}

int
answer_approve(struct keeper_house *h, const struct message *q, struct answer *a)
{
	struct codeholder who = holder(q);
	unsigned char ticket[TICKET_SIZE];
	int64_t step;

	if (custodians_approve(h->custodians, &who, q->code, q->text, ticket, &step, &a->m.why) < 0)
		return -1;
	buf_reset(&a->data);
	buf_put(&a->data, ticket, sizeof(ticket));
	explicit_bzero(ticket, sizeof(ticket));
	a->m.data = (struct bytes){ a->data.data, a->data.len };
	a->m.sequence = (uint64_t)step;
	return 0;
}

int
answer_custodian_add(struct keeper_house *h, const struct message *q, struct answer *a)
{
	struct codeholder who = holder(q);

	return custodians_add(h->custodians, &who, &q->tickets, &a->m.why);
}

int
answer_custodian_remove(struct keeper_house *h, const struct message *q, struct answer *a)
{
	return custodians_remove(h->custodians, q->id, &q->tickets, &a->m.why);
}

int
answer_custodians(struct keeper_house *h, const struct message *q, struct answer *a)
{
	custodians_list(h->custodians, &a->data);
	a->m.data = (struct bytes){ a->data.data, a->data.len };
	return 0;
}
