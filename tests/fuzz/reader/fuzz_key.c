/*
 * fuzz_key.c - a private key out of anything: the keeper's question, in process
 */
#include <stdio.h>

#include "reader/reader.h"

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);
int LLVMFuzzerInitialize(int *, char ***);

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	struct err e = { 0 };

	if (reader_prepare(&e) < 0) {
		fprintf(stderr, "%s\n", e.message);
		abort();
	}
	return 0;
}

int
LLVMFuzzerTestOneInput(const unsigned char *data, size_t len)
{
	AUTO_BUF struct buf request = { 0 };
	AUTO_BUF struct buf answer = { 0 };

	if (len < 1)
		return 0;
	buf_put_u8(&request, READER_KEY);
	buf_put_u8(&request, data[0] & 1);
	if (data[0] & 1)
		buf_put_cstring(&request, "secret");
	buf_put_u32(&request, 1);
	buf_put_cstring(&request, "name");
	buf_put_string(&request, data + 1, len - 1);
	reader_answer(READER_KEY, request.data, request.len, &answer);
	if (answer.len == 0)
		abort();
	return 0;
}
