/*
 * test_timeline.c - the picture of validity is right for every life
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "page/page_timeline.h"
#include "page_fake.h"

#define DAY 86400
#define NOW 1795392000 /* 23 Nov 2026 */

static json_t *drawn;

/* The picture of these rows at `now`; freed by the next. */
static json_t *
draw(struct fake *f, int64_t now, const struct timeline_row *rows, size_t n)
{
	const struct request rq = { .face = FACE_PORTAL };

	json_decref(drawn);
	drawn = json_object();
	f->cx.now = now;
	put_timeline(&f->cx, &rq, drawn, "picture", rows, n);
	return json_object_get(drawn, "picture");
}

static int
number(const json_t *o, const char *name)
{
	assert_true(json_is_integer(json_object_get(o, name)));
	return (int)json_integer_value(json_object_get(o, name));
}

static const char *
text(const json_t *o, const char *name)
{
	return json_string_value(json_object_get(o, name));
}

static json_t *
row(const json_t *picture, size_t i)
{
	return json_array_get(json_object_get(picture, "rows"), i);
}

/* Where a text of this anchor begins and ends, in an average sans font of 12 px. */
static void
extent(const char *s, int x, const char *anchor, int *from, int *to)
{
	int width = (int)utf8_length(s) * 6;

	*from = strcmp(anchor, "start") == 0 ? x
	    : strcmp(anchor, "end") == 0     ? x - width
					     : x - width / 2;
	*to = *from + width;
}

static void
assert_in_bounds(const json_t *picture)
{
	int from, to, before = -1, last = 0, labels = 0, x;
	json_t *o;
	size_t i;

	json_array_foreach (json_object_get(picture, "ticks"), i, o) {
		x = number(o, "x");
		assert_true(x > last && x >= 118 && x <= 890);
		last = x;
		if (text(o, "text") == NULL)
			continue;
		extent(text(o, "text"), number(o, "text_x"), "middle", &from, &to);
		assert_true(from > before && to <= 900);
		assert_in_range(number(o, "text_x"), x - 40, x);
		before = to;
		labels++;
	}
	assert_in_range(labels, 2, 20);
	json_array_foreach (json_object_get(picture, "rows"), i, o) {
		assert_true(number(o, "x") >= 118 && number(o, "width") >= 3);
		assert_true(number(o, "x") + number(o, "width") <= 890);
		extent(text(o, "caption"), number(o, "caption_x"), text(o, "anchor"), &from, &to);
		assert_true(from >= 0 && to <= 900);
		assert_true(number(o, "caption_y") < number(picture, "height"));
		if (json_is_object(json_object_get(o, "window")))
			assert_int_equal(number(json_object_get(o, "window"), "x") +
				number(json_object_get(o, "window"), "width"),
			    number(o, "x") + number(o, "width"));
	}
	o = json_object_get(picture, "today");
	extent("today", number(o, "text_x"), text(o, "anchor"), &from, &to);
	assert_true(number(o, "x") >= 118 && number(o, "x") <= 890 && to <= 900);
}

static void
lives_of_6_days_to_10_years_keep_their_texts_apart(void **state)
{
	static const int days[] = { 1, 6, 10, 47, 90, 100, 200, 397, 825, 1095, 3650, 36500,
		2900000 };

	for (size_t i = 0; i < nitems(days); i++) {
		/* today at every twelfth of the life, before and after it */
		for (int part = -3; part <= 15; part++) {
			int64_t life = (int64_t)days[i] * DAY, from = NOW - life * part / 12;
			const struct timeline_row rows[] = {
				{ "Previous", TIMELINE_PAST, from - 60 * DAY, from + DAY, 0, "x" },
				{ "Active", TIMELINE_LIFE, from, from + life, from + life / 3 * 2,
				    "EC P-256" },
				{ "Next", TIMELINE_NEXT, from + life / 3 * 2, from + life, 0,
				    "planned" },
				{ "Key", TIMELINE_KEY, from - DAY, 0, 0, NULL },
				{ "Request 12", TIMELINE_REQUEST, NOW - DAY, 0, 0, "R&D" },
			};

			assert_in_bounds(draw(*state, NOW, rows, 4));
			assert_in_bounds(draw(*state, NOW, rows, 5));
		}
	}
}

static void
the_words_say_what_the_picture_shows(void **state)
{
	const struct timeline_row rows[] = {
		{ "Active", TIMELINE_LIFE, 1790899200, 1798675199, 1796083200, "EC P-256" },
		{ "Next", TIMELINE_NEXT, 1796083200, 1803859200, 0, NULL },
		{ "Key", TIMELINE_KEY, 1790812800, 0, 0, "RSA 2048" },
		{ "Request 3", TIMELINE_REQUEST, 1795219200, 0, 0, NULL },
	};
	json_t *p = draw(*state, NOW, rows, 4);

	assert_string_equal(text(p, "words"),
	    "Active: EC P-256, 2 Oct to 30 Dec 2026, renewal window from 1 Dec 2026. "
	    "Next: 1 Dec 2026 to 1 Mar 2027. "
	    "Key: RSA 2048, since 1 Oct 2026. "
	    "Request 3: waits since 21 Nov 2026. "
	    "Today: 23 Nov 2026.");
	assert_string_equal(text(row(p, 0), "class"), "life");
	assert_string_equal(text(row(p, 3), "class"), "request");
	/* the window is the last month of three; the request waits until today */
	assert_in_range(number(json_object_get(row(p, 0), "window"), "width") * 100 /
		number(row(p, 0), "width"),
	    30, 36);
	assert_int_equal(number(row(p, 3), "x") + number(row(p, 3), "width"),
	    number(json_object_get(p, "today"), "x"));
}

static void
what_is_longer_than_the_lives_is_cut_at_the_edges(void **state)
{
	const struct timeline_row rows[] = {
		{ "Active", TIMELINE_LIFE, NOW - 30 * DAY, NOW + 60 * DAY, 0, NULL },
		{ "Previous", TIMELINE_PAST, NOW - 900 * DAY, NOW + 900 * DAY, 0, NULL },
		{ "Key", TIMELINE_KEY, NOW - 3650LL * DAY, 0, 0, NULL },
	};
	json_t *p = draw(*state, NOW, rows, 3);

	for (size_t i = 1; i < 3; i++) {
		assert_int_equal(number(row(p, i), "x"), 118);
		assert_int_equal(number(row(p, i), "width"), 890 - 118);
	}
	assert_true(number(row(p, 0), "width") > (890 - 118) * 2 / 5);
}

static void
an_expired_life_lies_left_of_today(void **state)
{
	const struct timeline_row rows[] = {
		{ "Active", TIMELINE_LIFE, NOW - 400 * DAY, NOW - 310 * DAY, NOW - 340 * DAY,
		    NULL },
	};
	json_t *p = draw(*state, NOW, rows, 1);

	assert_true(number(row(p, 0), "x") + number(row(p, 0), "width") <
	    number(json_object_get(p, "today"), "x") - 300);
	assert_in_bounds(p);
}

static void
texts_near_the_right_edge_end_there(void **state)
{
	const struct timeline_row rows[] = {
		{ "Active", TIMELINE_LIFE, NOW - 89 * DAY, NOW + DAY, 0, NULL },
		{ "Next", TIMELINE_NEXT, NOW, NOW + DAY, 0, "EC P-256, planned" },
	};
	json_t *p = draw(*state, NOW, rows, 2);

	assert_string_equal(text(row(p, 1), "anchor"), "end");
	assert_true(number(row(p, 1), "caption_x") <= 890);
	assert_string_equal(text(json_object_get(p, "today"), "anchor"), "end");
	assert_string_equal(text(row(p, 0), "anchor"), "start");
}

static void
the_year_stands_at_the_first_tick_and_where_it_changes(void **state)
{
	const struct timeline_row rows[] = { { "Active", TIMELINE_LIFE, NOW - 60 * DAY,
	    NOW + 120 * DAY, 0, NULL } };
	const char *want[] = { "Oct 2026", "Nov", "Dec", "Jan 2027", "Feb", "Mar" };
	json_t *ticks = json_object_get(draw(*state, NOW, rows, 1), "ticks");

	assert_int_equal(json_array_size(ticks), nitems(want));
	for (size_t i = 0; i < nitems(want); i++)
		assert_string_equal(text(json_array_get(ticks, i), "text"), want[i]);
}

static void
nothing_to_show_is_null_and_the_API_has_no_picture(void **state)
{
	struct fake *f = *state;
	const struct request rq = { .face = FACE_API };
	const struct timeline_row one = { "Active", TIMELINE_LIFE, NOW, NOW + DAY, 0, NULL };
	json_t *view = json_object();

	assert_true(json_is_null(draw(f, NOW, NULL, 0)));
	put_timeline(&f->cx, &rq, view, "picture", &one, 1);
	assert_null(json_object_get(view, "picture"));
	json_decref(view);
	json_decref(drawn);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lives_of_6_days_to_10_years_keep_their_texts_apart),
		cmocka_unit_test(the_words_say_what_the_picture_shows),
		cmocka_unit_test(what_is_longer_than_the_lives_is_cut_at_the_edges),
		cmocka_unit_test(an_expired_life_lies_left_of_today),
		cmocka_unit_test(texts_near_the_right_edge_end_there),
		cmocka_unit_test(the_year_stands_at_the_first_tick_and_where_it_changes),
		cmocka_unit_test(nothing_to_show_is_null_and_the_API_has_no_picture),
	};

	return cmocka_run_group_tests_name("timeline", tests, fake_open, fake_close);
}
