/*
 * page_ends.c - a picture of what ends in which week, for templates/ends.html
 *
 * Coordinates are whole numbers in a viewBox of 900 by 150. A bar a week; its
 * count stands above it, the month below the first week that begins in it.
 */
#include "page/page_issued.h"
#include "page/page_people.h"

#define PLOT_X	 14
#define STEP	 34 /* from bar to bar */
#define BAR	 22
#define BASE	 122 /* where bars stand */
#define BAR_MAX	 96
#define BAR_MIN	 3
#define WEEK_SEC (7 * 86400)

/* "1234", "12k", "3m": it has to fit above its bar */
static const char *
short_count(struct ctx *cx, int64_t n)
{
	long long v = (long long)n;

	return v < 10000  ? arena_printf(cx->arena, "%lld", v)
	    : v < 1000000 ? arena_printf(cx->arena, "%lldk", v / 1000)
			  : arena_printf(cx->arena, "%lldm", v / 1000000);
}

/* "30 Nov 2026" -> "30 Nov" (day) or "Nov 2026" */
static const char *
week_label(struct ctx *cx, int64_t monday, bool day)
{
	char *text = time_day(cx->arena, monday), *space;

	if (!day)
		return strchr(text, ' ') + 1;
	if ((space = strrchr(text, ' ')) != NULL)
		*space = '\0';
	return text;
}

static bool
month_begins(struct ctx *cx, int64_t monday)
{
	return strcmp(week_label(cx, monday, false), week_label(cx, monday - WEEK_SEC, false)) != 0;
}

static json_t *
bar_of(struct ctx *cx, const struct inventory *v, size_t i, int64_t most)
{
	json_t *o = json_object();
	int x = PLOT_X + (int)i * STEP;
	int64_t monday = v->monday + (int64_t)i * WEEK_SEC;
	int height = (int)(v->ends[i] * BAR_MAX / most);

	if (v->ends[i] > 0 && height < BAR_MIN)
		height = BAR_MIN;
	put_int(o, "x", x);
	put_int(o, "y", BASE - height);
	put_int(o, "width", BAR);
	put_int(o, "height", height);
	put_int(o, "middle", x + BAR / 2);
	put_int(o, "count_y", BASE - height - 5);
	put_text(o, "count", v->ends[i] == 0 ? NULL : short_count(cx, v->ends[i]));
	put_text(o, "label",
	    i == 0				    ? week_label(cx, monday, true)
		: i > 1 && month_begins(cx, monday) ? week_label(cx, monday, false)
						    : NULL);
	return o;
}

static const char *
week_words(struct ctx *cx, const struct inventory *v, size_t i)
{
	return i == 0 ? "this week"
		      : arena_printf(cx->arena, "in the week from %s",
			    time_day(cx->arena, v->monday + (int64_t)i * WEEK_SEC));
}

void
put_ends(struct ctx *cx, json_t *view, const struct inventory *v)
{
	json_t *o, *bars;
	const char *words = "";
	int64_t total = 0;
	size_t most = 0;

	for (size_t i = 0; i < ENDS_WEEKS; i++) {
		total += v->ends[i];
		if (v->ends[i] > v->ends[most])
			most = i;
		if (v->ends[i] > 0)
			words = arena_printf(cx->arena, "%s%s%lld %s", words,
			    words[0] == '\0' ? "" : ", ", (long long)v->ends[i],
			    week_words(cx, v, i));
	}
	put_text(view, "ends", NULL);
	if (total == 0)
		return;
	json_object_set_new(view, "ends", o = json_object());
	json_object_set_new(o, "bars", bars = json_array());
	for (size_t i = 0; i < ENDS_WEEKS; i++)
		json_array_append_new(bars, bar_of(cx, v, i, v->ends[most]));
	put_text(o, "words", arena_printf(cx->arena, "Ends by week: %s.", words));
	put_text(o, "caption",
	    arena_printf(cx->arena, "%lld end%s in the next %d weeks, most of them %s.",
		(long long)total, total == 1 ? "s" : "", ENDS_WEEKS, week_words(cx, v, most)));
}
