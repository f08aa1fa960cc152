/*
 * test_cache.c - keys that were opened lately are found, and the others gave way
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/ec.h>

#include "keeper/cache.h"
#include "keeper/gcm.h"

#define ROOM 4

/* Only what the cache looks at; the last piece is the tag. */
static struct bytes
blob(const char *name)
{
	static unsigned char text[8][64];
	static size_t turn;
	unsigned char *b = text[turn++ % 8];

	memset(b, 0, sizeof(text[0]));
	snprintf((char *)b, 32, "%s", name);
	memcpy(b + sizeof(text[0]) - GCM_TAG, name, strlen(name));
	return (struct bytes){ .data = b, .len = sizeof(text[0]) };
}

static void
put(struct cache *c, const char *name, const char *id)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	struct key_head head = { 0 };
	struct bytes b = blob(name);
	struct opened *o = NULL;
	struct err e = { 0 };

	snprintf(head.id, sizeof(head.id), "%s", id);
	assert_int_equal(opened_new(&o, &head, key, &b, &e), 0);
	cache_put(c, o);
	opened_free(o); /* the cache has its own */
	EVP_PKEY_free(key);
}

static bool
has(struct cache *c, const char *name)
{
	struct bytes b = blob(name);

	return cache_find(c, &b) != NULL;
}

static void
each_is_found_by_its_blob_alone(void **state)
{
	struct cache *c = cache_new(ROOM);
	struct bytes other = blob("one");
	unsigned char changed[64];

	put(c, "one", "1");
	put(c, "two", "2");
	assert_true(has(c, "one"));
	assert_true(has(c, "two"));
	assert_false(has(c, "three"));
	memcpy(changed, other.data, sizeof(changed));
	changed[3] ^= 1; /* under the same tag */
	other = (struct bytes){ .data = changed, .len = sizeof(changed) };
	assert_null(cache_find(c, &other));
	cache_free(c);
}

static void
who_is_used_stays_and_the_others_give_way(void **state)
{
	struct cache *c = cache_new(ROOM);
	char name[16];

	put(c, "used", "used");
	for (int i = 0; i < 5 * ROOM; i++) {
		assert_true(has(c, "used"));
		snprintf(name, sizeof(name), "n%d", i);
		put(c, name, name);
		assert_true(has(c, name));
	}
	assert_false(has(c, "n0"));
	cache_free(c);
}

static void
P11_no_more_are_in_clear_than_there_is_room_for(void **state)
{
	enum { MANY = 5 * ROOM };
	struct cache *c = cache_new(ROOM);
	char name[16];
	size_t found = 0;

	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		put(c, name, name);
	}
	for (int i = 0; i < MANY; i++) {
		snprintf(name, sizeof(name), "n%d", i);
		found += has(c, name);
	}
	assert_int_equal(found, ROOM);
	cache_free(c);
}

static void
P16_all_blobs_of_a_key_are_forgotten(void **state)
{
	struct cache *c = cache_new(ROOM);

	put(c, "before", "gone");
	put(c, "stays", "other");
	put(c, "after", "gone");
	cache_forget(c, "gone");
	assert_false(has(c, "before"));
	assert_false(has(c, "after"));
	assert_true(has(c, "stays"));
	cache_free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_is_found_by_its_blob_alone),
		cmocka_unit_test(who_is_used_stays_and_the_others_give_way),
		cmocka_unit_test(P11_no_more_are_in_clear_than_there_is_room_for),
		cmocka_unit_test(P16_all_blobs_of_a_key_are_forgotten),
	};

	return cmocka_run_group_tests_name("cache", tests, NULL, NULL);
}
