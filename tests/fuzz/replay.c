/*
 * replay.c - feed every file of a corpus to a fuzz target, as TAP
 */
#include <sys/stat.h>

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const unsigned char *, size_t);
int LLVMFuzzerInitialize(int *, char ***) __attribute__((weak));

#define REPLAY_MAX (2 * 1024 * 1024)

static int
replay(const char *folder, const char *name)
{
	static unsigned char data[REPLAY_MAX];
	unsigned char *copy;
	char path[4096];
	struct stat st;
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (stat(path, &st) < 0 || !S_ISREG(st.st_mode))
		return 0;
	if ((f = fopen(path, "rb")) == NULL)
		return -1;
	n = fread(data, 1, sizeof(data), f);
	fclose(f);
	/* an exact copy on the heap, so that ASan sees a read past the end */
	if ((copy = malloc(n == 0 ? 1 : n)) == NULL)
		return -1;
	for (size_t i = 0; i < n; i++)
		copy[i] = data[i];
	LLVMFuzzerTestOneInput(copy, n);
	free(copy);
	return 1;
}

int
main(int argc, char **argv)
{
	struct dirent *d;
	int n = 0, r;
	DIR *dir;

	if (argc != 2 || (dir = opendir(argv[1])) == NULL) {
		fprintf(stderr, "usage: %s CORPUS-FOLDER\n", argv[0]);
		return 2;
	}
	if (LLVMFuzzerInitialize != NULL)
		LLVMFuzzerInitialize(&argc, &argv);
	while ((d = readdir(dir)) != NULL) {
		if ((r = replay(argv[1], d->d_name)) < 0) {
			printf("not ok %d - %s could not be read\n", ++n, d->d_name);
			return 1;
		}
		if (r > 0)
			printf("ok %d - replay %s\n", ++n, d->d_name);
	}
	closedir(dir);
	printf("1..%d\n", n);
	return n == 0;
}
