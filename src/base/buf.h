/*
 * buf.h - a growing byte buffer (put) and a bounded view of bytes (get)
 *
 * Put: integers are big-endian; a string is a u32 length and its bytes. Out
 * of memory ends the process. Get: every function returns 0, or -1 when the
 * bytes are not there; after a failure the view stays failed, so a parser
 * may check once at its end. buf_free wipes.
 */
#pragma once

#include "base/base.h"

struct buf {
	unsigned char	*data;
	size_t		 len;
	size_t		 cap;
};

void	buf_init(struct buf *);
void	buf_free(struct buf *);			/* wipes; leaves an empty buffer */
void	buf_reset(struct buf *);		/* len = 0, keeps memory, wipes */
void	buf_put(struct buf *, const void *, size_t);
void	buf_put_text(struct buf *, const char *);	/* without NUL or length */
void	buf_printf(struct buf *, const char *, ...) PRINTF(2, 3);
void	buf_put_u8(struct buf *, uint8_t);
void	buf_put_u16(struct buf *, uint16_t);
void	buf_put_u32(struct buf *, uint32_t);
void	buf_put_u64(struct buf *, uint64_t);
void	buf_put_string(struct buf *, const void *, size_t);
void	buf_put_cstring(struct buf *, const char *);	/* NULL counts as "" */
const char *buf_text(struct buf *);		/* NUL-terminated, borrowed */

struct view {
	const unsigned char	*data;
	size_t			 len;
	bool			 failed;
};

struct view view_of(const void *, size_t);
int	view_u8(struct view *, uint8_t *);
int	view_u16(struct view *, uint16_t *);
int	view_u32(struct view *, uint32_t *);
int	view_u64(struct view *, uint64_t *);
int	view_bytes(struct view *, const unsigned char **, size_t n);
int	view_string(struct view *, const unsigned char **, size_t *len, size_t max);
/* Copies; refuses an inner NUL. size counts the final NUL. */
int	view_cstring(struct view *, char *out, size_t size);
int	view_end(const struct view *);		/* 0 if all was read, nothing failed */

static inline void
auto_free_buf(struct buf *b)
{
	buf_free(b);
}
/* AUTO_BUF struct buf b = {0}; */
#define AUTO_BUF	__attribute__((cleanup(auto_free_buf)))
