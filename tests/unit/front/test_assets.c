/*
 * test_assets.c - templates and static files from disk; what systemd is told
 *
 * assets.c, notify.c
 */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "front/assets.h"
#include "front/notify.h"

static char folder[64];
static struct err err;

static void
put(const char *name, const char *text)
{
	FILE *f = fopen(name, "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static int
set_up(void **state)
{
	strcpy(folder, "/tmp/cw-assets-XXXXXX");
	assert_non_null(mkdtemp(folder));
	assert_int_equal(chdir(folder), 0);
	mkdir("static", 0700);
	mkdir("templates", 0700);
	put("templates/frame.html", "<p>{{>main}}</p>");
	put("templates/page.html", "{{x}}");
	put("static/portal.css", "p {}");
	err_clear(&err);
	return 0;
}

static int
tear_down(void **state)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -r %s", folder);
	assert_int_equal(chdir("/"), 0);
	return system(command);
}

/* In the daemon they live as long as it does. */
static struct assets *kept[16];
static struct templates *kept_templates[16];
static size_t nkept;

static int
load(const char *share, struct assets **all, struct templates **t)
{
	int r;

	*t = NULL;
	r = assets_load(all, t, share, &err);
	kept[nkept] = *all;
	kept_templates[nkept++] = *t;
	return r;
}

static const struct asset *
find(const struct assets *all, const char *path)
{
	return assets_find(all, path, strlen(path));
}

static void
what_has_a_type_is_served_and_nothing_else(void **state)
{
	struct templates *t;
	struct assets *all;
	const struct asset *a;
	char etag[20], version[20];

	put("static/icon.svg", "<svg/>");
	put("static/notes.bak", "x");
	put("static/.hidden.css", "x");
	put("templates/page.html~", "{{#broken");
	assert_int_equal(load(".", &all, &t), 0);
	assert_non_null(a = find(all, "/static/portal.css"));
	assert_string_equal(a->type, "text/css; charset=utf-8");
	assert_memory_equal(a->data, "p {}", a->len);
	strcpy(etag, a->etag);
	strcpy(version, assets_version(all));
	assert_int_equal(strlen(version), 16);
	assert_int_equal(strlen(etag), 18);
	assert_string_equal(find(all, "/static/icon.svg")->type, "image/svg+xml");
	assert_null(find(all, "/static/notes.bak"));
	assert_null(find(all, "/static/.hidden.css"));
	assert_null(find(all, "/static/../templates/page.html"));
	assert_null(assets_find(all, "/static/portal.css.gz", 21));
	assert_non_null(assets_find(all, "/static/portal.css?x", 18)); /* the path, no query */
	assert_true(templates_have(t, "page"));
	assert_false(templates_have(t, "page.html"));
	/* another content has another tag, so that no browser keeps the old one */
	put("static/portal.css", "p { }");
	assert_int_equal(load(".", &all, &t), 0);
	assert_string_not_equal(find(all, "/static/portal.css")->etag, etag);
	assert_string_not_equal(assets_version(all), version);
}

static void
what_cannot_work_does_not_start(void **state)
{
	struct templates *t;
	struct assets *all;
	char name[64];

	assert_int_equal(load("nowhere", &all, &t), -1);
	assert_int_equal(err.refusal, R_DATA_DIR);
	assert_non_null(strstr(err.hint, "--share-dir"));
	err_clear(&err);
	put("templates/page.html", "{{#x}} never closed");
	assert_int_equal(load(".", &all, &t), -1);
	assert_int_equal(err.refusal, R_TEMPLATE);
	err_clear(&err);
	put("templates/page.html", "{{>not-there}}");
	assert_int_equal(load(".", &all, &t), -1);
	assert_int_equal(err.refusal, R_TEMPLATE);
	err_clear(&err);
	put("templates/page.html", "fine");
	for (int i = 0; i < 70; i++) {
		snprintf(name, sizeof(name), "static/%d.css", i);
		put(name, "x");
	}
	assert_int_equal(load(".", &all, &t), -1);
	assert_non_null(strstr(err.message, "more than 64"));
}

/* The datagram that arrives; "" when none does. */
static const char *
told(int fd)
{
	static char text[64];
	ssize_t n = recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT);

	text[n < 0 ? 0 : n] = '\0';
	return text;
}

static void
systemd_is_told_at_the_address_that_it_gave(void **state)
{
	static const char *const odd[] = { "", "/", "relative", "@" };
	struct sockaddr_un sun = { .sun_family = AF_UNIX, .sun_path = "notify" };
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	char path[128], long_path[200];

	assert_int_equal(bind(fd, (struct sockaddr *)&sun, sizeof(sun)), 0);
	unsetenv("NOTIFY_SOCKET");
	notify_open();
	notify_ready(); /* not under systemd: nothing happens */
	memset(long_path, 'x', sizeof(long_path) - 1);
	long_path[0] = '/';
	long_path[sizeof(long_path) - 1] = '\0';
	setenv("NOTIFY_SOCKET", long_path, 1);
	notify_open();
	for (size_t i = 0; i < nitems(odd); i++) {
		setenv("NOTIFY_SOCKET", odd[i], 1);
		notify_open();
		notify_ready();
	}
	snprintf(path, sizeof(path), "%s/nobody", folder);
	setenv("NOTIFY_SOCKET", path, 1);
	notify_open();
	notify_ready();
	assert_string_equal(told(fd), "");
	snprintf(path, sizeof(path), "%s/notify", folder);
	setenv("NOTIFY_SOCKET", path, 1);
	notify_open();
	notify_ready();
	assert_string_equal(told(fd), "READY=1");
	notify_stopping();
	assert_string_equal(told(fd), "STOPPING=1");
	close(fd);
	notify_stopping(); /* who listened is gone */
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(what_has_a_type_is_served_and_nothing_else),
		T(what_cannot_work_does_not_start),
		T(systemd_is_told_at_the_address_that_it_gave),
	};

	return cmocka_run_group_tests_name("assets", tests, NULL, NULL);
}
