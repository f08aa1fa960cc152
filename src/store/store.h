/*
 * store.h - the tables, one file each (store_<table>.c)
 *
 * The store knows ids, text and DER bytes, no OpenSSL object. Everything is
 * loaded *through* its tenant (cx->tenant): an object of another tenant is
 * R_NOT_FOUND, the same as one that does not exist (P22). Texts and bytes
 * live in cx->arena. Writes want an open transaction.
 */
#pragma once

#include "base/ctx.h"
#include "store/db.h"

/* ---- account -------------------------------------------------------- */
struct account {
	char		 id[ID_SIZE];
	char		 tenant[ID_SIZE];
	const char	*name, *email;
	const char	*login;			/* what is typed at the door: of a tenant's jane@acme */
	enum role	 role;
	bool		 enabled;
	const char	*password;		/* "argon2id$v=19$m=,t=,p=$salt$hmac" */
	int64_t		 password_set_at;
	const unsigned char *totp;		/* sealed seed or NULL */
	size_t		 totp_len;
	int64_t		 totp_step;		/* last accepted step */
	int64_t		 epoch;			/* +1 kills its sessions and tokens */
	int64_t		 created_at, last_sign_in_at;
	int64_t		 invited_until;		/* of who has no password yet; 0: has one */
};
/* enabled_super: those who can sign in, and were not only invited. */
int	store_account_count(struct ctx *, int64_t *all, int64_t *enabled_super);
int	store_account_load(struct ctx *, const char *id_or_name, struct account *);
/* By what is typed at the door, or by the secret of an invitation: in whatever
 * tenant. 1, 0, -1 */
int	store_account_by_login(struct ctx *, const char *login, struct account *);
int	store_account_invited(struct ctx *, const unsigned char hash[32], struct account *);
/* NULL: the invitation ends. */
int	store_account_invite(struct ctx *, const char *id, const unsigned char hash[32], int64_t until);
int	store_account_list(struct ctx *, struct account **, size_t *);
int	store_account_insert(struct ctx *, const struct account *); /* R_ACCOUNT_EXISTS */
int	store_account_update(struct ctx *, const struct account *);
int	store_account_delete(struct ctx *, const char *id);
/*
 * Atomic: fails (R_TOTP_USED) unless step > totp_step. One that is more than
 * an hour ahead was taken under a wrong clock and does not count (P36).
 */
int	store_account_use_step(struct ctx *, const char *id, int64_t step);

/* ---- session, token: found by SHA-256 of their secret ------------------ */
struct session {
	char		 id[ID_SIZE];
	char		 tenant[ID_SIZE];	/* of the account */
	char		 account[ID_SIZE];
	int64_t		 epoch;			/* of the account when it was made */
	int64_t		 created_at, seen_at, expires_at;
	const char	*source, *agent;
	bool		 half;			/* password given, TOTP still due */
};
int	store_session_insert(struct ctx *, const struct session *, const unsigned char hash[32]);
int	store_session_find(struct ctx *, const unsigned char hash[32], struct session *); /* any tenant's */
int	store_session_touch(struct ctx *, const char *id, int64_t seen_at, int64_t expires_at);
int	store_session_list(struct ctx *, const char *account, struct session **, size_t *);
int	store_session_delete(struct ctx *, const char *account, const char *id); /* id NULL: all */
int	store_session_expire(struct ctx *, int64_t now);

struct token {
	char		 id[ID_SIZE];
	char		 tenant[ID_SIZE];
	char		 account[ID_SIZE];	/* "" = the local administrator */
	const char	*account_name;
	int64_t		 epoch;
	int64_t		 created_at, expires_at, used_at;
	bool		 revoked;
};
int	store_token_insert(struct ctx *, const struct token *, const unsigned char hash[32]);
int	store_token_find(struct ctx *, const unsigned char hash[32], struct token *); /* any tenant's */
int	store_token_list(struct ctx *, struct token **, size_t *);
int	store_token_revoke(struct ctx *, const char *id);
int	store_token_touch(struct ctx *, const char *id, int64_t used_at);

/* ---- sign-in attempts: counted per account name and source --------------- */
struct attempts {
	int64_t		 failures;
	int64_t		 last_at;
	int64_t		 locked_until;
};
int	store_attempts_load(struct ctx *, const char *name, const char *source, struct attempts *);
int	store_attempts_save(struct ctx *, const char *name, const char *source, const struct attempts *);
int	store_attempts_clear(struct ctx *, const char *name, const char *source);
int	store_attempts_expire(struct ctx *, int64_t before);	/* last tried earlier */

/* ---- setting: small values by name, JSON or text; of the house, whoever asks --- */
int	store_setting_load(struct ctx *, const char *name, const char **value); /* NULL if unset */
int	store_setting_save(struct ctx *, const char *name, const char *value);
/* The same, of the tenant that cx acts in. */
int	store_setting_own(struct ctx *, const char *name, const char **value);
int	store_setting_own_save(struct ctx *, const char *name, const char *value);
int	store_setting_blob(struct ctx *, const char *name, const unsigned char **, size_t *);
int	store_setting_save_blob(struct ctx *, const char *name, const void *, size_t);

/* ---- identity: names and subject that a server presents ----------------- */
struct identity {
	char		 id[ID_SIZE];
	const char	*name;			/* "portal" */
	const char	*country, *state, *locality, *organization, *unit,
			*common_name, *email;	/* saved fields; NULL = never saved */
	const char	*names;			/* saved alternative names, one a line */
	const char	*digest;
	char		 active[ID_SIZE];	/* certificate served, or "" */
	char		 previous[ID_SIZE];	/* served before it, or "" */
	int64_t		 created_at;
	int64_t		 generation;		/* of its newest key */
};
int	store_identity_load(struct ctx *, const char *id_or_name, struct identity *);
int	store_identity_list(struct ctx *, struct identity **, size_t *);
int	store_identity_insert(struct ctx *, const struct identity *);
int	store_identity_update(struct ctx *, const struct identity *);
/* The seven fields, names and digest only: what is installed is not touched. */
int	store_identity_save_fields(struct ctx *, const struct identity *);
int	store_identity_delete(struct ctx *, const char *id);

/* ---- key: a wrapped blob ------------------------------------------------ */
enum key_state { KEY_READY, KEY_ACTIVE, KEY_RETIRED, KEY_DESTROYED };
struct key_row {
	char		 id[ID_SIZE];
	char		 identity[ID_SIZE];
	int64_t		 generation;		/* 0: the listener's own first key */
	const char	*type;			/* "ec:P-256" */
	const char	*origin;		/* "generated" "imported" "self-signed" */
	int64_t		 bits;
	bool		 exportable;
	bool		 deliverable;		/* for people: its wrapping decides */
	enum key_state	 state;
	const unsigned char *blob;		/* NULL when destroyed */
	size_t		 blob_len;
	const unsigned char *spki;		/* DER */
	size_t		 spki_len;
	unsigned char	 spki_sha256[32];
	int64_t		 created_at, destroyed_at;
};
int	store_key_insert(struct ctx *, const struct key_row *);	/* R_KEY_EXISTS: same SPKI in this tenant */
int	store_key_load(struct ctx *, const char *id, struct key_row *);
int	store_key_by_spki(struct ctx *, const unsigned char spki_sha256[32], struct key_row *); /* R_NOT_FOUND */
int	store_key_list(struct ctx *, const char *identity, struct key_row **, size_t *); /* newest first */
/* The key a new CSR is made from: newest never installed, else active's; never generation 0. R_NO_KEY */
int	store_key_for_csr(struct ctx *, const struct identity *, struct key_row *);
int	store_key_update(struct ctx *, const struct key_row *);	/* state, blob, destroyed_at */
/* RSA keys of every tenant that are not destroyed, and whose they are; those of
 * our CAs, too (identity "", generation: the number of the CA). */
struct rsa_key {
	struct key_row	 key;
	char		 tenant[ID_SIZE];
	const char	*name;			/* of the identity or authority */
};
int	store_key_list_rsa(struct ctx *, struct rsa_key **, size_t *);

/* ---- modulus: RSA moduli that were here, in whatever tenant ----------------- */
struct modulus_row {
	int64_t		 sequence;		/* in the order that they came */
	const unsigned char *n;			/* unsigned, most significant byte first */
	size_t		 len;
	unsigned char	 sha256[32];		/* of n; for insert only */
	bool		 own;			/* of a key of this house */
	bool		 falls;			/* has a prime in common with another */
};
/* Already there: own and falls are added to what is known. One that becomes our
 * own waits to be compared again. */
int	store_modulus_insert(struct ctx *, const struct modulus_row *);
int	store_modulus_falls(struct ctx *, const unsigned char sha256[32], bool *);
int	store_modulus_newest(struct ctx *, size_t limit, struct modulus_row **, size_t *); /* oldest of them first */
/* Not yet compared with those before it, oldest first. */
int	store_modulus_waiting(struct ctx *, size_t limit, struct modulus_row **, size_t *);
int	store_modulus_walk(struct ctx *, int64_t after, size_t limit, struct modulus_row **, size_t *);
/* db_changes is 1: it was not known to fall. */
int	store_modulus_mark(struct ctx *, int64_t sequence);
int	store_modulus_compared(struct ctx *, int64_t sequence);
/* All but the newest `keep` and those of our own keys. */
int	store_modulus_forget(struct ctx *, int64_t keep);

/* ---- compromised key: others have its private half; in whatever tenant ------- */
struct compromised_row {
	unsigned char	 spki_sha256[32];
	const char	*source;		/* "shared-factor" "revoked" "reported" */
	const char	*note, *marked_by;
	int64_t		 marked_at;
};
/* db_changes is 0: it was known; nothing is changed. */
int	store_compromised_insert(struct ctx *, const struct compromised_row *);
/* Those of this tenant's keys that are ready or active, and of its CAs that are
 * not retired; newest first. */
struct bad_key {
	const char	*name;			/* of the identity or authority */
	bool		 of_ca;
	int64_t		 generation;		/* number of the CA */
	const char	*source;
};
int	store_compromised_own(struct ctx *, struct bad_key **, size_t *);
int	store_compromised_find(struct ctx *, const unsigned char spki_sha256[32], struct compromised_row *); /* 1, 0, -1 */

/* ---- request: a CSR once made; immutable but for its state ---------------- */
struct request_row {
	char		 id[ID_SIZE];
	int64_t		 number;		/* for people: 1, 2, 3 ... in the tenant */
	char		 identity[ID_SIZE];
	char		 key[ID_SIZE];
	const char	*state;			/* "pending" "issued" "withdrawn" */
	const unsigned char *der;
	size_t		 der_len;
	unsigned char	 sha256[32];
	unsigned char	 spki_sha256[32];
	const char	*subject;		/* for lists */
	const char	*names;			/* one a line */
	const char	*digest;
	const char	*key_note;		/* why the key of a certificate is kept; "": nobody
						 * said; NULL: it is a new key */
	const char	*created_by;
	int64_t		 created_at;
};
int	store_request_insert(struct ctx *, struct request_row *);	/* sets number */
int	store_request_load(struct ctx *, const char *id, struct request_row *);
int	store_request_list(struct ctx *, const char *identity, struct request_row **, size_t *); /* newest first */
int	store_request_newest(struct ctx *, const char *identity, struct request_row *);	/* R_NOT_FOUND */
int	store_request_list_by_spki(struct ctx *, const unsigned char spki_sha256[32], struct request_row **, size_t *);
int	store_request_set_state(struct ctx *, const char *id, const char *state);
int	store_request_set_key_note(struct ctx *, const char *id, const char *key_note);

struct issued_row;
/* ---- submission: a request on its way to an authority ---------------------- */
struct submission_row {
	char		 id[ID_SIZE];
	char		 request[ID_SIZE];	/* or "": a CSR that is none of ours */
	const char	*authority, *title, *profile;
	bool		 is_public;		/* the authority is a public one */
	int64_t		 days;			/* asked for; 0: none */
	const char	*state;			/* "sent" "answered" "withdrawn"; of our own
						 * authority "issued" "held" "rejected" */
	const unsigned char *der;
	size_t		 der_len;
	const char	*name;			/* for lists: common or first name */
	const char	*subject;
	const char	*note;			/* order number or the like, or NULL */
	const char	*key_note;		/* why the key is kept; NULL: it is new, or none of ours */
	const char	*order;			/* number of the order, or NULL */
	int64_t		 order_until;		/* its last day, 00:00 UTC; 0: not said */
	const char	*sheet;			/* the preview of that day, JSON */
	const char	*created_by;
	int64_t		 created_at, ended_at;	/* ended_at 0: it waits */
	const char	*serial;		/* of the certificate issued here, or NULL */
	const char	*approvals;		/* JSON: who approved, when; or NULL */
	const char	*decided_by, *reason;	/* who issued or rejected it, and why; or NULL */
	const struct issued_row *made;		/* in no column: what this operation issued; or NULL */
	const char	*dispositions;		/* and those of its sheet, JSON */
	const char	*tenant;		/* id; set when it is read */
};
int	store_submission_insert(struct ctx *, const struct submission_row *);
int	store_submission_load(struct ctx *, const char *id, struct submission_row *);
/* Waiting first, newest first; for the system also those of tenants that are held. */
int	store_submission_list(struct ctx *, struct submission_row **, size_t *);
/* Those only that wait for an approval, the longest first. */
int	store_submission_held(struct ctx *, struct submission_row **, size_t *);
int	store_submission_of(struct ctx *, const char *request, struct submission_row **, size_t *);
/* The newest of an identity with an order there that ends after `since`: 1, 0, -1 */
int	store_submission_order(struct ctx *, const char *identity, const char *authority,
	    int64_t since, struct submission_row *);
int	store_submission_end(struct ctx *, const char *id, const char *state, int64_t now);
/* state, sheet, serial, approvals, decided_by, reason, ended_at */
int	store_submission_decide(struct ctx *, const struct submission_row *);

/* ---- link: of a requester to the sheet of one request ------------------------- */
struct link_row {
	char		 tenant[ID_SIZE];	/* whose submission it is */
	char		 submission[ID_SIZE];
	const char	*created_by;
	int64_t		 created_at, expires_at;
};
/* Of this tenant; the one that the submission had ends. */
int	store_link_save(struct ctx *, const struct link_row *, const unsigned char hash[32]);
/* Of whatever tenant, and still good at cx->now: 1, 0, -1. */
int	store_link_find(struct ctx *, const unsigned char hash[32], struct link_row *);
int	store_link_of(struct ctx *, const char *submission, struct link_row *); /* 1, 0, -1 */
int	store_link_delete(struct ctx *, const char *submission);

/* ---- authority: a name for our own CA, whatever certificate stands behind it --- */
struct authority_row {
	const char	*name;
	char		 issuing[ID_SIZE];	/* ca that signs now, or "": none does yet */
	const char	*policy;		/* its profiles as a card, JSON; NULL: the product's */
	int64_t		 policy_version;	/* 0: the product's */
	const char	*created_by;
	int64_t		 created_at;
	int64_t		 shards;		/* parts of the CRL; 1: it is whole */
	bool		 deltas;		/* the CRL names a list of changes */
};
int	store_authority_insert(struct ctx *, const struct authority_row *); /* R_CA_EXISTS */
int	store_authority_load(struct ctx *, const char *name, struct authority_row *);
int	store_authority_list(struct ctx *, struct authority_row **, size_t *);
int	store_authority_update(struct ctx *, const struct authority_row *); /* issuing, policy */
int	store_authority_set_lists(struct ctx *, const struct authority_row *); /* shards, deltas */

/* ---- ca: a CA certificate and its key ------------------------------------------- */
struct ca_row {
	char		 id[ID_SIZE];
	const char	*authority;
	const char	*role;			/* "root" "issuing" */
	const char	*state;			/* "requested" "active" "offline" "retired" */
	char		 parent[ID_SIZE];	/* ca that signed it, or "" */
	int64_t		 number;		/* of this role in the authority: 1, 2 ... */
	const char	*type;			/* "ec:P-256" */
	char		 key[ID_SIZE];		/* id of the key, bound into the blob */
	const unsigned char *blob;		/* NULL: the key is offline */
	size_t		 blob_len;
	const unsigned char *spki;
	size_t		 spki_len;
	unsigned char	 spki_sha256[32];
	const unsigned char *csr;		/* for a corporate root, or NULL */
	size_t		 csr_len;
	const unsigned char *der;		/* NULL while requested */
	size_t		 der_len;
	const unsigned char *chain;		/* issuers above it, DER one after another */
	size_t		 chain_len;
	const char	*subject, *serial;	/* serial NULL while requested */
	unsigned char	 sha256[32];
	int64_t		 not_before, not_after;
	int64_t		 crl_number;
	int64_t		 created_at;
	int64_t		 shards;		/* the most it ever had */
};
int	store_ca_insert(struct ctx *, const struct ca_row *);
int	store_ca_load(struct ctx *, const char *id, struct ca_row *);
int	store_ca_by_key(struct ctx *, const char *key, struct ca_row *);
/* NULL authority: all. Newest first. */
int	store_ca_list(struct ctx *, const char *authority, struct ca_row **, size_t *);
/* state, parent, key, blob, der, chain, serial, sha256, life, crl_number */
int	store_ca_update(struct ctx *, const struct ca_row *);
int	store_ca_set_crl_number(struct ctx *, const char *id, int64_t number);
int	store_ca_raise_crl_numbers(struct ctx *, int64_t at_least);	/* of all */
int	store_ca_raise_shards(struct ctx *, const char *id, int64_t shards);

/*
 * ---- issued: certificates of our own authorities ---------------------------------
 * All are in the lists of the system, whose the authorities are. A tenant finds those
 * that it asked for, and no others.
 */
struct issued_row {
	char		 id[ID_SIZE];
	char		 ca[ID_SIZE];
	const char	*serial;		/* hex, as cert_serial */
	const char	*state;			/* "issued" "presumed" "revoked" "held" */
	char		 submission[ID_SIZE];	/* or "" */
	const char	*profile;
	const unsigned char *der;		/* presumed: the TBSCertificate; or nothing */
	size_t		 der_len;
	unsigned char	 sha256[32], spki_sha256[32];	/* of nothing: zeros */
	const char	*subject, *name, *names;	/* names: one a line */
	int64_t		 not_before, not_after;	/* not_before 0: not known */
	int64_t		 revoked_at;		/* 0: it is not */
	int64_t		 reason;		/* enum crl_reason */
	int64_t		 created_at;
	int64_t		 number;		/* in the order of issue; 0: not in the table yet */
	int64_t		 shard;			/* part of the CRL that it names; 0: the full one */
	const char	*owner;			/* the tenant that asked for it; set when it is read */
};
int	store_issued_insert(struct ctx *, const struct issued_row *); /* R_ISSUED_TWICE */
int	store_issued_by_serial(struct ctx *, const char *ca, const char *serial, struct issued_row *);
/* What became of it, without its body: 1, or 0: there is none. */
int	store_issued_status(struct ctx *, const char *ca, const char *serial, int64_t *revoked_at,
	    int64_t *reason);
/* In any of our CAs; more than one: R_SERIAL_AMBIGUOUS. */
int	store_issued_find(struct ctx *, const char *serial, struct issued_row *);
int	store_issued_load(struct ctx *, const char *id, struct issued_row *);
#define ISSUED_SOON	(30 * 86400)		/* "soon": less than this is left at cx->now */
struct issued_query {
	const char	*text;			/* in name, names, subject, serial, SHA-256; NULL: any */
	/* as it is kept, or of those that are "issued": "valid", "soon", "ended"; NULL: any */
	const char	*state;
	const char	*before;		/* id: older than this one; NULL: from the newest */
	size_t		 limit;
	const struct found *found;		/* by store_issued_search; NULL: it is looked for */
};
/* Once for a list and a count of the same text; in the arena. */
int	store_issued_search(struct ctx *, struct issued_query *);
int	store_issued_list(struct ctx *, const struct issued_query *, struct issued_row **, size_t *);
/* The same one by one; a row, and what `fn` puts into cx->arena, lives as long as its call. */
int	store_issued_each(struct ctx *, const struct issued_query *,
	    void (*fn)(void *arg, struct ctx *, const struct issued_row *), void *arg);

/* store_inventory.c. Each is in one state; about: of very many not each was read. */
struct issued_counts { int64_t all, valid, soon, ended, revoked, held, presumed; bool about; };
/* How many that are "issued" end in each of `n` spans of `step` seconds, from
 * `from` on; not those that have ended at cx->now. */
struct issued_spans { int64_t from, step, *counts; size_t n; };
/* Of all that have q->text, in whatever state. */
int	store_issued_count(struct ctx *, const struct issued_query *, struct issued_counts *,
	    const struct issued_spans *);
/* store_filing.c: the next block of those that are not filed yet. 1 done, 0 there is none. */
int	store_issued_file(struct ctx *);
int	store_issued_set_state(struct ctx *, const struct issued_row *); /* state, revoked_at, reason */
/* store_history.c: the certificate of a serial number that was known alone; all
 * but serial, revocation and submission. */
int	store_issued_complete(struct ctx *, const struct issued_row *);
/* Each revoked one of a CA's shard that has not expired at `now`: for its CRL. */
int	store_issued_each_revoked(struct ctx *, const char *ca, int64_t shard, int64_t now,
	    void (*fn)(void *arg, const char *serial, int64_t at, int reason), void *arg);
/* Of all CAs: each that was revoked since then, and has not expired at `now`. */
int	store_issued_each_revoked_since(struct ctx *, int64_t since, int64_t now,
	    void (*fn)(void *arg, const char *serial, int64_t at, int reason), void *arg);
/*
 * Each that was revoked or released since the list of this number, and has not
 * expired at `now`; at is 0 of one that was released. shard 0: of all.
 */
int	store_issued_each_changed(struct ctx *, const char *ca, int64_t shard, int64_t number,
	    int64_t now, void (*fn)(void *arg, const char *serial, int64_t at, int reason),
	    void *arg);
/* All that certify this key and have not ended at `now`; newest first. */
int	store_issued_of_key(struct ctx *, const unsigned char spki_sha256[32], int64_t now,
	    struct issued_row **, size_t *);
/* Latest notAfter of what this CA issued; 0: nothing. */
int	store_issued_last_end(struct ctx *, const char *ca, int64_t *not_after);

/* ---- certificate --------------------------------------------------------- */
struct cert_row {
	char		 id[ID_SIZE];
	char		 identity[ID_SIZE];
	char		 key[ID_SIZE];
	char		 request[ID_SIZE];	/* or "" */
	const unsigned char *der;
	size_t		 der_len;
	const unsigned char *chain;		/* issuers' DER, one after another */
	size_t		 chain_len;
	unsigned char	 sha256[32];
	unsigned char	 spki_sha256[32];
	const char	*serial, *subject, *issuer, *common_name;
	const char	*names;			/* one a line */
	int64_t		 not_before, not_after;
	const char	*origin;		/* "self-signed" "answer" */
	const char	*sheet;			/* the disposition envelope, JSON */
	const char	*verdict;
	const char	*override_reason;	/* NULL if none was needed */
	int64_t		 created_at;
};
int	store_cert_insert(struct ctx *, const struct cert_row *);
/* By its SHA-256: chain, sheet, verdict, request and override only. */
int	store_cert_update(struct ctx *, const struct cert_row *);
/* What was kept under this id is another one: all but issuer, serial and what
 * store_cert_update writes. */
int	store_cert_replace(struct ctx *, const struct cert_row *);
int	store_cert_load(struct ctx *, const char *id, struct cert_row *);
/* 1, 0 there is none, -1 */
int	store_cert_by_number(struct ctx *, const char *issuer, const char *serial, struct cert_row *);
int	store_cert_by_sha256(struct ctx *, const unsigned char sha256[32], struct cert_row *); /* R_NOT_FOUND */
/* The newest that answered this request: 1, 0, -1 */
int	store_cert_of_request(struct ctx *, const char *request, struct cert_row *);
int	store_cert_list(struct ctx *, const char *identity, struct cert_row **, size_t *); /* newest first */
/* History of what was served: install, rollback. */
struct install_row {
	char		 certificate[ID_SIZE];
	const char	*act;			/* "install" "rollback" "start" */
	const char	*actor, *reason;
	int64_t		 at;
};
int	store_install_add(struct ctx *, const char *identity, const struct install_row *);
int	store_install_list(struct ctx *, const char *identity, struct install_row **, size_t *); /* newest first */

/* ---- replacement: of a key that others have (op_replace.h) --------------------------- */
struct replacement_row {
	char		 id[ID_SIZE];
	char		 identity[ID_SIZE];
	char		 old_key[ID_SIZE], new_key[ID_SIZE];
	const char	*note;			/* what happened, or NULL */
	const char	*told_by;		/* who says that other authorities know; or NULL */
	const char	*created_by;
	int64_t		 created_at;
	int64_t		 ended_at;		/* 0: it is under way */
};
int	store_replacement_insert(struct ctx *, const struct replacement_row *);
int	store_replacement_newest(struct ctx *, const char *identity, struct replacement_row *); /* 1, 0, -1 */
int	store_replacement_update(struct ctx *, const struct replacement_row *); /* told_by, ended_at */

/* ---- what others are told: CRLs, and who signs OCSP answers ------------------------ */
struct crl_row {
	int64_t		 number;
	const unsigned char *der;	/* NULL: it can be made again */
	size_t		 der_len;
	int64_t		 this_update, next_update;
};
#define CRL_APART	(6 * 3600)	/* seconds between those that are remembered */
/* Those that are no longer good at cx->now, but for the newest, are forgotten. */
int	store_crl_save(struct ctx *, const char *ca, int64_t shard, const struct crl_row *);
/* The newest. R_NOT_FOUND */
int	store_crl_load(struct ctx *, const char *ca, int64_t shard, struct crl_row *);
/* The one that changes are told of: no list that is still good is older. R_NOT_FOUND */
int	store_crl_base(struct ctx *, const char *ca, int64_t shard, struct crl_row *);
/* Addresses under which shards were named. */
int	store_crl_address_add(struct ctx *, const char *ca, const char *base);
int	store_crl_addresses(struct ctx *, const char *ca, const char ***, size_t *);
struct ocsp_signer_row {
	const unsigned char *blob, *spki, *der;
	size_t		 blob_len, spki_len, der_len;
	int64_t		 not_after;
};
int	store_ocsp_signer_save(struct ctx *, const char *ca, const struct ocsp_signer_row *);
int	store_ocsp_signer_load(struct ctx *, const char *ca, struct ocsp_signer_row *); /* R_NOT_FOUND */

/* ---- trust: intermediates and roots --------------------------------------- */
struct trust_row {
	char		 id[ID_SIZE];
	const unsigned char *der;
	size_t		 der_len;
	unsigned char	 sha256[32];
	const char	*subject, *issuer, *serial;
	const char	*kind;			/* "root" "intermediate" */
	const char	*origin;		/* "answer" "added" */
	int64_t		 not_before, not_after, created_at;
};
int	store_trust_insert(struct ctx *, const struct trust_row *);	/* already there: fine, 0 */
int	store_trust_load(struct ctx *, const char *id, struct trust_row *);
int	store_trust_list(struct ctx *, struct trust_row **, size_t *);
int	store_trust_delete(struct ctx *, const char *id);

/* ---- audit: a hash chain, written in the transaction of its effect -------- */
struct audit_row {
	int64_t		 sequence;
	int64_t		 at_ms;
	const char	*tenant, *actor, *role, *source;
	const char	*action;		/* "csr.regenerate" */
	const char	*object;		/* id or name, or "" */
	const char	*outcome;		/* "done" or a refusal id */
	const char	*detail;		/* JSON object, no secrets */
	unsigned char	 hash[32];
};
/* Appends; object and detail (JSON object text or NULL) hold no secret. */
int	audit(struct ctx *, const char *action, const char *object, const char *detail);
/* A refusal, in a transaction of its own; never fails the caller. */
void	audit_refusal(struct ctx *, const char *action, const char *object, const struct err *);
struct audit_query { int64_t before; const char *text; size_t limit; };
int	store_audit_list(struct ctx *, const struct audit_query *, struct audit_row **, size_t *, bool *more); /* newest first */
int	store_audit_head(struct ctx *, int64_t *sequence, unsigned char hash[32]);
/* Tries to sign in to this account since then, newest first, at most `limit`. */
int	store_audit_sign_ins(struct ctx *, const struct account *, size_t limit, struct audit_row **, size_t *);
/* From `after` on, oldest first, at most `limit`: export and verify walk it. */
int	store_audit_walk(struct ctx *, int64_t after, size_t limit, struct audit_row **, size_t *);
/* SHA-256 over the previous hash and every field; pure, also used offline. */
void	audit_hash(const unsigned char previous[32], const struct audit_row *, unsigned char out[32]);

/* ---- a copy of the database ------------------------------------------------------- */
int	store_schema(struct ctx *, int64_t *version);
int	store_integrity(struct ctx *, const char **fault);	/* NULL: none */
/* Every wrapped key that there is, until `each` returns other than 0. */
int	store_blobs(struct ctx *, int (*each)(struct ctx *, const void *blob, size_t, void *),
	    void *arg);

/* ---- idempotency: answers to keys already seen, 24 h, by cx->claim ---------- */
/* 1 found (status 0: claimed, not answered yet), 0 not, -1 R_IDEMPOTENCY_OTHER */
int	store_idempotency_find(struct ctx *, int *status, const char **body);
/* In the transaction of an effect; audit() does it. R_IDEMPOTENCY_CLAIMED */
int	store_idempotency_claim(struct ctx *);
int	store_idempotency_save(struct ctx *, int status, const char *body);
