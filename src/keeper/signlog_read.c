/*
 * signlog_read.c - the file of the sign journal: records, and what tears them
 */
#include <sys/mman.h>

#include "keeper/signlog_impl.h"

#define RECORD_MAX (TBS_MAX + 128)
#define SECTOR	   512

/* One record of the `n` bytes at p that follows `before`: its whole length, else 0. */
static size_t
take(const struct signlog *l, const unsigned char *p, size_t n,
    const unsigned char before[CHAIN_MAC])
{
	struct view v = view_of(p, n);
	unsigned char mac[CHAIN_MAC];
	uint32_t len;

	if (view_u32(&v, &len) < 0 || len <= CHAIN_MAC || len > RECORD_MAX || v.len < len ||
	    (v.data[0] != CERTIFICATE && v.data[0] != LIST))
		return 0;
	chain_mac(l->key, before, v.data, len - CHAIN_MAC, mac);
	return memcmp(mac, v.data + len - CHAIN_MAC, CHAIN_MAC) == 0 ? 4 + (size_t)len : 0;
}

int
signlog_damaged(uint64_t at, struct err *e)
{
	err_set(e, R_SIGN_JOURNAL_DAMAGED, NULL, "the sign journal is damaged at byte %llu%s",
	    (unsigned long long)at,
	    at == 0 ? ", or the file kek is not the one it was written under" : "");
	return err_hint(e, "put back the file sign-journal of the same moment as the journal");
}

static bool
has_empty_sector(const unsigned char *p, uint64_t at, size_t n)
{
	for (size_t i = (size_t)((SECTOR - at % SECTOR) % SECTOR); i + SECTOR <= n; i += SECTOR)
		if (chain_unwritten(p + i, SECTOR))
			return true;
	return false;
}

/* The last of the sectors that a record of this length is in was not written. */
static bool
has_empty_end(const unsigned char *p, uint64_t at, size_t len, size_t n)
{
	uint64_t sector = (at + len - 1) / SECTOR * SECTOR;

	return sector > at && chain_unwritten(p + (sector - at), n - (size_t)(sector - at));
}

/* Where the next record is that follows the bytes before it; 0: nowhere. */
static size_t
find_later(const struct signlog *l, const unsigned char *p, size_t n)
{
	for (size_t i = CHAIN_MAC; i < n; i++)
		if (take(l, p + i, n - i, p + i - CHAIN_MAC) > 0)
			return i;
	return 0;
}

bool
signlog_is_torn(const struct signlog *l, const unsigned char *p, uint64_t at, size_t n)
{
	struct view v = view_of(p, n);
	unsigned char mac[CHAIN_MAC];
	size_t later = find_later(l, p, n);
	uint32_t len;

	if (later > 0)
		return has_empty_sector(p, at, later);
	if (n <= 4 + CHAIN_MAC || chain_unwritten(p, n) || view_u32(&v, &len) < 0)
		return true;
	if (len <= CHAIN_MAC || len > RECORD_MAX)
		return has_empty_sector(p, at, n);
	if (v.len >= len)
		return has_empty_sector(p, at, 4 + (size_t)len) ||
		    has_empty_end(p, at, 4 + (size_t)len, n);
	/* cut short; or whole, and only its length was changed */
	chain_mac(l->key, l->mac, v.data, v.len - CHAIN_MAC, mac);
	return memcmp(mac, p + n - CHAIN_MAC, CHAIN_MAC) != 0;
}

int
stretch_open(const struct signlog *l, uint64_t from, uint64_t to, struct stretch *s, struct err *e)
{
	uint64_t page = (from < CHAIN_MAC ? 0 : from - CHAIN_MAC) & ~(uint64_t)4095;

	memset(s, 0, sizeof(*s));
	if (to == 0)
		return 0;
	s->mapped = (size_t)(to - page);
	s->map = mmap(NULL, s->mapped, PROT_READ, MAP_SHARED, l->fd, (off_t)page);
	if (s->map == MAP_FAILED)
		return err_errno(e, "read the sign journal");
	s->p = s->map + (from - page);
	s->n = (size_t)(to - from);
	if (from >= CHAIN_MAC)
		memcpy(s->mac, s->p - CHAIN_MAC, CHAIN_MAC);
	return 0;
}

size_t
stretch_next(const struct signlog *l, struct stretch *s, struct view *record)
{
	size_t used = take(l, s->p, s->n, s->mac);

	if (used == 0)
		return 0;
	memcpy(s->mac, s->p + used - CHAIN_MAC, CHAIN_MAC);
	*record = view_of(s->p + 4, used - 4 - CHAIN_MAC);
	s->p += used;
	s->n -= used;
	return used;
}

void
stretch_close(struct stretch *s)
{
	if (s->map != NULL)
		munmap(s->map, s->mapped);
}
