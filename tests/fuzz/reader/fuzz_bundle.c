/*
 * fuzz_bundle.c - certificates out of anything: the front's question, in process
 *
 * The first byte tells how many files the rest is cut into.
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
	size_t files, each;

	if (len < 1)
		return 0;
	files = 1 + data[0] % 3;
	each = (len - 1) / files;
	buf_put_u8(&request, READER_BUNDLE);
	buf_put_u8(&request, 1);
	buf_put_cstring(&request, "secret");
	buf_put_u32(&request, (uint32_t)files);
	for (size_t i = 0; i < files; i++) {
		buf_put_string(&request, data, data[0] % 8 < len ? data[0] % 8 : 0);
		buf_put_string(
		    &request, data + 1 + i * each, i + 1 < files ? each : len - 1 - i * each);
	}
	reader_answer(READER_BUNDLE, request.data, request.len, &answer);
	if (answer.len == 0) /* a well-formed request has an answer */
		abort();
	buf_reset(&answer);
	reader_answer(READER_BUNDLE, data, len, &answer); /* the frame itself */
	return 0;
}
