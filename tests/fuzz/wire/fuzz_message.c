/*
 * fuzz_message.c - any bytes as a message of the keeper protocol, both ways
 *
 * What is taken packs again to the same bytes: there is one form of each.
 */
#include "wire/message.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	for (int answer = 0; answer < 2; answer++) {
		AUTO_BUF struct buf again = { 0 };
		struct message m;

		if (message_unpack(&m, data, len, answer) < 0)
			continue;
		message_name(m.op);
		if (m.refused && m.why.refusal == R_INTERNAL)
			continue; /* an unknown id became this one */
		message_pack(&again, &m, answer);
		if (again.len != len || memcmp(again.data, data, len) != 0)
			abort();
	}
	return 0;
}
