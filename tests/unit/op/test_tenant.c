/*
 * test_tenant.c - tenants, who may act in them, and their people's invitations
 *
 * base/role.c, op_invite.c, op_names.c, store/store_tenant.c, store/store_name.c
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "op/op_invite.h"
#include "op/op_names.h"
#include "op/op_proof.h"
#include "op/op_tenant.h"
#include "people_fake.h"

#define T0   1800000000
#define HOME "192.0.2.1"

static char secret[SECRET_TEXT_SIZE], cookie[SECRET_TEXT_SIZE];
static struct tenant acme, zeta;
static struct account person;
static unsigned due;

static void
as_super(struct ctx *cx)
{
	fake_request(cx, T0, HOME);
	strcpy(cx->tenant, TENANT_SYSTEM);
	cx->actor.kind = ACTOR_LOCAL;
	cx->actor.role = ROLE_SUPER;
	strcpy(cx->actor.name, "local");
}

static int
two_tenants(void **state)
{
	const struct tenant_wish w = TENANT_WISH_NONE;
	struct ctx *cx;

	if (fake_open(state) < 0)
		return -1;
	cx = &((struct fake *)*state)->cx;
	as_super(cx);
	assert_done(cx, op_tenant_create(cx, "acme", &w, &acme));
	assert_done(cx, op_tenant_create(cx, "zeta", &w, &zeta));
	return 0;
}

/* jane of acme has chosen a password. */
static void
jane(struct ctx *cx)
{
	as_super(cx);
	assert_done(cx, op_tenant_enter(cx, "acme"));
	assert_done(cx, op_invite(cx, "jane", "jane@acme.example", NULL, secret, &person));
	fake_request(cx, T0, HOME);
	assert_done(cx, op_invitation_take(cx, secret, GOOD_PASSWORD, "test", cookie));
}

static void
the_name_of_a_tenant_is_a_DNS_label(void **state)
{
	static const char *const bad[] = { "", "-a", "a-", "Acme", "a.b", "a b", "a/b", "system",
		"xn--acme", "\xc3\xa4", "a_b",
		"0123456789012345678901234567890123456789012345678901234567890123" };
	const struct tenant_wish w = TENANT_WISH_NONE;
	struct ctx *cx = &((struct fake *)*state)->cx;
	struct tenant t;

	for (size_t i = 0; i < nitems(bad); i++)
		assert_refused(cx, op_tenant_create(cx, bad[i], &w, &t), R_TENANT_NAME);
	assert_refused(cx, op_tenant_create(cx, "acme", &w, &t), R_TENANT_EXISTS);
	assert_done(cx, op_tenant_create(cx, "a", &w, &t));
	assert_done(cx, op_tenant_create(cx, "7-up", &w, &t));
}

static void
a_tenant_has_a_portal_a_contact_and_limits(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;
	struct tenant_wish w = { "it@acme.example", 3, 0, 20 };
	struct tenant_use use;
	struct identity i;
	struct tenant t;

	assert_done(cx, op_tenant_change(cx, "acme", &w, &t));
	assert_done(cx, op_tenant_load(cx, acme.id, &t));
	assert_string_equal(t.contact, "it@acme.example");
	assert_int_equal(t.max_identities, 3);
	assert_int_equal(t.max_requests, 20);
	w = (struct tenant_wish){ NULL, -1, 5, -1 };
	assert_done(cx, op_tenant_change(cx, "acme", &w, &t));
	assert_string_equal(t.contact, "it@acme.example");
	assert_int_equal(t.max_certificates, 5);
	assert_int_equal(t.max_identities, 3);
	assert_done(cx, op_tenant_use(cx, &t, &use));
	assert_int_equal(use.identities, 1);
	assert_done(cx, op_tenant_enter(cx, "acme"));
	assert_done(cx, store_identity_load(cx, "portal", &i));
	as_super(cx);
	w = (struct tenant_wish){ NULL, -2, -1, -1 };
	assert_refused(cx, op_tenant_change(cx, "acme", &w, &t), R_TENANT_LIMIT);
	w = (struct tenant_wish){ NULL, -1, -1, 1000001 };
	assert_refused(cx, op_tenant_change(cx, "acme", &w, &t), R_TENANT_LIMIT);
	w = (struct tenant_wish){ "no address", -1, -1, -1 };
	assert_refused(cx, op_tenant_change(cx, "acme", &w, &t), R_ACCOUNT_EMAIL);
}

static void
a_limit_is_kept(void **state)
{
	const struct tenant_wish w = { NULL, 1, 0, 0 };
	struct ctx *cx = &((struct fake *)*state)->cx;
	struct tenant t;

	assert_done(cx, db_begin(cx));
	assert_done(cx, tenant_quota(cx, QUOTA_IDENTITIES)); /* of the system: none */
	assert_done(cx, op_tenant_enter(cx, "acme"));
	assert_done(cx, tenant_quota(cx, QUOTA_IDENTITIES));
	db_rollback(cx);
	as_super(cx);
	assert_done(cx, op_tenant_change(cx, "acme", &w, &t));
	assert_done(cx, op_tenant_enter(cx, "acme"));
	assert_done(cx, db_begin(cx));
	assert_refused(cx, tenant_quota(cx, QUOTA_IDENTITIES), R_QUOTA);
	assert_done(cx, db_begin(cx));
	assert_done(cx, tenant_quota(cx, QUOTA_CERTIFICATES));
	assert_done(cx, tenant_quota(cx, QUOTA_REQUESTS));
}

static void
P22_nobody_enters_another_tenant(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;
	char foreign[1200];

	jane(cx);
	fake_request(cx, T0, HOME);
	assert_done(cx, op_authenticate_cookie(cx, cookie));
	assert_string_equal(cx->tenant, acme.id);
	assert_string_equal(cx->actor.tenant, acme.id);
	assert_done(cx, op_tenant_enter(cx, "acme"));
	assert_int_equal(op_tenant_enter(cx, "zeta"), -1);
	snprintf(
	    foreign, sizeof(foreign), "%d %s %s", cx->err.refusal, cx->err.message, cx->err.hint);
	err_clear(&cx->err);
	assert_int_equal(op_tenant_enter(cx, "nobody"), -1);
	assert_string_equal(foreign,
	    arena_printf(cx->arena, "%d %s %s", cx->err.refusal, cx->err.message, cx->err.hint));
	err_clear(&cx->err);
	assert_refused(cx, op_tenant_enter(cx, TENANT_SYSTEM), R_NOT_FOUND);
	assert_string_equal(cx->tenant, acme.id);
}

static void
P22_names_of_people_tell_nothing_of_other_tenants(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;
	struct account a;

	fake_account(cx, "jane");
	jane(cx);
	as_super(cx);
	assert_done(cx, op_tenant_enter(cx, "zeta"));
	assert_done(cx, op_invite(cx, "jane", "jane@zeta.example", NULL, secret, &a));
	assert_string_equal(a.login, "jane@zeta");
	as_super(cx);
	assert_done(cx, op_account_load(cx, "jane", &a));
	assert_string_equal(a.login, "jane");
	assert_int_equal(a.role, ROLE_SUPER);
}

static void
V1_each_signs_in_at_the_door_of_its_own(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;

	jane(cx);
	fake_request(cx, T0, HOME);
	strcpy(cx->tenant, TENANT_SYSTEM);
	assert_refused(
	    cx, op_sign_in(cx, true, "jane@acme", GOOD_PASSWORD, "", cookie, &due), R_SIGNIN_DOOR);
	assert_done(cx, op_sign_in(cx, false, "Jane@ACME", GOOD_PASSWORD, "", cookie, &due));
	assert_int_equal(due, 0);
	assert_string_equal(cx->actor.tenant, acme.id);
	assert_int_equal(cx->actor.role, ROLE_TENANT_ADMIN);
	fake_request(cx, T0, HOME);
	strcpy(cx->tenant, TENANT_SYSTEM);
	assert_refused(
	    cx, op_sign_in(cx, false, "jane", GOOD_PASSWORD, "", cookie, &due), R_SIGNIN_WRONG);
	assert_refused(cx, op_sign_in(cx, false, "jane@zeta", GOOD_PASSWORD, "", cookie, &due),
	    R_SIGNIN_WRONG);
}

static void
no_name_of_the_system_shadows_one_of_a_tenant(void **state)
{
	const struct tenant_wish w = TENANT_WISH_NONE;
	struct ctx *cx = &((struct fake *)*state)->cx;
	struct account a;
	struct tenant t;

	assert_refused(cx,
	    op_account_create(cx, "x@Acme", "x@example.com", NULL, GOOD_PASSWORD, &a),
	    R_ACCOUNT_NAME);
	assert_done(cx, op_account_create(cx, "x@beta", "x@example.com", NULL, GOOD_PASSWORD, &a));
	assert_refused(cx, op_tenant_create(cx, "beta", &w, &t), R_TENANT_NAME);
}

static void
P27_a_suspended_tenants_people_are_out_at_once(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;
	char token[TOKEN_TEXT_SIZE];
	struct token t;
	struct tenant now;

	jane(cx);
	assert_done(cx, op_token_create(cx, NULL, 0, &t, token));
	assert_done(cx, op_authenticate_token(cx, token));
	as_super(cx);
	assert_done(cx, op_tenant_suspend(cx, "acme", "unpaid", &now));
	assert_refused(cx, op_tenant_suspend(cx, "acme", "", &now), R_TENANT_STATE);
	fake_request(cx, T0, HOME);
	assert_refused(cx, op_authenticate_cookie(cx, cookie), R_TENANT_SUSPENDED);
	assert_int_equal(cx->actor.kind, ACTOR_NOBODY);
	assert_refused(cx, op_authenticate_token(cx, token), R_TENANT_SUSPENDED);
	assert_int_equal(cx->actor.kind, ACTOR_NOBODY);
	strcpy(cx->tenant, TENANT_SYSTEM);
	assert_refused(cx, op_sign_in(cx, false, "jane@acme", GOOD_PASSWORD, "", secret, &due),
	    R_TENANT_SUSPENDED);
	as_super(cx);
	assert_done(cx, op_tenant_enter(cx, "acme")); /* to set it right */
	as_super(cx);
	assert_done(cx, op_tenant_resume(cx, "acme", &now));
	fake_request(cx, T0, HOME);
	assert_done(cx, op_authenticate_cookie(cx, cookie));
	assert_done(cx, op_authenticate_token(cx, token));
}

static void
a_deleted_tenant_is_a_tombstone(void **state)
{
	const struct tenant_wish w = TENANT_WISH_NONE;
	struct tenant_query q = { .ended = true, .limit = 10 };
	struct ctx *cx = &((struct fake *)*state)->cx;
	struct audit_query all = { .limit = 50 };
	struct audit_row *events;
	struct tenant *list, t;
	char token[TOKEN_TEXT_SIZE];
	struct token made;
	size_t n;
	bool more;

	jane(cx);
	assert_done(cx, op_token_create(cx, NULL, 0, &made, token));
	assert_done(cx, op_authenticate_token(cx, token));
	as_super(cx);
	assert_refused(cx, op_tenant_delete(cx, "acme", "zeta"), R_TENANT_CONFIRM);
	assert_done(cx, op_tenant_delete(cx, "acme", "acme"));
	assert_refused(cx, op_tenant_enter(cx, "acme"), R_NOT_FOUND);
	assert_refused(cx, op_tenant_load(cx, acme.id, &t), R_NOT_FOUND);
	fake_request(cx, T0, HOME);
	assert_refused(cx, op_authenticate_cookie(cx, cookie), R_SESSION_UNKNOWN);
	assert_refused(cx, op_authenticate_token(cx, token), R_TOKEN_UNKNOWN);
	as_super(cx);
	assert_done(cx, op_tenant_list(cx, &q, &list, &n, &more));
	assert_int_equal(n, 1);
	assert_string_equal(list[0].former, "acme");
	/* the name is free, and its next owner sees nothing of the one before */
	assert_done(cx, op_tenant_create(cx, "acme", &w, &t));
	assert_string_not_equal(t.id, acme.id);
	assert_done(cx, op_tenant_enter(cx, "acme"));
	assert_done(cx, op_audit_list(cx, &all, &events, &n, &more));
	assert_int_equal(n, 1); /* tenant.create */
	as_super(cx);
	assert_done(cx, op_audit_list(cx, &all, &events, &n, &more));
	assert_true(n > 4);
}

static void
P26_an_invitation_is_one_persons_once(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;
	char first[SECRET_TEXT_SIZE];
	struct account a;

	assert_done(cx, op_tenant_enter(cx, "acme"));
	assert_done(cx, op_invite(cx, "jane", "jane@acme.example", "operator", first, &a));
	assert_int_equal(a.role, ROLE_OPERATOR);
	fake_request(cx, T0, HOME);
	strcpy(cx->tenant, TENANT_SYSTEM);
	assert_refused(
	    cx, op_sign_in(cx, false, "jane@acme", "", "", cookie, &due), R_SIGNIN_WRONG);
	as_super(cx);
	assert_done(cx, op_tenant_enter(cx, "acme"));
	assert_done(cx, op_invite(cx, "jane", "jane@acme.example", "auditor", secret, &a));
	fake_request(cx, T0, HOME);
	assert_refused(cx, op_invitation(cx, first, &a), R_INVITATION); /* replaced */
	assert_refused(cx, op_invitation(cx, "", &a), R_INVITATION);
	assert_refused(cx, op_invitation_take(cx, secret, "short", "", cookie), R_PASSWORD_SHORT);
	assert_done(cx, op_invitation(cx, secret, &a));
	assert_string_equal(a.login, "jane@acme");
	cx->now = T0 + INVITATION_LIFE_S;
	assert_refused(cx, op_invitation(cx, secret, &a), R_INVITATION);
	cx->now--;
	assert_done(cx, op_invitation_take(cx, secret, GOOD_PASSWORD, "", cookie));
	assert_int_equal(cx->actor.role, ROLE_AUDITOR);
	fake_request(cx, T0, HOME);
	assert_refused(cx, op_invitation_take(cx, secret, GOOD_PASSWORD, "", cookie), R_INVITATION);
	as_super(cx);
	assert_done(cx, op_tenant_enter(cx, "acme"));
	assert_refused(
	    cx, op_invite(cx, "jane", "jane@acme.example", NULL, secret, &a), R_ACCOUNT_EXISTS);
}

static void
P26_an_invitation_ends_with_a_password_and_with_the_account(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;
	struct account a;

	assert_done(cx, op_tenant_enter(cx, "acme"));
	assert_done(cx, op_invite(cx, "jane", "jane@acme.example", NULL, secret, &a));
	assert_done(cx, op_account_enable(cx, "jane", false, &a));
	assert_refused(cx, op_invitation(cx, secret, &a), R_INVITATION);
	assert_done(cx, op_account_enable(cx, "jane", true, &a));
	assert_done(cx, op_invitation(cx, secret, &a));
	/* an admin sets a password by hand: the link must not replace it */
	assert_done(cx, op_account_password(cx, "jane", GOOD_PASSWORD, &a));
	assert_refused(cx, op_invitation(cx, secret, &a), R_INVITATION);
	assert_refused(cx, op_invitation_take(cx, secret, "eine ganz neue Parole 9", "", cookie),
	    R_INVITATION);
}

static void
V53_who_was_invited_is_no_Super_Admin_to_count_on(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;
	struct account a;

	fake_account(cx, "root");
	assert_done(cx, op_invite(cx, "second", "second@example.com", NULL, secret, &a));
	assert_refused(cx, op_account_enable(cx, "root", false, &a), R_LAST_SUPER);
	assert_refused(cx, op_account_delete(cx, "root"), R_LAST_SUPER);
	assert_done(cx, op_account_delete(cx, "second"));
	assert_done(cx, op_invite(cx, "second", "second@example.com", NULL, secret, &a));
	fake_request(cx, T0, HOME);
	assert_done(cx, op_invitation_take(cx, secret, GOOD_PASSWORD, "", cookie));
	as_super(cx);
	assert_done(cx, op_account_delete(cx, "root"));
}

static void
each_place_has_its_roles(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;
	struct account a;

	for (enum role r = ROLE_NONE; r <= ROLE_SUPER; r++)
		assert_int_equal(role_of(role_name(r)), r);
	assert_int_equal(role_of("root"), ROLE_NONE);
	assert_refused(
	    cx, op_invite(cx, "a", "a@example.com", "tenant-admin", secret, &a), R_ACCOUNT_ROLE);
	assert_refused(cx, op_invite(cx, "a", "a@example.com", "root", secret, &a), R_ACCOUNT_ROLE);
	assert_done(cx, op_invite(cx, "a", "a@example.com", "auditor", secret, &a));
	assert_done(cx, op_tenant_enter(cx, "acme"));
	assert_refused(
	    cx, op_invite(cx, "a", "a@example.com", "super", secret, &a), R_ACCOUNT_ROLE);
	assert_done(cx, op_invite(cx, "a", "a@example.com", "", secret, &a));
	assert_int_equal(a.role, ROLE_TENANT_ADMIN);
}

static bool
has(struct ctx *cx, const char *name)
{
	struct own_names own;

	assert_done(cx, own_names_load(cx, &own));
	return own_names_have(&own, name);
}

static void
M28_whose_a_name_is(void **state)
{
	static const struct {
		const char *name;
		bool own;
	} cases[] = {
		{ "acme.vc.example.com", 1 },
		{ "a.b.acme.vc.example.com", 1 },
		{ "*.acme.vc.example.com", 1 },
		{ "shop.example", 1 },
		{ "www.shop.example", 1 },
		{ "*.shop.example", 1 },
		{ "zeta.vc.example.com", 0 },
		{ "vc.example.com", 0 },
		{ "*.vc.example.com", 0 },
		{ "example.com", 0 },
		{ "xshop.example", 0 },
		{ "shop.example.com", 0 },
		{ "example", 0 },
		{ "", 0 },
		{ "*", 0 },
		{ ".shop.example", 0 },
		{ "10.1.2.3", 0 },
	};
	struct ctx *cx = &((struct fake *)*state)->cx;
	struct name_row r;
	struct own_name *list;
	size_t n;

	assert_true(has(cx, "whatever.example")); /* of the system */
	assert_done(cx, op_names_set_base(cx, "VC.example.com"));
	assert_done(cx, op_tenant_enter(cx, "acme"));
	assert_done(cx, op_names_add(cx, "Shop.Example", &r));
	for (size_t i = 0; i < nitems(cases); i++)
		if (has(cx, cases[i].name) != cases[i].own)
			fail_msg("%s: not %d", cases[i].name, cases[i].own);
	assert_done(cx, op_names_list(cx, &list, &n));
	assert_int_equal(n, 2);
	assert_true(list[0].by_itself);
	as_super(cx);
	assert_done(cx, op_tenant_enter(cx, "zeta"));
	assert_refused(cx, op_names_add(cx, "shop.example", &r), R_NAME_TAKEN);
	assert_refused(cx, op_names_add(cx, "www.shop.example", &r), R_NAME_TAKEN);
	assert_refused(cx, op_names_remove(cx, "shop.example"), R_NOT_FOUND);
	assert_false(has(cx, "shop.example"));
	as_super(cx);
	assert_refused(cx, op_names_add(cx, "x.example", &r), R_NAMES_SYSTEM);
	assert_refused(cx, op_names_set_base(cx, "www.shop.example"), R_NAME_TAKEN);
	assert_done(cx, op_tenant_delete(cx, "acme", "acme"));
	memcpy(cx->tenant, acme.id, sizeof(cx->tenant)); /* what was under way goes on there */
	assert_false(has(cx, "acme.vc.example.com"));
	as_super(cx);
	assert_done(cx, op_tenant_enter(cx, "zeta"));
	assert_done(cx, op_names_add(cx, "shop.example", &r)); /* it is free again */
}

static void
a_token_of_a_tenant_is_one_of_its_peoples(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;
	char token[TOKEN_TEXT_SIZE];
	struct token t;

	jane(cx);
	as_super(cx);
	assert_done(cx, op_tenant_enter(cx, "acme"));
	assert_refused(cx, op_token_create(cx, NULL, 0, &t, token), R_TOKEN_USER);
	assert_done(cx, op_token_create(cx, "jane", 0, &t, token));
	fake_request(cx, T0, HOME);
	assert_done(cx, op_authenticate_token(cx, token));
	assert_string_equal(cx->tenant, acme.id);
	assert_int_equal(cx->actor.role, ROLE_TENANT_ADMIN);
}

/* Who was in it when it was deleted is still in it. */
static void
a_name_that_comes_after_the_end_is_nobodys(void **state)
{
	struct ctx *cx = &((struct fake *)*state)->cx;
	struct name_claim c;
	struct name_row r;

	as_super(cx);
	assert_done(cx, op_tenant_enter(cx, "acme"));
	strcpy(cx->tenant, acme.id);
	assert_done(cx, db_begin(cx));
	assert_done(cx, store_tenant_load(cx, "acme", &acme));
	acme.state = "deleted";
	acme.former = acme.name;
	acme.name = acme.id;
	assert_done(cx, store_tenant_update(cx, &acme));
	assert_done(cx, db_commit(cx));
	assert_refused(cx, op_names_add(cx, "late.example", &r), R_NOT_FOUND);
	strcpy(cx->tenant, acme.id);
	assert_refused(cx, op_claim(cx, "late.example", &c), R_NOT_FOUND);
}

int
main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, two_tenants, fake_close)
	const struct CMUnitTest tests[] = {
		T(the_name_of_a_tenant_is_a_DNS_label),
		T(a_tenant_has_a_portal_a_contact_and_limits),
		T(a_limit_is_kept),
		T(P22_nobody_enters_another_tenant),
		T(P22_names_of_people_tell_nothing_of_other_tenants),
		T(V1_each_signs_in_at_the_door_of_its_own),
		T(no_name_of_the_system_shadows_one_of_a_tenant),
		T(P27_a_suspended_tenants_people_are_out_at_once),
		T(a_deleted_tenant_is_a_tombstone),
		T(a_name_that_comes_after_the_end_is_nobodys),
		T(P26_an_invitation_is_one_persons_once),
		T(P26_an_invitation_ends_with_a_password_and_with_the_account),
		T(V53_who_was_invited_is_no_Super_Admin_to_count_on),
		T(each_place_has_its_roles),
		T(M28_whose_a_name_is),
		T(a_token_of_a_tenant_is_one_of_its_peoples),
	};

	return cmocka_run_group_tests_name("tenant", tests, NULL, NULL);
}
