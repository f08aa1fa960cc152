/*
 * signlog.c - the sign journal: what was signed with the keys of CAs
 */
#include <sys/stat.h>

#include <errno.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "base/io.h"
#include "base/log.h"
#include "keeper/signlog_impl.h"

/* All records behind the checkpoint; a torn tail is cut off. */
static int
replay(struct signlog *l, struct stretch *s, struct err *e)
{
	struct view record;
	size_t used;

	while ((used = stretch_next(l, s, &record)) > 0) {
		l->end += used;
		l->certificates += record.data[0] == CERTIFICATE;
	}
	memcpy(l->mac, s->mac, CHAIN_MAC);
	if (s->n == 0)
		return 0;
	if (!signlog_is_torn(l, s->p, l->end, s->n))
		return signlog_damaged(l->end, e);
	log_warn("sign journal: %zu bytes from byte %llu on were torn by a power failure: dropped",
	    s->n, (unsigned long long)l->end);
	if (ftruncate(l->fd, (off_t)l->end) < 0)
		return err_errno(e, "mend the sign journal");
	return 0;
}

/* The MAC in the checkpoint is that of the record that ends there. */
static int
read_all(struct signlog *l, struct err *e)
{
	const struct checkpoint *c = &l->checkpoint;
	struct stretch s = { 0 };
	struct stat st;
	int r = -1;

	if (fstat(l->fd, &st) < 0)
		return err_errno(e, "read the sign journal");
	l->end = c->position;
	l->certificates = c->certificates;
	if ((uint64_t)st.st_size >= c->position &&
	    stretch_open(l, c->position, (uint64_t)st.st_size, &s, e) < 0)
		return -1;
	if ((uint64_t)st.st_size >= c->position && memcmp(s.mac, c->mac, CHAIN_MAC) == 0) {
		r = replay(l, &s, e);
	} else {
		err_set(e, R_SIGN_JOURNAL_OLDER, NULL,
		    "the sign journal is not that of this journal, which knows %llu bytes of it",
		    (unsigned long long)c->position);
		err_hint(e, "an old copy was put back: put back the newest, or both of one moment");
	}
	stretch_close(&s);
	return r;
}

int
signlog_open(struct signlog **out, int fd, const unsigned char mac_key[32], struct journal *journal,
    struct err *e)
{
	struct signlog *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return err_nomem(e);
	l->fd = fd;
	l->journal = journal;
	memcpy(l->key, mac_key, sizeof(l->key));
	pthread_mutex_init(&l->lock, NULL);
	pthread_mutex_init(&l->checkpoints, NULL);
	pthread_cond_init(&l->synced_more, NULL);
	journal_checkpoint(journal, &l->checkpoint);
	if (read_all(l, e) < 0) {
		signlog_free(l);
		return -1;
	}
	*out = l;
	return 0;
}

void
signlog_free(struct signlog *l)
{
	if (l == NULL)
		return;
	explicit_bzero(l, sizeof(*l));
	free(l);
}

/* Lock held. Disk full is said; what was written of it is taken back. */
static int
append(struct signlog *l, const struct buf *body, struct err *e)
{
	AUTO_BUF struct buf record = { 0 };
	unsigned char mac[CHAIN_MAC];

	chain_mac(l->key, l->mac, body->data, body->len, mac);
	buf_put_u32(&record, (uint32_t)(body->len + CHAIN_MAC));
	buf_put(&record, body->data, body->len);
	buf_put(&record, mac, CHAIN_MAC);
	if (write_full(l->fd, record.data, record.len) < 0) {
		err_errno(e, "write the sign journal");
		err_hint(e, "make room on the disk of the data directory");
		if (ftruncate(l->fd, (off_t)l->end) < 0) {
			log_error("sign journal: %s; ending", e->message);
			_exit(1);
		}
		return -1;
	}
	memcpy(l->mac, mac, CHAIN_MAC);
	l->end += record.len;
	l->certificates += body->data[0] == CERTIFICATE;
	return 0;
}

/* Lock held. Until a sync has ended that began when all up to `end` was written:
 * one thread syncs, for all that have written by then. */
static void
wait_durable(struct signlog *l, uint64_t end)
{
	uint64_t reached;

	while (l->synced < end) {
		if (l->syncing) {
			pthread_cond_wait(&l->synced_more, &l->lock);
			continue;
		}
		l->syncing = true;
		reached = l->end;
		pthread_mutex_unlock(&l->lock);
		if (fdatasync(l->fd) < 0) {
			log_error("sign journal: fsync failed: %s; ending", strerror(errno));
			_exit(1);
		}
		pthread_mutex_lock(&l->lock);
		l->syncing = false;
		l->synced = reached;
		pthread_cond_broadcast(&l->synced_more);
	}
}

int
signlog_certificate(
    struct signlog *l, const char *key_id, const struct bytes *tbs, uint64_t *end, struct err *e)
{
	AUTO_BUF struct buf body = { 0 };
	int r;

	buf_put_u8(&body, CERTIFICATE);
	buf_put_cstring(&body, key_id);
	buf_put_string(&body, tbs->data, tbs->len);
	pthread_mutex_lock(&l->lock);
	r = append(l, &body, e);
	*end = l->end;
	pthread_mutex_unlock(&l->lock);
	return r;
}

void
signlog_wait(struct signlog *l, uint64_t end)
{
	pthread_mutex_lock(&l->lock);
	wait_durable(l, end);
	pthread_mutex_unlock(&l->lock);
}

int
signlog_list(struct signlog *l, const char *key_id, uint8_t purpose, uint64_t number,
    const struct bytes *message, struct err *e)
{
	AUTO_BUF struct buf body = { 0 };
	unsigned char hash[32];
	int r;

	if (EVP_Digest(message->data, message->len, hash, NULL, EVP_sha256(), NULL) != 1)
		return err_set(e, R_INTERNAL, NULL, "could not hash what is signed");
	buf_put_u8(&body, LIST);
	buf_put_cstring(&body, key_id);
	buf_put_u8(&body, purpose);
	buf_put_u64(&body, number);
	buf_put(&body, hash, sizeof(hash));
	pthread_mutex_lock(&l->lock);
	r = append(l, &body, e);
	pthread_mutex_unlock(&l->lock);
	return r;
}

static int
no_place(uint64_t at, struct err *e)
{
	err_set(e, R_SIGN_JOURNAL_POSITION, NULL,
	    "no record that may be asked for ends at byte %llu of the sign journal",
	    (unsigned long long)at);
	return err_hint(e, "begin again at the checkpoint");
}

/* Lock taken. From here to there; false: not behind the checkpoint. */
static bool
between(struct signlog *l, uint64_t at, uint64_t *checkpoint, uint64_t *end)
{
	pthread_mutex_lock(&l->lock);
	*checkpoint = l->checkpoint.position;
	*end = l->end;
	pthread_mutex_unlock(&l->lock);
	return at >= *checkpoint && at <= *end;
}

/* The certificate of a record, if it is of one. */
static bool
take_certificate(struct view v, char key_id[ID_SIZE], struct buf *tbs)
{
	const unsigned char *data;
	uint8_t kind;
	size_t n;

	if (view_u8(&v, &kind) < 0 || kind != CERTIFICATE ||
	    view_cstring(&v, key_id, ID_SIZE) < 0 || view_string(&v, &data, &n, TBS_MAX) < 0 ||
	    view_end(&v) < 0)
		return false;
	buf_put(tbs, data, n);
	return true;
}

int
signlog_next(struct signlog *l, uint64_t after, uint64_t *position, char key_id[ID_SIZE],
    struct buf *tbs, struct err *e)
{
	uint64_t checkpoint, end, at = after == SIGNLOG_FIRST ? 0 : after;
	struct stretch s;
	struct view record;
	size_t used;

	buf_reset(tbs);
	key_id[0] = '\0';
	between(l, after, &checkpoint, &end);
	if (at > end && after != UINT64_MAX)
		return no_place(after, e);
	if (after == UINT64_MAX) { /* only where the end is */
		*position = end;
		return 0;
	}
	if (after == 0)
		at = checkpoint;
	if (stretch_open(l, at, end, &s, e) < 0)
		return -1;
	while ((used = stretch_next(l, &s, &record)) > 0) {
		at += used;
		if (take_certificate(record, key_id, tbs))
			break;
	}
	stretch_close(&s);
	*position = at;
	if (used > 0 || at == end)
		return 0;
	return after != 0 && at == after ? no_place(after, e) : signlog_damaged(at, e);
}

/* The checkpoint that would be at `position`, counted from the last one on. */
static int
count(struct signlog *l, uint64_t position, struct checkpoint *c, struct err *e)
{
	struct stretch s;
	struct view record;
	size_t used = 1;

	if (stretch_open(l, c->position, position, &s, e) < 0)
		return -1;
	while (s.n > 0 && (used = stretch_next(l, &s, &record)) > 0)
		c->certificates += record.data[0] == CERTIFICATE;
	memcpy(c->mac, s.mac, CHAIN_MAC);
	stretch_close(&s);
	c->position = position;
	return used > 0 ? 0 : no_place(position, e);
}

/* The sign journal first: a checkpoint behind its end would stop the next start. */
static int
set_checkpoint(struct signlog *l, uint64_t position, struct err *e)
{
	struct checkpoint c = l->checkpoint; /* changed here only */
	uint64_t last, end;

	if (!between(l, position, &last, &end))
		return no_place(position, e);
	if (position == last)
		return 0;
	if (count(l, position, &c, e) < 0)
		return -1;
	pthread_mutex_lock(&l->lock);
	wait_durable(l, position);
	pthread_mutex_unlock(&l->lock);
	if (journal_append_checkpoint(l->journal, &c, e) < 0)
		return -1;
	pthread_mutex_lock(&l->lock);
	l->checkpoint = c;
	pthread_mutex_unlock(&l->lock);
	return 0;
}

int
signlog_checkpoint(struct signlog *l, uint64_t position, struct err *e)
{
	int r;

	pthread_mutex_lock(&l->checkpoints);
	r = set_checkpoint(l, position, e);
	pthread_mutex_unlock(&l->checkpoints);
	return r;
}

uint32_t
signlog_unreconciled(struct signlog *l)
{
	uint64_t n;

	pthread_mutex_lock(&l->lock);
	n = l->certificates - l->checkpoint.certificates;
	pthread_mutex_unlock(&l->lock);
	return n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
}
