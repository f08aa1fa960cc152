/*
 * fuzz_audit.c - any file as an audit export; a first line "head X" is --head
 */
#include "base/audit_export.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	struct audit_report r;
	char head[128] = "";
	const unsigned char *eol = memchr(data, '\n', len);

	if (len > 5 && memcmp(data, "head ", 5) == 0 && eol != NULL &&
	    (size_t)(eol - data) - 5 < sizeof(head)) {
		memcpy(head, data + 5, (size_t)(eol - data) - 5);
		len -= (size_t)(eol + 1 - data);
		data = eol + 1;
	}
	audit_export_verify(data, len, head[0] == '\0' ? NULL : head, &r);
	if (r.message[0] == '\0' ||
	    (r.verdict != AUDIT_WHOLE && r.verdict != AUDIT_BROKEN &&
		r.verdict != AUDIT_UNREADABLE))
		abort();
	/* whole without a head noted earlier: its own was signed, so a key is known */
	if (r.verdict == AUDIT_WHOLE && head[0] == '\0' && r.key[0] == '\0')
		abort();
	if (r.events > 0 && r.head[0] == '\0')
		abort();
	return 0;
}
