/*
 * fuzz_ops.c - any bytes as a question to the keeper, in process
 *
 * A blob cannot be guessed: one byte stands for a key that is there (see
 * keys[]). Their private parts are fixed, so that a corpus can hold messages
 * that they sign. What takes long or ends elsewhere is left out: RSA, an
 * export, a reader.
 */
#include <sys/mman.h>

#include <stdio.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "keeper/import.h"
#include "keeper/journal.h"
#include "keeper/ops.h"
#include "keeper/vault.h"
#include "wire/purpose.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);

static const uint32_t keys[] = { PURPOSE_CSR, PURPOSE_CSR | PURPOSE_TLS_SERVER,
	PURPOSE_SELF_SIGNED | PURPOSE_TLS_SERVER, PURPOSE_AUDIT };

static struct keeper_house house;
static struct answer answer;
static struct buf blobs[nitems(keys)];
static int journal = -1;

static void
must(int r)
{
	if (r < 0)
		abort();
}

static void
house_close(void)
{
	vault_free(house.vault);
	journal_free(house.journal);
	import_free(house.import);
	close(journal);
}

static void
house_open(void)
{
	static const unsigned char kek[KEK_SIZE] = { 1 }, priv[32] = { 2 };
	int fd = memfd_create("kek", MFD_CLOEXEC);
	struct err e = { 0 };

	must(fd);
	must(write(fd, kek, sizeof(kek)) == sizeof(kek) ? 0 : -1);
	lseek(fd, 0, SEEK_SET);
	must(vault_open(&house.vault, fd, &e));
	close(fd);
	journal = memfd_create("journal", MFD_CLOEXEC);
	must(journal_open(&house.journal, journal, kek, &e));
	vault_set_journal(house.vault, house.journal);
	house.import = import_new(-1);
	for (size_t i = 0; i < nitems(keys); i++) {
		struct key_head head = {
			.tenant = "system", .type = WIRE_ED25519, .purposes = keys[i]
		};
		EVP_PKEY *key = EVP_PKEY_new_raw_private_key(
		    EVP_PKEY_ED25519, NULL, priv, sizeof(priv));

		snprintf(head.id, sizeof(head.id), "01jz000000000000000000000%zu", i);
		must(vault_wrap(house.vault, &head, key, &blobs[i], &e));
		EVP_PKEY_free(key);
	}
}

/* The question with a key that is there; false: leave it out. */
static bool
prepare(struct buf *question, const unsigned char *data, size_t len)
{
	struct message q;
	const struct buf *b;

	buf_put(question, data, len);
	if (message_unpack(&q, data, len, false) < 0)
		return true;
	if ((q.op == OP_GENERATE && q.type == WIRE_RSA) || q.op == OP_IMPORT ||
	    q.op == OP_IMPORT_SEALED)
		return false;
	if (q.blob.len != 1 || q.blob.data[0] >= nitems(keys))
		return true;
	b = &blobs[q.blob.data[0]];
	q.blob = (struct bytes){ b->data, b->len };
	message_pack(question, &q, false);
	return true;
}

static void
judge(const struct buf *question, const struct buf *out)
{
	struct message q, a;

	must(message_unpack(&q, question->data, question->len, false));
	must(message_unpack(&a, out->data, out->len, true));
	if (a.op != q.op || (a.refused && a.why.message[0] == '\0'))
		abort();
	/* P13: no signature but of what is recognised */
	if (q.op == OP_SIGN && !a.refused && q.purposes != PURPOSE_CSR &&
	    q.purposes != PURPOSE_TLS_SERVER && q.purposes != PURPOSE_SELF_SIGNED)
		abort();
	if (q.op == OP_EXPORT && !a.refused)
		abort(); /* none of these keys leaves */
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	AUTO_BUF struct buf question = { 0 }, out = { 0 };
	struct message q;

	if (len < 2 || data[0] != WIRE_VERSION)
		return 0;
	house_open();
	if (prepare(&question, data, len)) {
		if (ops_answer(&house, question.data, question.len, &answer, &out) == 0)
			judge(&question, &out);
		else if (message_unpack(&q, question.data, question.len, false) == 0)
			abort();
	}
	house_close();
	return 0;
}
