/*
 * test_template.c - a page shows what the view holds, and nothing gets out
 *
 * render.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "front/template.h"

static struct buf out;
static struct err err;

/* A template and a view make this page. */
static void
makes(const char *template, const char *view, const char *want)
{
	struct templates *all = NULL;
	json_t *v = json_loads(view, 0, NULL);

	err_clear(&err);
	buf_free(&out);
	assert_non_null(v);
	if (templates_add(&all, "t", template, strlen(template), &err) < 0 ||
	    templates_check(all, &err) < 0 || templates_render(all, "t", NULL, v, &out, &err) < 0)
		fail_msg("%s: %s", template, err.message);
	assert_string_equal(buf_text(&out), want);
	json_decref(v);
	templates_free(all);
}

/* Why it does not load. */
static const char *
fault(const char *template)
{
	struct templates *all = NULL;

	err_clear(&err);
	if (templates_add(&all, "t", template, strlen(template), &err) == 0 &&
	    templates_check(all, &err) == 0)
		fail_msg("%s was taken", template);
	assert_int_equal(err.refusal, R_TEMPLATE);
	templates_free(all);
	return err.message;
}

static void
values_are_escaped_in_text_and_attributes(void **state)
{
	const char *view = "{\"v\":\"<b>&\\\"'\\u00e9\"}";

	makes("<p>{{v}}</p>", view, "<p>&lt;b&gt;&amp;&quot;&#39;\xc3\xa9</p>");
	makes("<p title=\"{{v}}\">", view, "<p title=\"&lt;b&gt;&amp;&quot;&#39;\xc3\xa9\">");
	makes("<p title='{{v}}'>", view, "<p title='&lt;b&gt;&amp;&quot;&#39;\xc3\xa9'>");
	makes("{{a}}{{n}}{{f}}{{t}}{{z}}{{r}}{{o}}{{l}}",
	    "{\"n\":-5,\"f\":false,\"t\":true,\"z\":null,\"r\":1.239,\"o\":{\"a\":1},\"l\":[1]}",
	    "-5falsetrue1.24");
	makes("a < b {{v}} <3", "{\"v\":1}", "a < b 1 <3");
}

static void
URLs_lead_to_this_site_or_are_https(void **state)
{
	static const struct {
		const char *value, *want;
	} cases[] = {
		{ "/a?b=c&d=\xc3\xa9 \\\"'<", "/a?b=c&amp;d=%C3%A9%20%22%27%3C" },
		{ "https://a.example/", "https://a.example/" },
		{ "#x", "#x" },
		{ "?q", "?q" },
		{ "", "" },
		{ "javascript:alert(1)", "#refused" },
		{ " javascript:alert(1)", "#refused" },
		{ "JaVaScRiPt:alert(1)", "#refused" },
		{ "data:text/html,x", "#refused" },
		{ "http://a.example/", "#refused" },
		{ "//evil.example", "#refused" },
		{ "/\\\\evil.example", "#refused" },
		{ "\\\\\\\\evil", "#refused" },
		{ "x", "#refused" },
	};
	static const char *const attributes[] = { "<a href=\"%s\">", "<a HREF='%s'>",
		"<a href = \"%s\">", "<a x href=\n\"%s\">", "<a title=\"a\" href=\"%s\">",
		"<a title=a href=\"%s\">", "<img src=\"%s\">", "<form action=\"%s\">",
		"<button formaction=\"%s\">", "<use xlink:href=\"%s\"/>" };

	for (size_t i = 0; i < nitems(cases); i++)
		for (size_t j = 0; j < nitems(attributes); j++) {
			char template[100], view[100], want[200];

			snprintf(template, sizeof(template), attributes[j], "{{v}}");
			snprintf(view, sizeof(view), "{\"v\":\"%s\"}", cases[i].value);
			snprintf(want, sizeof(want), attributes[j], cases[i].want);
			makes(template, view, want);
		}
	makes("<a href=\"{{e}}{{v}}\">", "{\"e\":\"\",\"v\":\"javascript:x\"}",
	    "<a href=\"#refused\">");
	makes("<a href=\"/x/{{v}}\">", "{\"v\":\"javascript:x\"}", "<a href=\"/x/javascript:x\">");
	makes("<a data-href=\"{{v}}\">", "{\"v\":\"x&\"}", "<a data-href=\"x&amp;\">");
}

static void
sections_and_names(void **state)
{
	makes("{{#l}}[{{n}}{{.}}]{{/l}}", "{\"l\":[{\"n\":1},{\"n\":2}],\"n\":9}", "[1][2]");
	makes("{{#l}}{{.}},{{/l}}", "{\"l\":[\"a\",2,true]}", "a,2,true,");
	makes("{{#l}}{{m}}{{n}} {{/l}}", "{\"l\":[{\"n\":1},{}],\"n\":9,\"m\":8}", "81 89 ");
	makes("{{#o}}{{a}}{{/o}}{{o.a}}{{o.b.c}}{{o.x.y}}{{x.y}}",
	    "{\"o\":{\"a\":1,\"b\":{\"c\":2}}}", "112");
	makes("{{#s}}yes{{/s}}{{^s}}no{{/s}}", "{\"s\":\"x\"}", "yes");
	for (const char *const *v =
		 (const char *const[]){ "null", "false", "\"\"", "0", "[]", NULL };
	     *v != NULL; v++) {
		char view[40];

		snprintf(view, sizeof(view), "{\"s\":%s}", *v);
		makes("{{#s}}yes{{/s}}{{^s}}no{{/s}}", view, "no");
	}
	makes("a{{! not shown }}b{{!}}c", "{}", "abc");
	makes("<b{{#x}} class=\"a\"{{/x}}{{#y}} title=\"{{y}}\"{{/y}}>", "{\"x\":1,\"y\":\"z\"}",
	    "<b class=\"a\" title=\"z\">");
	makes("<b title=\"{{#x}}{{x}}{{/x}}\">", "{\"x\":\"y\"}", "<b title=\"y\">");
	makes("<option{{#x}} selected{{/x}} value=\"{{x}}\">", "{\"x\":1}",
	    "<option selected value=\"1\">");
	makes("<script src=\"{{x}}\"></script>{{x}}", "{\"x\":\"/a\"}",
	    "<script src=\"/a\"></script>/a");
	makes("<!doctype html><p a=b c>{{x}}</p>", "{\"x\":1}", "<!doctype html><p a=b c>1</p>");
}

static void
a_value_where_it_could_do_harm_does_not_load(void **state)
{
	static const char *const wrong[] = { "<p title={{v}}>", "<p {{v}}>", "<p {{v}}=\"a\">",
		"<{{v}}>", "</{{v}}>", "<p title=a{{v}}>", "<p onclick=\"{{v}}\">",
		"<p ONCLICK='{{v}}'>", "<p onclick = \"{{v}}\">", "<p style=\"{{v}}\">",
		"<img srcset=\"{{v}}\">", "<iframe srcdoc=\"{{v}}\">", "<script>{{v}}</script>",
		"<SCRIPT>{{v}}</SCRIPT>", "<style>{{v}}</style>", "<script>\"{{v}}\"</script>",
		"<!-- {{v}} -->", "<!-- ' --><a href=\"{{v}}\">" };

	for (size_t i = 0; i < nitems(wrong); i++)
		fault(wrong[i]);
	assert_string_equal(fault("{{{v}}}"), "template t line 1: a name has odd characters");
	assert_string_equal(fault("{{&v}}"), "template t line 1: a name has odd characters");
}

static void
a_section_leaves_HTML_where_it_was(void **state)
{
	static const char *const wrong[] = { "<p {{#x}}title=\"{{/x}}\">", "<p{{#x}}>{{/x}}",
		"{{#x}}<p {{/x}}>", "<a href=\"{{#x}}\" title=\"{{/x}}{{v}}\">",
		"<a href=\"{{#x}}\" href='{{/x}}{{v}}'>", "<a href{{#x}}x{{/x}}=\"{{v}}\">",
		"<a {{#x}}data-x{{/x}}{{^x}}href{{/x}}=\"{{v}}\">",
		"<a{{#x}} title={{/x}}\"{{v}}\">", "<a{{#x}} title={{/x}} \"{{v}}\">",
		"<a{{#x}} hre{{/x}}f=\"{{v}}\">", "<a href={{#x}} {{/x}}\"{{v}}\">", "<p \"a\">",
		"<{{#x}}b{{/x}}>" };

	for (size_t i = 0; i < nitems(wrong); i++)
		fault(wrong[i]);
}

static void
errors_name_template_and_line(void **state)
{
	assert_string_equal(fault("a\nb\n{{#x}}\n"), "template t line 4: a section is not closed");
	assert_string_equal(
	    fault("\n{{/x}}"), "template t line 2: it closes a section that is not open");
	assert_string_equal(
	    fault("{{#x}}{{/y}}"), "template t line 1: it closes a section that is not open");
	assert_string_equal(fault("a\n\n{{x"), "template t line 3: {{ without }}");
	assert_string_equal(fault("{{}}"), "template t line 1: a name has odd characters");
	assert_string_equal(fault("{{#}}{{/}}"), "template t line 1: a name has odd characters");
	assert_string_equal(fault("{{x y}}"), "template t line 1: a name has odd characters");
	assert_string_equal(fault("<p>\n<p title=\""), "template t line 2: it ends inside a tag");
	assert_string_equal(
	    fault("<p title=\"{{>x}}\">"), "template t line 1: a partial may stand in text only");
	fault("{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}"
	      "{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}{{#a}}");
	assert_non_null(strstr(err.message, "nested too deep"));
}

static void
partials_exist_and_do_not_turn_in_circles(void **state)
{
	struct templates *all = NULL;
	json_t *view = json_pack("{s[{si},{si}]}", "l", "n", 1, "n", 2);

	err_clear(&err);
	buf_reset(&out);
	assert_int_equal(templates_add(&all, "frame", "<{{>main}}>", 11, &err), -1);
	err_clear(&err);
	assert_int_equal(templates_add(&all, "frame", "[{{>main}}]", 11, &err), 0);
	assert_int_equal(templates_add(&all, "page", "{{#l}}{{>row}}{{/l}}", 20, &err), 0);
	assert_int_equal(templates_check(all, &err), -1);
	assert_string_equal(err.message, "template page includes row, which is not there");
	err_clear(&err);
	assert_int_equal(templates_add(&all, "row", "({{n}})", 7, &err), 0);
	assert_int_equal(templates_check(all, &err), 0);
	assert_int_equal(templates_render(all, "frame", "page", view, &out, &err), 0);
	assert_string_equal(buf_text(&out), "[(1)(2)]");
	buf_reset(&out);
	assert_int_equal(templates_render(all, "frame", NULL, view, &out, &err), 0);
	assert_string_equal(buf_text(&out), "[]");
	assert_int_equal(templates_render(all, "frame", "none", view, &out, &err), -1);
	assert_string_equal(err.message, "template none is not there");
	err_clear(&err);
	assert_int_equal(templates_add(&all, "row", "x", 1, &err), -1);
	assert_string_equal(err.message, "template row is there twice");
	err_clear(&err);
	assert_true(templates_have(all, "row"));
	assert_false(templates_have(all, "ro"));
	/* a page that includes itself as the page */
	assert_int_equal(templates_add(&all, "self", "{{>main}}", 9, &err), 0);
	assert_int_equal(templates_render(all, "frame", "self", view, &out, &err), -1);
	assert_int_equal(err.refusal, R_TEMPLATE);
	err_clear(&err);
	assert_int_equal(templates_add(&all, "a", "{{>b}}", 6, &err), 0);
	assert_int_equal(templates_add(&all, "b", "{{>a}}", 6, &err), 0);
	assert_int_equal(templates_check(all, &err), -1);
	assert_non_null(strstr(err.message, "includes itself"));
	json_decref(view);
	templates_free(all);
	templates_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_escaped_in_text_and_attributes),
		cmocka_unit_test(URLs_lead_to_this_site_or_are_https),
		cmocka_unit_test(sections_and_names),
		cmocka_unit_test(a_value_where_it_could_do_harm_does_not_load),
		cmocka_unit_test(a_section_leaves_HTML_where_it_was),
		cmocka_unit_test(errors_name_template_and_line),
		cmocka_unit_test(partials_exist_and_do_not_turn_in_circles),
	};
	int r = cmocka_run_group_tests(tests, NULL, NULL);

	buf_free(&out);
	return r;
}
