/*
 * shapes.c - what the API's answers look like, by name
 *
 * A member is name:kind. Kinds: s text, i whole number, b yes or no, t time,
 * l list of texts, o anything, &X shape X, *X list of it; S I T &X| may be null;
 * a ? behind: it may be missing.
 */
#include <string.h>

#include "base/base.h"
#include "front/shapes.h"

static const struct {
	const char *name, *help, *members;
} shapes[] = {
	{ "Nothing", "it is done", "" },
	{ "Document", "OpenAPI 3.1", NULL },
	{ "Config", "options as in certwrightd.conf(5)",
	    "data-dir:s listen:l workers:s loops:s renew-at-once:s renew-spread:s no-sandbox:s proof-port:s share-dir:s? resolver:s? "
	    "outbound-allow:l? targets:s? license-key:s?" },

	{ "Account", "a person who may sign in",
	    "id:s name:s login:s email:s role:s enabled:b totp:b created:t password_set:T "
	    "last_sign_in:T invited_until:T" },
	{ "Accounts", NULL, "accounts:*Account" },
	{ "Invitation", "an account, and the link that its password is set by, this once",
	    "id:s name:s login:s email:s role:s enabled:b totp:b created:t password_set:T "
	    "last_sign_in:T invited_until:T url:s until:t" },
	{ "Tenant", "who has keys, names and people here; limits: 0 is none",
	    "id:s name:s state:s reason:S contact:S created_by:s created:t ended:T "
	    "max_identities:i max_certificates:i max_requests:i people:i identities:i "
	    "certificates:i requests:i" },
	{ "Tenants", NULL, "tenants:*Tenant more:b" },
	{ "Name",
	    "a name that was given to a tenant with all below it, or that it claims; state: given, "
	    "claimed, proved or aged; token: to be published as TXT at record, or at url",
	    "name:s added_by:s added:t state:s method:S proved:T proof_ends:T record:S token:S "
	    "url:S" },
	{ "Base", "each tenant has its name under it", "base:S" },
	{ "OwnName",
	    "covered: a certificate is presented for it; identity: whose, if it is one's own",
	    "name:s by_itself:b added_by:S added:T covered:b identity:S state:s method:S proved:T "
	    "proof_ends:T record:S token:S url:S" },
	{ "TenantNames", NULL, "tenant:s names:*OwnName" },
	{ "Names", "tenants: those of the system only",
	    "base:S names:*OwnName tenants:*TenantNames more:b" },
	{ "Effort", "renewals in a year, each at two thirds of the life", "days:i renewals:i" },
	{ "Strategy",
	    "exposed: names beside those of other tenants; uncovered: names that no certificate has",
	    "strategy:s certificates:i to_make:i exposed:i uncovered:i effort:*Effort" },
	{ "PlanCertificate",
	    "state: new, requested, installed; size: names in it; tenants: whose names stand in it; "
	    "left_out: names that its wildcard does not cover",
	    "identity:S state:s tenant:S names:l size:i covers:i tenants:i wildcard:S left_out:i "
	    "not_after:T" },
	{ "PlanName", "certificate: of the plan; covered: a good one is presented now",
	    "name:s tenant:S certificate:S reason:S left_out_by:S covered:b covered_by:S" },
	{ "Plan", NULL,
	    "authority:s profile:s date:s base:S days:i max_names:i strategy:s recommended:s "
	    "reason:s no_wildcard:S total:i covered:i uncovered:i to_make:i strategies:*Strategy "
	    "certificates:*PlanCertificate names:*PlanName" },
	{ "AppliedCertificate", "state: requested, held, installed",
	    "identity:s common_name:s size:i request:s submission:S state:s" },
	{ "ApplyFailure", "where it ended; what was made before stays",
	    "identity:s id:s detail:s hint:s" },
	{ "Applied", "left: certificates that were not begun",
	    "made:*AppliedCertificate left:i failed:&ApplyFailure|" },
	{ "MailServer", "a password and certificates of CAs are told of, never shown",
	    "host:s port:i tls:s user:S password:b from:s ca:b" },
	{ "Digest", "a message: sent, or on its way",
	    "id:s channel:s subject:s created:t tries:i "
	    "sent:T next:T failure:S" },
	{ "Notify", "who is told of what; mail: there is a server; server: for the system only",
	    "addresses:l webhook:S webhook_ca:b secret:b parts:s days:s minutes:i mail:b "
	    "server:&MailServer| digests:*Digest" },
	{ "NotifyTried", NULL, "channel:s sent:b failure:S" },
	{ "NotifyTest", "what became of each test message", "results:*NotifyTried" },
	{ "Session", "a browser that is signed in",
	    "id:s source:s agent:s current:b created:t seen:t expires:t" },
	{ "Sessions", NULL, "sessions:*Session" },
	{ "Totp", "the seed of one-time codes, shown this once", "secret:s uri:s qr:o" },
	{ "PasswordPolicy", "rules for passwords; 0 is never",
	    "expiry_days:i inactivity_days:i max_failures:i complexity:b" },
	{ "License",
	    "configured: a vendor is; valid: signed by it, else nothing is limited; max_: null is no "
	    "limit; expires: its last day; message: why the one that is here is not valid",
	    "configured:b uploaded:b valid:b expired:b message:S licensee:S expires:S max_tenants:I "
	    "max_components:I tenants:i components:i" },
	{ "Banners", "plain text; empty: not shown", "login:s welcome:s" },
	{ "Backup", "size, sha256: of the database in it; head: of its audit",
	    "name:s file:s made:t size:i sha256:s schema:i events:i head:s instance:s" },
	{ "NextStart",
	    "what takes its place at the next start; kept: the folder for what is there, "
	    "null: nowhere",
	    "what:s kept:S" },
	{ "Backups", "stopped: an old database was put back, and no certificate is signed",
	    "stopped:b next:&NextStart| backups:*Backup" },
	{ "Advanced", NULL, "last_bundle:T next:&NextStart|" },
	{ "Restored", "events: of the audit that was found; anchored: in the keeper's journal",
	    "stopped:b events:i anchored:i" },
	{ "BackupCheck", "keys: that the keeper opened",
	    "name:s whole:b message:s events:i keys:i" },
	{ "SignIn", "outcome: done, or the id of the refusal", "at:t source:s outcome:s" },
	{ "Welcome", "what is said after sign-in; the account's last tries to sign in",
	    "banner:s sign_ins:*SignIn" },
	{ "Token", "a bearer token, without its text",
	    "id:s account:s created:t expires:t last_used:T revoked:b" },
	{ "Tokens", NULL, "tokens:*Token" },
	{ "NewToken", "a bearer token, with its text this once", "token:s id:s expires:t" },

	{ "CsrField", NULL, "field:s label:s value:S locked:b" },
	{ "CsrFields", "all but the Common Name", "fields:*CsrField" },
	{ "Subject", "as far as it is saved", "C:s? ST:s? L:s? O:s? OU:s? CN:s? emailAddress:s?" },
	{ "Identity", "what a server presents",
	    "id:s name:s subject:&Subject names:l digest:S active:S previous:S next:S created:t "
	    "keys:*Key?" },
	{ "Identities", NULL, "identities:*Identity" },
	{ "Key", "a private key, what is public of it",
	    "id:s label:s type:s bits:i identity:s state:s generation:i origin:s exportable:b deliverable:b "
	    "spki_sha256:s public_key:s created:t found:s?" },
	{ "Keys", NULL, "keys:*Key" },
	{ "CompromisedKey", "a key whose private half others have; key: when it is here",
	    "spki_sha256:s key:S source:s note:S marked_by:s marked:t" },
	{ "Replacement", "a key that others have, on its way to be replaced; step: what is next",
	    "id:s identity:s state:s step:s waits_for:S note:S old_key:s new_key:s request:S "
	    "submission:S certificates:*OldCertificate told_by:S started:t started_by:s ended:T" },
	{ "OldCertificate", "of the old key; here: of our own authority, which revokes it",
	    "serial:s issuer:s here:b revoked:b not_after:t" },
	{ "ImportKey", "X25519, base64: what key files are sealed to", "key:s" },
	{ "ExportedKey", "encrypted: PKCS#8 as PEM, or PKCS#12 in base64",
	    "format:s pem:S pkcs12:S waiting:b expires:T" },
	{ "Consent", "done, or waiting for a second custodian until then", "waiting:b expires:T" },
	{ "Approved", "what another one asked for", "key:s format:s asked_by:s expires:T" },
	{ "Custodian", "an account that approves", "id:s name:s" },
	{ "Waiting", "what was asked for", "act:s about:s wish:s asked_by:s approved:b expires:t" },
	{ "Custodians", NULL, "custodians:*Custodian waiting:*Waiting two:b" },
	{ "Request", "a CSR",
	    "id:s number:i identity:s state:s subject:&Subject names:l key:s "
	    "key_label:s digest:s sha256:s spki_sha256:s keeps_key:b key_note:S created:t created_by:s "
	    "pem:s?" },
	{ "Requests", NULL, "requests:*Request" },

	{ "Disposition", "what became of one wish",
	    "item:s asked:S granted:S outcome:s weight:S rule:S reason:S reference:S set_by:S" },
	{ "Sheet", "what became of each wish",
	    "verdict:s dispositions:*Disposition chain:l notes:l repairs:l alternatives:o?" },
	{ "Preview", "what an authority will make of each wish",
	    "verdict:s dispositions:*Disposition chain:l notes:l repairs:l authority:s profile:s "
	    "date:s" },
	{ "Card", "an authority whose ways are known",
	    "name:s title:s summary:s validation:s checked:s origin:s profiles:l "
	    "default_profile:s order:&Order?" },
	{ "Cards", NULL, "authorities:*Card" },
	{ "Authority", "an authority, line by line",
	    "name:s title:s summary:s validation:s checked:s origin:s profiles:*Profile "
	    "default_profile:s order:&Order? rules:*Rule" },
	{ "Order", "which format to choose", "format:s reason:s reference:s checked:s" },
	{ "Profile", "what one kind of its certificates grants",
	    "name:s summary:s rules:s common_name:s keys:&KeyTypes life:&Life names:&NameLimits? "
	    "approval:&Approval? "
	    "grants:*Grant adds:*Addition notes:*CardNote" },
	{ "CardNote", "what is worth knowing on such days",
	    "from:S until:S reason:s reference:s checked:s" },
	{ "Approval", NULL, "persons:i reason:s reference:s checked:s" },
	{ "KeyTypes", NULL, "allow:l rsa_exponent:i? reason:s reference:s checked:s" },
	{ "Life", NULL, "steps:*LifeStep asked:b reason:s reference:s checked:s" },
	{ "LifeStep", NULL, "from:S days:i" },
	{ "NameLimits", NULL, "max:i labels:i? reason:s reference:s checked:s" },
	{ "Grant", "what becomes of a wish",
	    "item:s effect:s when:S like:S from:S until:S reason:s reference:s checked:s" },
	{ "Addition", "what is in each certificate",
	    "item:s value:s key:S from:S until:S reason:s reference:s checked:s" },
	{ "Rule", "a rule of publicly trusted TLS, with its days",
	    "rule:s in_force:b from:S until:S sentence:s reference:s set_by:s" },
	{ "Submitted", "a sheet, and what is kept of the request",
	    "verdict:s dispositions:*Disposition chain:l notes:l repairs:l authority:s profile:s "
	    "date:s id:s certificate:S serial:S" },
	{ "Batch", "what became of each request, in their order",
	    "results:*BatchResult issued:i held:i refused:i" },
	{ "BatchResult", "as Submitted (201, 202), or as Problem with a sheet where there is one",
	    "status:i verdict:s? dispositions:*Disposition? chain:l? notes:l? repairs:l? "
	    "authority:s? profile:s? date:s? id:s certificate:S? serial:S? type:s? title:s? "
	    "detail:s? hint:s? field:s? more:s?" },
	{ "Decided", "a sheet, and what became of a held request",
	    "verdict:s dispositions:*Disposition chain:l notes:l repairs:l id:s state:s "
	    "certificate:S serial:S" },
	{ "SubmissionState", "a request on its way to an authority",
	    "id:s state:s tenant:S authority:s title:s profile:s public:b days:I name:s subject:s request:S note:S "
	    "order:S order_until:S "
	    "created_by:s created:t ended:T serial:S decided_by:S reason:S approved_by:l" },
	{ "Submissions", NULL, "submissions:*SubmissionState" },
	{ "Submission", "the same, with the CSR and what was expected",
	    "id:s state:s tenant:S authority:s title:s profile:s public:b days:I name:s subject:s request:S note:S "
	    "order:S order_until:S "
	    "created_by:s created:t ended:T serial:S decided_by:S reason:S approved_by:l pem:s "
	    "sheet:&Sheet verdict:s certificate:S chain:l? link:&Link|" },
	{ "Link", "a requester's link that is good, without its address",
	    "created:t created_by:s expires:t" },
	{ "NewLink", "a requester's link, with its address this once", "id:s url:s expires:t" },
	{ "Linked", "the request whose link it was", "id:s" },
	{ "CaCertificate", "a certificate of one of our own CAs; requested ones have none yet",
	    "id:s authority:s role:s state:s number:i type:s subject:s issuer:S serial:S sha256:S "
	    "not_before:T not_after:T days_left:I key:s crl:S pem:S csr:S" },
	{ "Ca", "an authority of our own",
	    "name:s state:s policy_version:i shards:i deltas:b created:t created_by:s "
	    "certificates:*CaCertificate "
	    "root:S issuing:S chain:l" },
	{ "CaAct", "the same; waiting: nothing was done yet, a second custodian approves first",
	    "waiting:b expires:T name:s state:s? policy_version:i? shards:i? deltas:b? created:t? "
	    "created_by:s? certificates:*CaCertificate? root:S? issuing:S? chain:l?" },
	{ "CaApproved", "what another one asked for", "name:s act:s asked_by:s expires:T" },
	{ "History", "what came of a CA's certificates from before it was here",
	    "name:s dry_run:b imported:i completed:i revoked:i known:i skipped:i crl_number:i "
	    "items:*HistoryItem" },
	{ "HistoryItem", "one of them; reason: why it was skipped, or a remark",
	    "source:s serial:S subject:S action:s state:S revoked:T revocation_reason:S reason:S" },
	{ "OfflineKey", "PKCS#8, encrypted, PEM; null once it is destroyed here",
	    "name:s pem:S waiting:b expires:T" },
	{ "Cas", "authorities (with name), then the other CA certificates (CaCertificate)",
	    "cas:o" },
	{ "Policy", "what an authority of our own grants; version 0 comes with the product",
	    "name:s version:i card:o" },
	{ "PolicyChange", "a policy, and what it makes of the identities' next renewals",
	    "name:s version:i dry_run:b profiles:l identities:*PolicyEffect fail:i" },
	{ "PolicyEffect", NULL, "identity:s profile:s now:s then:s fails:b item:S reason:S" },
	{ "IssuedState", "a certificate of one of our own authorities",
	    "id:s serial:s state:s ca:s tenant:S profile:s request:S subject:s names:l sha256:s not_before:T "
	    "not_after:t days_left:i revoked:T reason:S created:t" },
	{ "IssuedCertificates", NULL, "issued:*IssuedState more:b" },
	{ "IssuedCertificate", "the same, with PEM; one that is presumed has none",
	    "id:s serial:s state:s ca:s tenant:S profile:s request:S subject:s names:l sha256:s not_before:T "
	    "not_after:t days_left:i revoked:T reason:S created:t pem:S chain:l" },
	{ "Issued", "the certificate that came",
	    "subject:s issuer:s serial:s names:l key_label:s "
	    "not_before:t not_after:t days_left:i sha256:s" },
	{ "Answer", "a sheet, and what it is about",
	    "verdict:s dispositions:*Disposition chain:l notes:l repairs:l alternatives:o? "
	    "certificate:&Issued request:&Request? id:s? installed:b?" },
	{ "Certificate", "a certificate that was installed",
	    "id:s identity:s state:s subject:s issuer:s serial:s names:l key:s key_label:s "
	    "not_before:t not_after:t days_left:i sha256:s origin:s verdict:S request:S "
	    "override_reason:S pem:s? sheet:&Sheet|?" },
	{ "Certificates", NULL, "certificates:*Certificate" },
	{ "Trust", "a CA certificate that is known here",
	    "id:s kind:s subject:s issuer:s serial:s sha256:s not_before:t not_after:t days_left:i "
	    "origin:s used_by:l anchors:l" },
	{ "Trusts", NULL, "trust:*Trust notes:l?" },

	{ "Component", "a service that presents a certificate",
	    "name:s type:s kind:s identity:S addresses:l names:l served:s status:s not_after:T "
	    "days_left:I next:s version:S management_url:S target:S sni:S starttls:S delivery:S "
	    "delivered:T delivered_sha256:S message:S checked:T "
	    "served_note:S authority:S profile:S" },
	{ "Found",
	    "a certificate that is out there; names, issuer and the rest are of what was seen last",
	    "id:s place:s origin:s starttls:S state:s message:S subject:S issuer:S names:l sha256:S "
	    "identity:S not_before:T not_after:T days_left:I seen:T" },
	{ "FoundList", NULL, "found:*Found waiting:i" },
	{ "FoundFile", NULL, "certificates:i" },
	{ "NewPull", "a component whose host fetches its certificate, with the token this once",
	    "name:s token:s authority:s names:l" },
	{ "Target", "where a certificate can be delivered on this host; component: of this tenant",
	    "name:s kind:s place:s taken:b component:S" },
	{ "Targets", NULL, "targets:*Target" },
	{ "Attention", "something that needs a person", "id:s identity:S message:s weight:s" },
	{ "Components", NULL, "components:*Component attention:*Attention attention_total:i" },
	{ "Renewal", "what becomes of an identity's certificate before it ends; next: in words",
	    "identity:s state:s by_itself:b new_key:b days_left:i hours:s next:s next_at:T renewed:T "
	    "tries:i message:S not_before:T not_after:T" },
	{ "Renewals", "under_way: at this moment, of all tenants; of the system only",
	    "renewals:*Renewal more:b under_way:i?" },
	{ "RenewAll", "so many renewals, within so many hours", "name:s renewals:i within:i" },
	{ "Application", "a listener and what it serves",
	    "name:s kind:s addresses:l identity:s? https_only:b? redirect:b? hsts:s? "
	    "client_certificates:b? client_asked:l? client_required:l? tls_versions:l? ciphers:l? serves:*Place?" },
	{ "Redirect", "port: of HTTPS; 0: nobody is sent on", "port:i" },
	{ "Hsts", "days: 0 is off; subdomains: all names below, too", "days:i subdomains:b" },
	{ "Doors",
	    "addresses that serve the Super Admin's application and the tenants'; until: of the "
	    "trial, else null; kept: without it; gone: named, and nothing listens there; client: "
	    "where a client certificate is asked for or required, and of which built-in CAs; none "
	    "is all of them",
	    "listeners:l super:l admin:l until:T kept_super:l kept_admin:l gone:l "
	    "client_asked:l client_required:l client_cas:l" },
	{ "Place", NULL, "path:s what:s who:s" },
	{ "Applications", NULL, "applications:*Application" },

	{ "Event", "an event of the audit",
	    "sequence:i at:t tenant:s actor:s role:s source:s action:s object:s outcome:s detail:o "
	    "hash:s" },
	{ "Events", NULL, "events:*Event more:b" },
	{ "AuditState", "is the audit whole?",
	    "whole:b verdict:s events:i anchored:i head:s place:I message:s" },

	{ "Status", "how the daemon is",
	    "version:s instance:s openssl:s started:t listeners:l accounts:i identities:i "
	    "sandbox:&Sandbox keeper:&Keeper audit:&Head clock:&ClockState" },
	{ "ClockState", "stopped: it jumped, and no certificate is signed until it is confirmed",
	    "stopped:b from:T to:T now:t" },
	{ "Sandbox", NULL, "front:s keeper:s" },
	{ "Keeper", NULL, "kek_id:s destroyed:i pool:*Pool" },
	{ "Pool", "keys made ahead", "type:s have:i want:i" },
	{ "Head", "the newest event, and the newest that the keeper signed",
	    "sequence:i anchored:i head:s key:s" },
	{ "Problem", "an error (RFC 9457); the refusal of an answer also has its sheet",
	    "type:s title:s status:i detail:s id:s hint:s? field:s? more:s?" },
};

bool
shape_known(const char *name)
{
	for (size_t i = 0; name != NULL && i < nitems(shapes); i++)
		if (strcmp(shapes[i].name, name) == 0)
			return true;
	return false;
}

static json_t *
reference(const char *name, size_t len)
{
	return json_pack(
	    "{s:o}", "$ref", json_sprintf("#/components/schemas/%.*s", (int)len, name));
}

/* s i b t, and as capital letters where null may stand instead. */
static json_t *
value_schema(char kind)
{
	char small = (char)(kind | 0x20);
	const char *type = small == 'i' ? "integer" : small == 'b' ? "boolean" : "string";
	json_t *schema = kind != small ? json_pack("{s:[s,s]}", "type", type, "null")
				       : json_pack("{s:s}", "type", type);

	if (small == 't')
		json_object_set_new(schema, "format", json_string("date-time"));
	return schema;
}

static json_t *
kind_schema(const char *kind, size_t len)
{
	switch (kind[0]) {
	case '&':
		return kind[len - 1] != '|' ? reference(kind + 1, len - 1)
					    : json_pack("{s:[o,{s:s}]}", "anyOf",
						  reference(kind + 1, len - 2), "type", "null");
	case '*':
		return json_pack(
		    "{s:s, s:o}", "type", "array", "items", reference(kind + 1, len - 1));
	case 'l':
		return json_pack("{s:s, s:{s:s}}", "type", "array", "items", "type", "string");
	case 'o':
		return json_object(); /* anything */
	default:
		return value_schema(kind[0]);
	}
}

/* One member of "name:kind name:kind?"; returns what follows. */
static const char *
put_member(json_t *properties, json_t *required, const char *p)
{
	size_t name = strcspn(p, ":"), kind = strcspn(p + name + 1, " ");
	const char *from = p + name + 1;
	bool optional = from[kind - 1] == '?';
	char member[64] = "";

	memcpy(member, p, name < sizeof(member) ? name : sizeof(member) - 1);
	json_object_set_new(properties, member, kind_schema(from, kind - optional));
	if (!optional)
		json_array_append_new(required, json_string(member));
	p = from + kind;
	return p + strspn(p, " ");
}

static json_t *
schema_of(const char *members)
{
	json_t *properties = json_object(), *required = json_array();
	json_t *schema = json_pack(
	    "{s:s, s:o, s:o}", "type", "object", "properties", properties, "required", required);

	for (const char *p = members; *p != '\0';)
		p = put_member(properties, required, p);
	return schema;
}

json_t *
shapes_schemas(void)
{
	json_t *all = json_object(), *one;

	for (size_t i = 0; i < nitems(shapes); i++) {
		one = shapes[i].members == NULL ? json_pack("{s:s}", "type", "object")
						: schema_of(shapes[i].members);
		if (shapes[i].help != NULL)
			json_object_set_new(one, "description", json_string(shapes[i].help));
		json_object_set_new(all, shapes[i].name, one);
	}
	return all;
}
