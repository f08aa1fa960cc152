/*
 * page_timeline.c - a picture of validity: what lives from when until when
 *
 * Coordinates are whole numbers in a viewBox of 900 by `height`. Text is
 * placed by an estimate of its width that is rather too large.
 */
#include <time.h>

#include "page/page_people.h"
#include "page/page_timeline.h"

#define WIDTH	   900
#define PLOT_X	   118
#define PLOT_END   890
#define ROW_Y	   42 /* top of the first bar */
#define ROW_HEIGHT 45
#define BAR_HEIGHT 16
#define BAR_MIN	   3   /* a bar of one day in ten years is still seen */
#define GLYPH	   6.4 /* average width at 12 px */
#define DAY	   86400
#define SPAN_MIN   (3 * DAY)

struct scale {
	int64_t from, until;
};

static int
text_width(const char *s)
{
	return (int)((double)utf8_length(s) * GLYPH) + 1;
}

static int64_t
clamp(int64_t t, const struct scale *s)
{
	return t < s->from ? s->from : t > s->until ? s->until : t;
}

static int
x_of(const struct scale *s, int64_t t)
{
	return PLOT_X + (int)((clamp(t, s) - s->from) * (PLOT_END - PLOT_X) / (s->until - s->from));
}

static void
widen(struct scale *s, int64_t t)
{
	if (t < s->from)
		s->from = t;
	if (t > s->until)
		s->until = t;
}

/* The lives and today whole; of the rest at most half as much at each side. */
static struct scale
scale_of(const struct timeline_row *rows, size_t n, int64_t now)
{
	struct scale s = { now, now }, rest = s;
	int64_t end, half, margin;
	bool lives = false;

	for (size_t i = 0; i < n; i++) {
		end = rows[i].until == 0 ? rows[i].from : rows[i].until;
		widen(&rest, rows[i].from);
		widen(&rest, end);
		if (rows[i].kind != TIMELINE_LIFE && rows[i].kind != TIMELINE_NEXT)
			continue;
		widen(&s, rows[i].from);
		widen(&s, end);
		lives = true;
	}
	half = (s.until - s.from) / 2;
	s.from = lives && rest.from < s.from - half ? s.from - half : rest.from;
	s.until = lives && rest.until > s.until + half ? s.until + half : rest.until;
	if (s.until - s.from < SPAN_MIN) {
		s.from -= (SPAN_MIN - (s.until - s.from)) / 2;
		s.until = s.from + SPAN_MIN;
	}
	margin = (s.until - s.from) / 40;
	s.from -= margin;
	s.until += margin;
	return s;
}

/* ---- ticks: days, months or years, as dense as their words allow ------------ */
static int64_t
day_of(int year, int month)
{
	struct tm tm = { .tm_year = year - 1900, .tm_mon = month, .tm_mday = 1 };

	return (int64_t)timegm(&tm);
}

enum unit { DAYS, MONTHS, YEARS };
struct step {
	enum unit unit;
	int n;
};

/* 1, 2, 5, 10, 20, 50 ... */
static int
years_after(int n)
{
	int lead = n;

	while (lead >= 10)
		lead /= 10;
	return lead == 2 ? n / 2 * 5 : n * 2;
}

static struct step
step_of(const struct scale *s)
{
	static const struct step steps[] = { { DAYS, 1 }, { DAYS, 2 }, { DAYS, 7 }, { DAYS, 14 },
		{ MONTHS, 1 }, { MONTHS, 2 }, { MONTHS, 3 }, { MONTHS, 6 }, { YEARS, 1 } };
	static const int64_t seconds[] = { DAY, 30 * DAY, 365 * DAY };
	static const int wanted[] = { 80, 60, 44 };
	int64_t span = s->until - s->from;
	struct step step = steps[0];

	for (size_t i = 0; i < nitems(steps); i++) {
		step = steps[i];
		if (seconds[step.unit] * step.n * (PLOT_END - PLOT_X) / span >= wanted[step.unit])
			return step;
	}
	while (seconds[YEARS] * step.n * (PLOT_END - PLOT_X) / span < wanted[YEARS])
		step.n = years_after(step.n);
	return step;
}

/* The tick at or before t; weeks begin on Monday. */
static int64_t
tick_floor(struct step step, int64_t t)
{
	struct tm tm = time_utc(t);
	int64_t day = t / DAY + 3;

	switch (step.unit) {
	case DAYS:
		return (day - day % step.n - 3) * DAY;
	case MONTHS:
		return day_of(tm.tm_year + 1900, tm.tm_mon - tm.tm_mon % step.n);
	default:
		return day_of(tm.tm_year + 1900 - (tm.tm_year + 1900) % step.n, 0);
	}
}

static int64_t
tick_next(struct step step, int64_t t)
{
	struct tm tm = time_utc(t);

	switch (step.unit) {
	case DAYS:
		return t + step.n * DAY;
	case MONTHS:
		return day_of(tm.tm_year + 1900, tm.tm_mon + step.n);
	default:
		return day_of(tm.tm_year + 1900 + step.n, 0);
	}
}

/* "12 Oct", "Oct", "2026"; with its year where the one before has another. */
static const char *
tick_text(struct arena *a, struct step step, int64_t t, bool with_year)
{
	char *day = time_day(a, t), *month = strchr(day, ' ') + 1;

	if (step.unit == YEARS)
		return strchr(month, ' ') + 1;
	if (!with_year)
		*strchr(month, ' ') = '\0';
	return step.unit == DAYS ? day : month;
}

static json_t *
ticks_of(struct ctx *cx, const struct scale *s)
{
	struct step step = step_of(s);
	json_t *all = json_array(), *o;
	int year = 0, end = 0, x, half;

	for (int64_t t = tick_next(step, tick_floor(step, s->from)); t < s->until;
	     t = tick_next(step, t)) {
		const char *text = tick_text(cx->arena, step, t, time_utc(t).tm_year != year);

		if (t < s->from)
			continue;
		x = x_of(s, t);
		half = text_width(text) / 2;
		json_array_append_new(all, o = json_object());
		put_int(o, "x", x);
		if (x + half > WIDTH)
			x = WIDTH - half;
		put_int(o, "text_x", x);
		if (x - half < end) {
			put_text(o, "text", NULL);
			continue;
		}
		put_text(o, "text", text);
		end = x + half + 6;
		year = time_utc(t).tm_year;
	}
	return all;
}

/* ---- rows --------------------------------------------------------------------- */
static const char *
dates_of(struct arena *a, const struct timeline_row *r)
{
	char *from = time_day(a, r->from);

	if (r->until == 0)
		return arena_printf(
		    a, r->kind == TIMELINE_REQUEST ? "waits since %s" : "since %s", from);
	if (time_utc(r->from).tm_year == time_utc(r->until).tm_year)
		*strrchr(from, ' ') = '\0';
	from = arena_printf(a, "%s to %s", from, time_day(a, r->until));
	if (r->window_from == 0 || r->window_from >= r->until)
		return from;
	return arena_printf(a, "%s, renewal window from %s", from, time_day(a, r->window_from));
}

static void
put_caption(struct ctx *cx, json_t *o, const struct timeline_row *r, int x, int end)
{
	const char *dates = dates_of(cx->arena, r);
	const char *text = r->caption == NULL || r->caption[0] == '\0'
	    ? dates
	    : arena_printf(cx->arena, "%s, %s", r->caption, dates);
	int width = text_width(text);
	bool at_end;

	x += 4; /* clear of the line of today */
	at_end = x + width > PLOT_END && end - width >= PLOT_X;
	if (!at_end && x + width > PLOT_END)
		x = PLOT_END - width > 0 ? PLOT_END - width : 0;
	put_text(o, "caption", text);
	put_int(o, "caption_x", at_end ? end : x);
	put_text(o, "anchor", at_end ? "end" : "start");
}

static json_t *
row_of(struct ctx *cx, const struct scale *s, const struct timeline_row *r, size_t i)
{
	static const char *const classes[] = { [TIMELINE_PAST] = "past",
		[TIMELINE_LIFE] = "life",
		[TIMELINE_NEXT] = "next",
		[TIMELINE_KEY] = "key",
		[TIMELINE_REQUEST] = "request" };
	int64_t until = r->until != 0 ? r->until : r->kind == TIMELINE_REQUEST ? cx->now : s->until;
	int x = x_of(s, r->from), end = x_of(s, until), y = ROW_Y + (int)i * ROW_HEIGHT, window;
	json_t *o = json_object(), *w;

	if (end - x < BAR_MIN) {
		x = x > PLOT_END - BAR_MIN ? PLOT_END - BAR_MIN : x;
		end = x + BAR_MIN;
	}
	put_text(o, "label", r->label);
	put_text(o, "class", classes[r->kind]);
	put_int(o, "x", x);
	put_int(o, "width", end - x);
	put_int(o, "y", r->kind == TIMELINE_KEY ? y + BAR_HEIGHT / 2 - 2 : y);
	put_int(o, "height", r->kind == TIMELINE_KEY ? 4 : BAR_HEIGHT);
	put_int(o, "label_y", y + 12);
	put_int(o, "caption_y", y + BAR_HEIGHT + 16);
	put_caption(cx, o, r, x, end);
	if (r->window_from == 0 || (window = x_of(s, r->window_from)) >= end ||
	    r->window_from >= until) {
		put_text(o, "window", NULL);
		return o;
	}
	window = window < x ? x : window;
	json_object_set_new(o, "window", w = json_object());
	put_int(w, "x", window);
	put_int(w, "width", end - window);
	return o;
}

static json_t *
today_of(struct ctx *cx, const struct scale *s)
{
	int x = x_of(s, cx->now);
	bool at_end = x + 6 + text_width("today") > PLOT_END;
	json_t *o = json_object();

	put_int(o, "x", x);
	put_int(o, "text_x", at_end ? x - 5 : x + 5);
	put_text(o, "anchor", at_end ? "end" : "start");
	return o;
}

void
put_timeline(struct ctx *cx, const struct request *rq, json_t *view, const char *name,
    const struct timeline_row *rows, size_t n)
{
	json_t *o = json_object(), *all = json_array(), *row;
	struct scale s = scale_of(rows, n, cx->now);
	const char *words = "";

	if (rq->face != FACE_PORTAL || n == 0) {
		json_decref(o);
		json_decref(all);
		if (rq->face == FACE_PORTAL)
			put_text(view, name, NULL);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		json_array_append_new(all, row = row_of(cx, &s, &rows[i], i));
		words = arena_printf(cx->arena, "%s%s: %s. ", words, rows[i].label,
		    json_string_value(json_object_get(row, "caption")));
	}
	put_int(o, "height", ROW_Y + (int)n * ROW_HEIGHT - 4);
	put_text(o, "words",
	    arena_printf(cx->arena, "%sToday: %s.", words, time_day(cx->arena, cx->now)));
	json_object_set_new(o, "ticks", ticks_of(cx, &s));
	json_object_set_new(o, "rows", all);
	json_object_set_new(o, "today", today_of(cx, &s));
	json_object_set_new(view, name, o);
}
