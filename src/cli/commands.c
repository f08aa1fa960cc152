/*
 * commands.c - the groups of commands, and the options that stand anywhere
 */
#include "cli/option.h"

extern const struct group backup_group, bundle_group, license_group, notify_group, renewal_group;
extern const struct group admin_group, account_group, tenant_group, names_group, token_group,
    identity_group, key_group, custodian_group, csr_group, certificate_group, authority_group,
    ca_group, profile_group, request_group, trust_group, component_group, status_group,
    config_group, audit_group;

const struct group *const groups[] = {
	&admin_group,
	&account_group,
	&tenant_group,
	&names_group,
	&notify_group,
	&token_group,
	&identity_group,
	&key_group,
	&custodian_group,
	&csr_group,
	&certificate_group,
	&renewal_group,
	&authority_group,
	&profile_group,
	&ca_group,
	&request_group,
	&trust_group,
	&component_group,
	&status_group,
	&config_group,
	&license_group,
	&backup_group,
	&bundle_group,
	&audit_group,
	NULL,
};

const struct option global_options[] = {
	{ .name = "data-dir",
	    .value = "DIR",
	    .help = "the daemon's data directory, for its socket (default: "
		    "$CERTWRIGHT_DATA_DIR, ./data, /var/lib/certwright)" },
	{ .name = "server", .value = "URL", .help = "a daemon elsewhere: https://HOST[:PORT]" },
	{ .name = "token-file",
	    .value = "FILE",
	    .help = "with --server: the token; - is standard input" },
	{ .name = "ca-file",
	    .value = "FILE",
	    .help = "with --server: trust the certificates of this PEM file only" },
	{ .name = "fingerprint",
	    .value = "SHA256",
	    .help = "with --server: trust the certificate with this SHA-256 only" },
	{ .name = "tenant", .value = "NAME", .help = "in this tenant instead of the system" },
	{ .name = "json", .help = "answer in JSON" },
	{ .name = "help", .letter = 'h', .help = "show this" },
	{ .name = "version", .help = "show the version" },
	{ .name = "completion", .help = "print the completion for bash" },
	{ 0 },
};
