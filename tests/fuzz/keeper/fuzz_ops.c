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

#include "fuzz_ca.h"
#include "keeper/custodian.h"
#include "keeper/import.h"
#include "keeper/journal.h"
#include "keeper/ops.h"
#include "keeper/signlog.h"
#include "keeper/vault.h"
#include "wire/purpose.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);

static const struct {
	uint32_t purposes;
	bool active; /* as a CA */
} keys[] = { { PURPOSE_CSR, false }, { PURPOSE_CSR | PURPOSE_TLS_SERVER, false },
	{ PURPOSE_SELF_SIGNED | PURPOSE_TLS_SERVER, false }, { PURPOSE_AUDIT, false },
	{ PURPOSE_ISSUER, true }, { PURPOSE_ROOT, false }, { PURPOSE_OCSP, false } };

static struct keeper_house house;
static struct answer answer;
static struct buf blobs[nitems(keys)];
static int journal = -1, sign_journal = -1;

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
	signlog_free(house.signlog);
	journal_free(house.journal);
	import_free(house.import);
	custodians_free(house.custodians);
	close(journal);
	close(sign_journal);
}

static void
house_open(void)
{
	static const unsigned char kek[KEK_SIZE] = { 1 };
	static struct buf certificate;
	int fd = memfd_create("kek", MFD_CLOEXEC);
	struct err e = { 0 };

	must(fd);
	must(write(fd, kek, sizeof(kek)) == sizeof(kek) ? 0 : -1);
	lseek(fd, 0, SEEK_SET);
	must(vault_open(&house.vault, fd, &e));
	close(fd);
	journal = memfd_create("journal", MFD_CLOEXEC);
	must(journal_open(&house.journal, journal, kek, &e));
	sign_journal = memfd_create("sign-journal", MFD_CLOEXEC);
	must(signlog_open(&house.signlog, sign_journal, kek, house.journal, &e));
	vault_set_journal(house.vault, house.journal);
	/* the number that a certificate of the corpus has */
	answer.serials.n = 1;
	memset(answer.serials.v[0], 0x11, SERIAL_SIZE);
	if (certificate.len == 0)
		fuzz_ca(&certificate, "ca", "critical,CA:TRUE,pathlen:0", NULL);
	house.import = import_new(-1);
	house.custodians = custodians_new(house.vault, house.journal);
	for (size_t i = 0; i < nitems(keys); i++) {
		struct key_head head = {
			.tenant = "system", .type = WIRE_ED25519, .purposes = keys[i].purposes
		};
		EVP_PKEY *key = fuzz_key();

		if (keys[i].active)
			head.certificate = (struct bytes){ certificate.data, certificate.len };
		snprintf(head.id, sizeof(head.id), "01jz000000000000000000000%zu", i);
		must(vault_wrap(house.vault, &head, key, &blobs[i], &e));
		EVP_PKEY_free(key);
	}
}

static bool prepare(struct buf *question, const unsigned char *data, size_t len);

static bool
prepare_several(struct buf *question, struct message *q)
{
	struct view v = view_of(q->data.data, q->data.len);
	AUTO_BUF struct buf data = { 0 };
	const unsigned char *one;
	size_t n;

	while (view_string(&v, &one, &n, v.len) == 0) {
		AUTO_BUF struct buf prepared = { 0 };

		if (!prepare(&prepared, one, n))
			return false;
		buf_put_string(&data, prepared.data, prepared.len);
	}
	buf_put(&data, v.data, v.len);
	q->data = (struct bytes){ data.data, data.len };
	message_pack(question, q, false);
	return true;
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
	if (q.op == OP_SIGN_SEVERAL)
		return prepare_several(question, &q);
	if (q.blob.len != 1 || q.blob.data[0] >= nitems(keys))
		return true;
	b = &blobs[q.blob.data[0]];
	q.blob = (struct bytes){ b->data, b->len };
	message_pack(question, &q, false);
	return true;
}

/* P2: is it in the sign journal? */
static bool
is_on_record(const struct bytes *tbs)
{
	char id[ID_SIZE];
	struct err e = { 0 };
	AUTO_BUF struct buf found = { 0 };
	uint64_t end;

	return signlog_next(house.signlog, 0, &end, id, &found, &e) == 0 && found.len == tbs->len &&
	    memcmp(found.data, tbs->data, tbs->len) == 0;
}

static void judge_bytes(const struct bytes *question, const struct bytes *out);

/* As many answers, each to its question. */
static void
judge_several(const struct message *q, const struct message *a)
{
	struct view questions = view_of(q->data.data, q->data.len);
	struct view answers = view_of(a->data.data, a->data.len);
	struct bytes one, other;

	while (questions.len > 0) {
		must(view_string(&questions, &one.data, &one.len, questions.len));
		must(view_string(&answers, &other.data, &other.len, answers.len));
		judge_bytes(&one, &other);
	}
	must(view_end(&answers));
}

static void
judge_bytes(const struct bytes *question, const struct bytes *out)
{
	struct message q, a;

	must(message_unpack(&q, question->data, question->len, false));
	must(message_unpack(&a, out->data, out->len, true));
	if (q.op == OP_SIGN_SEVERAL && !a.refused)
		judge_several(&q, &a);
	if (a.op != q.op || (a.refused && a.why.message[0] == '\0'))
		abort();
	/* P13: no signature but of what is recognised */
	if (q.op == OP_SIGN && !a.refused && q.purposes != PURPOSE_CSR &&
	    q.purposes != PURPOSE_TLS_SERVER && q.purposes != PURPOSE_SELF_SIGNED &&
	    q.purposes != PURPOSE_CERT && q.purposes != PURPOSE_CRL && q.purposes != PURPOSE_OCSP)
		abort();
	if (q.op == OP_SIGN && !a.refused && q.purposes == PURPOSE_CERT)
		must(is_on_record(&q.data) ? 0 : -1);
	if (q.op == OP_EXPORT && !a.refused)
		abort(); /* none of these keys leaves */
}

static void
judge(const struct buf *question, const struct buf *out)
{
	judge_bytes(&(struct bytes){ question->data, question->len },
	    &(struct bytes){ out->data, out->len });
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
