/*
 * house.c - a real keeper for the tests, and what they ask of it
 */
#include <sys/socket.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <unistd.h>

#include "base/clock.h"
#include "house.h"

/* fd to exactly this number in the child, kept open over exec */
static void
place(int fd, int number)
{
	if (dup2(fd, number) < 0 || fcntl(number, F_SETFD, 0) < 0)
		_exit(9);
}

int
keeper_start(struct house *h)
{
	int pair[2], control[2];
	int kek = open(h->kek, O_RDONLY | O_CLOEXEC);
	int journal = open(h->journal, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
	int sign_journal = open(h->sign_journal, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600);

	if (kek < 0 || journal < 0 || sign_journal < 0 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control) < 0)
		return -1;
	if ((h->pid = fork()) == 0) {
		int k = fcntl(kek, F_DUPFD, 50), j = fcntl(journal, F_DUPFD, 50);
		int s = fcntl(sign_journal, F_DUPFD, 50);
		int r = fcntl(control[1], F_DUPFD, 50), c = fcntl(pair[1], F_DUPFD, 50);

		place(k, 3);
		place(j, 4);
		place(s, 5);
		place(r, 6);
		place(c, 7);
		close_range(8, ~0U, 0);
		execl(KEEPER_EXE, "certwright-keeper", "--kek", "3", "--journal", "4",
		    "--sign-journal", "5", "--readers", "6", "--connections", "7-7",
		    SANITIZED ? "--no-sandbox" : NULL, NULL);
		_exit(9);
	}
	close(pair[1]);
	close(control[1]);
	close(kek);
	close(journal);
	close(sign_journal);
	h->readers = control[0];
	h->keeper = keeper_attach(pair[0]);
	keys_thread(h->keeper);
	return 0;
}

int
keeper_stop(struct house *h)
{
	int status;

	keeper_detach(h->keeper);
	close(h->readers);
	waitpid(h->pid, &status, 0);
	return status;
}

int
keeper_ends(struct house *h)
{
	int status;

	assert_int_equal(keeper_start(h), 0);
	waitpid(h->pid, &status, 0);
	keeper_detach(h->keeper);
	close(h->readers);
	return WEXITSTATUS(status);
}

int
house_open(void **state)
{
	static bool loaded;
	struct house *h = calloc(1, sizeof(*h));
	unsigned char kek[32];
	int fd;

	h->arena = arena_new();
	snprintf(h->kek, sizeof(h->kek), "/tmp/cw-kek-XXXXXX");
	snprintf(h->journal, sizeof(h->journal), "/tmp/cw-journal-XXXXXX");
	random_bytes(kek, sizeof(kek));
	fd = mkstemp(h->kek);
	if (write(fd, kek, sizeof(kek)) != sizeof(kek))
		return -1;
	close(fd);
	close(mkstemp(h->journal));
	snprintf(h->sign_journal, sizeof(h->sign_journal), "/tmp/cw-sign-journal-XXXXXX");
	close(mkstemp(h->sign_journal));
	if (!loaded && keys_provider_load(&h->e) < 0)
		return -1;
	loaded = true;
	*state = h;
	return keeper_start(h);
}

int
house_close(void **state)
{
	struct house *h = *state;

	keeper_stop(h);
	unlink(h->kek);
	unlink(h->journal);
	unlink(h->sign_journal);
	arena_free(h->arena);
	free(h);
	return 0;
}

struct key_made
a_key(struct house *h, enum key_type type, unsigned purposes, bool exportable, char id[ID_SIZE])
{
	struct key_wish w = { .id = id,
		.tenant = "system",
		.type = type,
		.purposes = purposes,
		.exportable = exportable };
	struct key_made made;

	id_new(id);
	OK(keys_generate(h->keeper, &w, h->arena, &made, &h->e));
	return made;
}

EVP_PKEY *
opened(struct house *h, const struct key_made *m, enum key_purpose purpose)
{
	EVP_PKEY *key = NULL;

	OK(keys_open(m->blob, m->blob_len, m->spki, m->spki_len, purpose, &key, &h->e));
	return key;
}

void
add_ext(X509 *x, int nid, const char *value)
{
	X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

	assert_non_null(ext);
	X509_add_ext(x, ext, -1);
	X509_EXTENSION_free(ext);
}

X509 *
a_cert(EVP_PKEY *key, const char *subject, const char *issuer, int days, const char *constraints,
    const char *eku)
{
	X509 *x = X509_new();

	X509_set_version(x, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 7);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_UTF8,
	    (const unsigned char *)subject, -1, -1, 0);
	X509_NAME_add_entry_by_txt(
	    X509_get_issuer_name(x), "CN", MBSTRING_UTF8, (const unsigned char *)issuer, -1, -1, 0);
	X509_gmtime_adj(X509_getm_notBefore(x), 0);
	X509_time_adj_ex(X509_getm_notAfter(x), days, -1, NULL);
	X509_set_pubkey(x, key);
	if (constraints != NULL)
		add_ext(x, NID_basic_constraints, constraints);
	if (eku != NULL)
		add_ext(x, NID_ext_key_usage, eku);
	return x;
}
