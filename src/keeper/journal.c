/*
 * journal.c - what the keeper itself remembers, append-only
 *
 * Record: u32 length of what follows | u8 type | payload | 16 bytes of MAC,
 * MAC = HMAC-SHA256(key, previous MAC || type || payload), cut to 16 bytes.
 */
#include <sys/stat.h>

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "base/io.h"
#include "base/log.h"
#include "keeper/journal.h"

#define RECORD_HEAD	  1 /* u64 sequence, hash, string signature */
#define RECORD_DESTROYED  2 /* string id */
#define RECORD_CHECKPOINT 3 /* u64 position, u64 certificates, MAC */
#define RECORD_CUSTODIAN  4 /* string account, hash of its seed: one more */
#define RECORD_LEFT	  5 /* string account: one custodian less */
#define RECORD_MAX	  4096

struct journal {
	int fd;
	unsigned char key[32];
	unsigned char mac[CHAIN_MAC]; /* of the last record */
	pthread_mutex_t lock;
	uint64_t sequence;
	unsigned char hash[32];
	char (*destroyed)[ID_SIZE];
	size_t ndestroyed;
	struct checkpoint checkpoint;
	struct roster roster;
};

static int
remember_destroyed(struct journal *j, const char *id)
{
	void *more = realloc(j->destroyed, (j->ndestroyed + 1) * ID_SIZE);

	if (more == NULL)
		return -1;
	j->destroyed = more;
	snprintf(j->destroyed[j->ndestroyed++], ID_SIZE, "%s", id);
	return 0;
}

static int
take_checkpoint(struct view *v, struct checkpoint *c)
{
	const unsigned char *mac;

	if (view_u64(v, &c->position) < 0 || view_u64(v, &c->certificates) < 0 ||
	    view_bytes(v, &mac, CHAIN_MAC) < 0)
		return -1;
	memcpy(c->mac, mac, CHAIN_MAC);
	return view_end(v);
}

static int
take_custodian(struct journal *j, struct view *v, uint8_t type)
{
	const unsigned char *seed = NULL;
	char id[ID_SIZE];

	if (view_cstring(v, id, sizeof(id)) < 0 ||
	    (type == RECORD_CUSTODIAN && view_bytes(v, &seed, 32) < 0) || view_end(v) < 0)
		return -1;
	return type == RECORD_CUSTODIAN ? roster_add(&j->roster, id, seed)
					: roster_remove(&j->roster, id);
}

static int
take_record(struct journal *j, const unsigned char *body, size_t len)
{
	struct view v = view_of(body, len);
	const unsigned char *hash, *signature;
	char id[ID_SIZE];
	uint8_t type = 0;
	size_t n;

	view_u8(&v, &type);
	if (type == RECORD_DESTROYED)
		return view_cstring(&v, id, sizeof(id)) < 0 || view_end(&v) < 0
		    ? -1
		    : remember_destroyed(j, id);
	if (type == RECORD_CHECKPOINT)
		return take_checkpoint(&v, &j->checkpoint);
	if (type == RECORD_CUSTODIAN || type == RECORD_LEFT)
		return take_custodian(j, &v, type);
	if (type != RECORD_HEAD || view_u64(&v, &j->sequence) < 0 ||
	    view_bytes(&v, &hash, 32) < 0 || view_string(&v, &signature, &n, 1024) < 0)
		return -1;
	memcpy(j->hash, hash, 32);
	return view_end(&v);
}

static int
damaged(struct err *e, off_t at)
{
	err_set(e, R_JOURNAL_DAMAGED, NULL, "the keeper's journal is damaged at byte %lld%s",
	    (long long)at, at == 0 ? ", or the file kek is not the one it was written under" : "");
	return err_hint(
	    e, "put back the journal file of the same moment as the kek and the database");
}

/*
 * What is left at the end is no whole record. Was it cut short by a power
 * failure? Then it is the beginning of one, the rest missing or zero. If some
 * length makes it authentic, only its length was changed: that is damage.
 */
static bool
is_torn(const struct journal *j, const unsigned char *rest, size_t n)
{
	unsigned char mac[CHAIN_MAC];
	size_t len;

	if (n <= 4 || chain_unwritten(rest, n))
		return true;
	len = (size_t)rest[0] << 24 | (size_t)rest[1] << 16 | (size_t)rest[2] << 8 | rest[3];
	if (len <= CHAIN_MAC || len > RECORD_MAX || n > 4 + len)
		return false;
	if (n == 4 + len)
		return chain_unwritten(rest + n - CHAIN_MAC / 2, CHAIN_MAC / 2);
	for (size_t body = 1; body + CHAIN_MAC <= n - 4; body++) {
		chain_mac(j->key, j->mac, rest + 4, body, mac);
		if (memcmp(mac, rest + 4 + body, CHAIN_MAC) == 0)
			return false;
	}
	return true;
}

/* One record of the `n` bytes at p: its whole length, 0 when it is none. */
static size_t
replay_one(struct journal *j, const unsigned char *p, size_t n)
{
	unsigned char mac[CHAIN_MAC];
	size_t len;

	if (n < 4)
		return 0;
	len = (size_t)p[0] << 24 | (size_t)p[1] << 16 | (size_t)p[2] << 8 | p[3];
	if (len <= CHAIN_MAC || len > RECORD_MAX || n - 4 < len)
		return 0;
	chain_mac(j->key, j->mac, p + 4, len - CHAIN_MAC, mac);
	if (memcmp(mac, p + 4 + len - CHAIN_MAC, CHAIN_MAC) != 0 ||
	    take_record(j, p + 4, len - CHAIN_MAC) < 0)
		return 0;
	memcpy(j->mac, mac, CHAIN_MAC);
	return 4 + len;
}

/* Read all records; a last one that was cut short is cut off. */
static int
replay(struct journal *j, off_t size, struct err *e)
{
	unsigned char piece[4 + RECORD_MAX] = { 0 };
	off_t at = 0;
	size_t n = 0, used;

	for (; at < size; at += (off_t)used) {
		n = size - at < (off_t)sizeof(piece) ? (size_t)(size - at) : sizeof(piece);
		if (pread(j->fd, piece, n, at) != (ssize_t)n)
			return err_errno(e, "read the keeper's journal");
		if ((used = replay_one(j, piece, n)) == 0)
			break;
	}
	if (at == size)
		return 0;
	if (size - at > (off_t)n || !is_torn(j, piece, n))
		return damaged(e, at);
	log_warn("journal: a record cut short at byte %lld is dropped", (long long)at);
	if (ftruncate(j->fd, at) < 0)
		return err_errno(e, "mend the keeper's journal");
	return 0;
}

int
journal_open(struct journal **out, int fd, const unsigned char mac_key[32], struct err *e)
{
	struct journal *j = calloc(1, sizeof(*j));
	struct stat st;

	if (j == NULL)
		return err_nomem(e);
	j->fd = fd;
	memcpy(j->key, mac_key, sizeof(j->key));
	pthread_mutex_init(&j->lock, NULL);
	if (fstat(fd, &st) < 0) {
		err_errno(e, "read the keeper's journal");
	} else if (replay(j, st.st_size, e) == 0) {
		*out = j;
		return 0;
	}
	journal_free(j);
	return -1;
}

void
journal_free(struct journal *j)
{
	if (j == NULL)
		return;
	free(j->destroyed);
	explicit_bzero(j, sizeof(*j));
	free(j);
}

/* Lock held. Disk full is said; any other failure ends the process. */
static int
append(struct journal *j, const struct buf *body, struct err *e)
{
	AUTO_BUF struct buf record = { 0 };
	unsigned char mac[CHAIN_MAC];
	off_t end = lseek(j->fd, 0, SEEK_END);

	chain_mac(j->key, j->mac, body->data, body->len, mac);
	buf_put_u32(&record, (uint32_t)(body->len + CHAIN_MAC));
	buf_put(&record, body->data, body->len);
	buf_put(&record, mac, CHAIN_MAC);
	if (write_full(j->fd, record.data, record.len) < 0) {
		err_errno(e, "write the keeper's journal");
		err_hint(e, "make room on the disk of the data directory");
		if (ftruncate(j->fd, end) < 0) {
			log_error("journal: %s; ending", e->message);
			_exit(1);
		}
		return -1;
	}
	if (fdatasync(j->fd) < 0) {
		log_error("journal: fsync failed: %s; ending", strerror(errno));
		_exit(1);
	}
	memcpy(j->mac, mac, CHAIN_MAC);
	return 0;
}

int
journal_check_head(
    struct journal *j, uint64_t sequence, const unsigned char hash[32], struct err *e)
{
	int r = 0;

	pthread_mutex_lock(&j->lock);
	if (sequence < j->sequence)
		err_set(e, R_ANCHOR_OLDER, NULL, "audit head %llu is older than the anchored %llu",
		    (unsigned long long)sequence, (unsigned long long)j->sequence);
	else if (sequence == j->sequence && memcmp(hash, j->hash, 32) != 0)
		err_set(e, R_ANCHOR_OTHER, NULL, "audit head %llu was anchored with another hash",
		    (unsigned long long)sequence);
	else if (sequence == j->sequence)
		r = 1;
	pthread_mutex_unlock(&j->lock);
	if (!err_is_set(e))
		return r;
	return err_hint(
	    e, "the audit in the database was changed or put back: see `certwright audit verify`");
}

int
journal_append_head(struct journal *j, uint64_t sequence, const unsigned char hash[32],
    const struct bytes *signature, struct err *e)
{
	AUTO_BUF struct buf body = { 0 };
	int r = 0;

	buf_put_u8(&body, RECORD_HEAD);
	buf_put_u64(&body, sequence);
	buf_put(&body, hash, 32);
	buf_put_string(&body, signature->data, signature->len);
	pthread_mutex_lock(&j->lock);
	if (sequence > j->sequence) {
		if ((r = append(j, &body, e)) == 0) {
			j->sequence = sequence;
			memcpy(j->hash, hash, 32);
		}
	}
	pthread_mutex_unlock(&j->lock);
	return r;
}

int
journal_append_destroyed(struct journal *j, const char *id, struct err *e)
{
	AUTO_BUF struct buf body = { 0 };
	int r;

	buf_put_u8(&body, RECORD_DESTROYED);
	buf_put_cstring(&body, id);
	pthread_mutex_lock(&j->lock);
	if ((r = append(j, &body, e)) == 0 && remember_destroyed(j, id) < 0)
		r = err_nomem(e);
	pthread_mutex_unlock(&j->lock);
	return r;
}

bool
journal_is_destroyed(struct journal *j, const char *id)
{
	bool found = false;

	pthread_mutex_lock(&j->lock);
	for (size_t i = 0; i < j->ndestroyed && !found; i++)
		found = strcmp(j->destroyed[i], id) == 0;
	pthread_mutex_unlock(&j->lock);
	return found;
}

void
journal_head(struct journal *j, uint64_t *sequence, unsigned char hash[32])
{
	pthread_mutex_lock(&j->lock);
	*sequence = j->sequence;
	memcpy(hash, j->hash, 32);
	pthread_mutex_unlock(&j->lock);
}

uint32_t
journal_destroyed_count(struct journal *j)
{
	uint32_t n;

	pthread_mutex_lock(&j->lock);
	n = (uint32_t)j->ndestroyed;
	pthread_mutex_unlock(&j->lock);
	return n;
}

void
journal_checkpoint(struct journal *j, struct checkpoint *c)
{
	pthread_mutex_lock(&j->lock);
	*c = j->checkpoint;
	pthread_mutex_unlock(&j->lock);
}

int
journal_append_checkpoint(struct journal *j, const struct checkpoint *c, struct err *e)
{
	AUTO_BUF struct buf body = { 0 };
	int r;

	buf_put_u8(&body, RECORD_CHECKPOINT);
	buf_put_u64(&body, c->position);
	buf_put_u64(&body, c->certificates);
	buf_put(&body, c->mac, CHAIN_MAC);
	pthread_mutex_lock(&j->lock);
	if ((r = append(j, &body, e)) == 0)
		j->checkpoint = *c;
	pthread_mutex_unlock(&j->lock);
	return r;
}

int
journal_append_custodian(
    struct journal *j, const char *id, const unsigned char seed[32], struct err *e)
{
	AUTO_BUF struct buf body = { 0 };
	int r;

	buf_put_u8(&body, seed != NULL ? RECORD_CUSTODIAN : RECORD_LEFT);
	buf_put_cstring(&body, id);
	if (seed != NULL)
		buf_put(&body, seed, 32);
	pthread_mutex_lock(&j->lock);
	if ((r = append(j, &body, e)) == 0 &&
	    (seed != NULL ? roster_add(&j->roster, id, seed) : roster_remove(&j->roster, id)) < 0)
		abort(); /* the caller looked */
	pthread_mutex_unlock(&j->lock);
	return r;
}

void
journal_roster(struct journal *j, struct roster *out)
{
	pthread_mutex_lock(&j->lock);
	*out = j->roster;
	pthread_mutex_unlock(&j->lock);
}
