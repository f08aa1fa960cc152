/*
 * routes.c - every page's table, in the order of the documents
 */
#include "front/routes.h"
#include "page/page_application.h"
#include "page/page_certificate.h"
#include "page/page_component.h"
#include "page/page_issued.h"
#include "page/page_notify.h"
#include "page/page_people.h"
#include "page/page_preview.h"
#include "page/page_procedure.h"
#include "page/page_request.h"
#include "page/page_system.h"
#include "routes.h"

const struct route_table *const route_tables[] = {
	&page_status_routes,
	&page_setup_routes,
	&page_login_routes,
	&page_account_routes,
	&page_accounts_routes,
	&page_invite_routes,
	&page_tenants_routes,
	&page_names_routes,
	&page_found_routes,
	&page_pull_routes,
	&page_renewal_routes,
	&page_plan_routes,
	&page_notify_routes,
	&page_custodian_routes,
	&page_passwords_routes,
	&page_banner_routes,
	&page_backup_routes,
	&page_advanced_routes,
	&page_tokens_routes,
	&page_license_routes,
	&page_identity_routes,
	&page_key_routes,
	&page_compromised_routes,
	&page_replace_routes,
	&page_csr_routes,
	&page_preset_routes,
	&page_request_routes,
	&page_preview_routes,
	&page_authority_routes,
	&page_submission_routes,
	&page_batch_routes,
	&page_link_routes,
	&page_ca_routes,
	&page_ca_keys_routes,
	&page_ca_history_routes,
	&page_ca_lists_routes,
	&page_ca_renew_routes,
	&page_clock_routes,
	&page_inventory_routes,
	&page_issued_routes,
	&page_policy_routes,
	&page_certificate_routes,
	&page_answer_routes,
	&page_trust_routes,
	&page_component_routes,
	&page_component_one_routes,
	&page_application_routes,
	&page_doors_routes,
	&page_activity_routes,
	&page_system_routes,
	NULL,
};
