/*
 * commands_rows.c - each command: what it asks, what it is answered, what it says
 */
#include "commands_rows.h"

#define API "/api/v1"
#define KEY \
	"{\"label\":\"EC P-256\",\"id\":\"k1\",\"state\":\"ready\",\"public_key\":\"PUBLIC\\n\"}"
#define REQUEST "{\"id\":\"r1\",\"number\":3,\"subject\":{\"CN\":\"a.example\"},\"pem\":\"CSR\\n\"}"
#define LICENSE "{\"valid\":true,\"licensee\":\"Example Ltd\",\"expires\":\"2027-12-31\"}"
#define BACKUP	"{\"name\":\"b1\",\"file\":\"b1.db\",\"events\":7}"
#define DOORS(until)                                                                             \
	"{\"listeners\":[\"127.0.0.1:8443\",\"127.0.0.1:9443\"],\"super\":[\"127.0.0.1:9443\"]," \
	"\"admin\":[\"127.0.0.1:8443\"],\"until\":" until ",\"gone\":[]}"
#define NOTIFY "{\"addresses\":\"ops@acme.example\",\"digests\":[]}"
#define PRESETS \
	"{\"fields\":[{\"label\":\"Organization Name\",\"value\":\"Acme\",\"locked\":true}]}"
#define ACCOUNT "{\"name\":\"ann\",\"email\":\"ann@example\",\"enabled\":true}"
#define TENANT	"{\"name\":\"acme\",\"state\":\"active\",\"people\":2}"
#define CERT                                                                                       \
	"{\"id\":\"c1\",\"subject\":\"CN=a.example\",\"verdict\":\"harmless\",\"pem\":\"PEM\\n\"," \
	"\"sheet\":{\"verdict\":\"breaking\",\"dispositions\":[],\"notes\":[\"said so\"]}}"
#define SHEET(verdict)                                                                            \
	"{\"verdict\":\"" verdict "\",\"dispositions\":[{\"item\":\"subject.O\",\"asked\":\"x\"," \
	"\"granted\":null,\"outcome\":\"dropped\",\"weight\":\"harmless\",\"rule\":\"r.one\","    \
	"\"reason\":\"because\",\"reference\":\"RFC 1\",\"set_by\":\"product rule\"}],"           \
	"\"notes\":[\"a note\"],\"repairs\":[\"CRLF\"],\"id\":\"s1\",\"certificate\":null}"
#define SUBMISSION                                                                                   \
	"{\"id\":\"s1\",\"state\":\"sent\",\"title\":\"An authority\",\"subject\":\"CN=a.example\"," \
	"\"pem\":\"CSR\\n\",\"sheet\":" SHEET("hold") "}"
#define CA                                                                                          \
	"{\"name\":\"house\",\"state\":\"active\",\"root\":\"ROOT\\n\",\"issuing\":\"ISSUING\\n\"," \
	"\"certificates\":[{\"role\":\"root\",\"subject\":\"CN=house root\",\"serial\":\"01\"}]}"
#define CARD                                                                                        \
	"{\"name\":\"house\",\"title\":\"The house\",\"default_profile\":\"server\",\"profiles\":[" \
	"{\"name\":\"server\",\"summary\":\"For servers\",\"keys\":{\"allow\":[\"ec:P-256\"]},"     \
	"\"life\":{\"steps\":[{\"from\":null,\"days\":90}]},\"grants\":[{\"item\":\"subject.O\","   \
	"\"effect\":\"drop\",\"reason\":\"unused\"}],\"adds\":[{\"item\":\"eku.serverAuth\","       \
	"\"value\":\"TRUE\",\"reason\":\"servers\"}]}],\"rules\":[{\"from\":\"2027-03-15\","        \
	"\"sentence\":\"shorter lives\",\"set_by\":\"the Forum\"}]}"
#define ISSUED                                                                                  \
	"{\"serial\":\"0a\",\"state\":\"issued\",\"subject\":\"CN=a.example\",\"reason\":null," \
	"\"chain\":[\"LEAF\\n\",\"ABOVE\\n\"]}"

const struct row rows[] = {
	/* admin */
	{ "admin create --user ann --email ann@example --password-file secret",
	    "POST " API "/accounts "
	    "{\"email\":\"ann@example\",\"name\":\"ann\",\"password\":\"hunter2\"}",
	    { ACCOUNT }, 0, "ann@example" },
	{ "admin list", "GET " API "/accounts", { "{\"accounts\":[" ACCOUNT "]}" }, 0, "ann" },
	{ "admin enable a/b", "POST " API "/accounts/a%2Fb/enable", { ACCOUNT }, 0,
	    "a/b: enabled\n" },
	{ "admin disable ann", "POST " API "/accounts/ann/disable", { ACCOUNT }, 0,
	    "ann: disabled\n" },
	{ "admin delete ann", "DELETE " API "/accounts/ann", { "" }, 0, "ann: deleted\n" },
	{ "admin password ann --password-file secret",
	    "POST " API "/accounts/ann/password {\"password\":\"hunter2\"}", { ACCOUNT }, 0,
	    "ann: password set\n" },
	{ "admin reset-totp ann", "POST " API "/accounts/ann/reset-totp", { ACCOUNT }, 0,
	    "without a one-time code" },
	/* account */
	{ "account invite ann --email ann@example --role auditor",
	    "POST " API "/accounts/invite "
	    "{\"email\":\"ann@example\",\"name\":\"ann\",\"role\":\"auditor\"}",
	    { "{\"login\":\"ann@acme\",\"url\":\"https://h/invitation/x\"}" }, 0,
	    "https://h/invitation/x" },
	{ "account list --tenant acme", "GET " API "/t/acme/accounts",
	    { "{\"accounts\":[{\"login\":\"ann@acme\",\"enabled\":true}]}" }, 0, "ann@acme" },
	{ "account enable ann", "POST " API "/accounts/ann/enable", { ACCOUNT }, 0,
	    "ann: enabled\n" },
	{ "account disable ann", "POST " API "/accounts/ann/disable", { ACCOUNT }, 0,
	    "ann: disabled\n" },
	{ "account delete ann", "DELETE " API "/accounts/ann", { "" }, 0, "ann: deleted\n" },
	/* tenant */
	{ "tenant create acme --contact it@acme.example --requests-a-day 20",
	    "POST " API "/tenants {\"contact\":\"it@acme.example\",\"max_requests\":\"20\","
	    "\"name\":\"acme\"}",
	    { TENANT }, 0, "acme" },
	{ "tenant list --text a/b --limit 5", "GET " API "/tenants?text=a%2Fb&limit=5",
	    { "{\"tenants\":[" TENANT "]}" }, 0, "acme" },
	{ "tenant show acme", "GET " API "/tenants/acme", { TENANT }, 0, "active" },
	{ "tenant change acme --identities 3 --certificates 0",
	    "PUT " API "/tenants/acme {\"max_certificates\":\"0\",\"max_identities\":\"3\"}",
	    { TENANT }, 0, "acme" },
	{ "tenant suspend acme --reason unpaid",
	    "POST " API "/tenants/acme/suspend {\"reason\":\"unpaid\"}", { TENANT }, 0, "acme" },
	{ "tenant resume acme", "POST " API "/tenants/acme/resume", { TENANT }, 0, "acme" },
	{ "tenant delete acme --confirm acme",
	    "POST " API "/tenants/acme/delete {\"confirm\":\"acme\"}", { "" }, 0,
	    "acme: deleted\n" },
	/* names */
	{ "names base vc.example.com", "PUT " API "/names/base {\"domain\":\"vc.example.com\"}",
	    { "{\"base\":\"vc.example.com\"}" }, 0, "vc.example.com" },
	{ "names base none", "PUT " API "/names/base {\"domain\":\"\"}", { "{\"base\":null}" }, 0,
	    "none" },
	{ "names add acme.example --tenant acme",
	    "POST " API "/t/acme/names {\"name\":\"acme.example\"}",
	    { "{\"name\":\"acme.example\",\"added_by\":\"local\"}" }, 0, "acme.example" },
	{ "names verify acme.example",
	    "POST " API "/names/acme.example/verify {\"method\":\"dns\"}",
	    { "{\"name\":\"acme.example\",\"state\":\"proved\",\"token\":\"T\"}" }, 0, "proved" },
	{ "names verify acme.example --method http",
	    "POST " API "/names/acme.example/verify {\"method\":\"http\"}",
	    { "{\"name\":\"acme.example\",\"state\":\"proved\",\"token\":\"T\"}" }, 0, "proved" },
	{ "names list --text a", "GET " API "/names?text=a",
	    { "{\"base\":\"vc.example\",\"names\":[],\"tenants\":[{\"tenant\":\"acme\",\"names\":[{"
	      "\"name\":\"acme.vc.example\",\"covered\":true}]}]}" },
	    0, "acme.vc.example" },
	{ "names list --tenant acme", "GET " API "/t/acme/names",
	    { "{\"names\":[{\"name\":\"acme.example\",\"covered\":false}]}" }, 0, "acme.example" },
	{ "names plan --authority house --strategy each",
	    "GET " API "/names/plan?authority=house&strategy=each",
	    { "{\"covered\":1,\"total\":2,\"recommended\":\"wildcard\",\"reason\":\"it is "
	      "less\",\"strategies\":[{\"strategy\":\"each\",\"certificates\":2,\"effort\":[{"
	      "\"days\":47,\"renewals\":24}]}],\"certificates\":[],\"names\":[]}" },
	    0, "each, 47 days: 24 renewals a year" },
	{ "names apply --authority house --country US --requests-only",
	    "POST " API
	    "/names/plan {\"authority\":\"house\",\"country\":\"US\",\"requests_only\":true}",
	    { "{\"made\":[{\"identity\":\"wildcard.vc.example\",\"state\":\"requested\"}],"
	      "\"left\":3,\"failed\":null}" },
	    0, "3 are left: apply again" },
	{ "names apply", "POST " API "/names/plan {}",
	    { "{\"made\":[],\"left\":0,\"failed\":{\"identity\":\"a.example\",\"id\":\"x\","
	      "\"detail\":\"no more\",\"hint\":\"\"}}" },
	    5, "IDENTITY" },
	{ "names remove acme.example --tenant acme", "DELETE " API "/t/acme/names/acme.example",
	    { "" }, 0, "acme.example: taken away\n" },
	/* token */
	{ "token create --days 7 --user ann", "POST " API "/tokens {\"days\":7,\"user\":\"ann\"}",
	    { "{\"token\":\"cw_x\",\"id\":\"t1\",\"expires\":\"2027-01-01T00:00:00Z\"}" }, 0,
	    "cw_x" },
	{ "token create", "POST " API "/tokens {}", { "{\"token\":\"cw_x\",\"id\":\"t1\"}" }, 0,
	    "t1" },
	{ "token list", "GET " API "/tokens",
	    { "{\"tokens\":[{\"id\":\"t1\",\"account\":\"ann\",\"revoked\":false}]}" }, 0, "ann" },
	{ "token revoke t1", "DELETE " API "/tokens/t1", { "" }, 0, "t1: revoked\n" },
	/* identity */
	{ "identity create shop", "POST " API "/identities {\"name\":\"shop\"}",
	    { "{\"name\":\"shop\",\"keys\":[]}" }, 0, "shop" },
	{ "identity list", "GET " API "/identities",
	    { "{\"identities\":[{\"name\":\"shop\",\"subject\":{\"CN\":\"a.example\"}}]}" }, 0,
	    "a.example" },
	{ "identity show shop", "GET " API "/identities/shop",
	    { "{\"name\":\"shop\",\"keys\":[" KEY "]}" }, 0, "k1" },
	{ "identity delete shop", "DELETE " API "/identities/shop", { "" }, 0, "shop: deleted\n" },
	/* key */
	{ "key generate --type ec:P-256 --exportable --identity shop",
	    "POST " API "/identities/shop/keys {\"exportable\":true,\"type\":\"ec:P-256\"}",
	    { KEY }, 0, "\nPUBLIC\n" },
	{ "key show", "GET " API "/identities/portal/key", { KEY }, 0, "EC P-256" },
	{ "key show k1", "GET " API "/keys/k1", { KEY }, 0, "k1" },
	{ "key import in", "GET " API "/import-key", { "{\"key\":\"AAAA\"}" }, 1, "", true },
	{ "key export k1 --passphrase-file secret",
	    "POST " API "/keys/k1/export {\"passphrase\":\"hunter2\"}",
	    { "{\"format\":\"pkcs8\",\"pem\":\"KEY\\n\",\"pkcs12\":null}" }, 0, "KEY\n", true },
	{ "key export k1 --passphrase-file secret --format pkcs12 --legacy",
	    "POST " API "/keys/k1/export "
	    "{\"format\":\"pkcs12\",\"legacy\":true,\"passphrase\":\"hunter2\"}",
	    { "{\"format\":\"pkcs12\",\"pem\":null,\"pkcs12\":\"YWJj\"}" }, 0, "abc", true },
	{ "key export k1 --passphrase-file secret --code 123456",
	    "POST " API "/keys/k1/export {\"code\":\"123456\",\"passphrase\":\"hunter2\"}",
	    { "{\"waiting\":true,\"expires\":\"2027-01-01T00:00:00Z\",\"pem\":null}" }, 4,
	    "waiting for a second custodian until" },
	{ "key approve k1 --code 123456", "POST " API "/keys/k1/approve {\"code\":\"123456\"}",
	    { "{\"key\":\"k1\",\"asked_by\":\"ann\"}" }, 0, "ann" },
	{ "key compromised 01m8ay351sm3mr65ygm8yqe55g --note lost",
	    "POST " API "/keys/01m8ay351sm3mr65ygm8yqe55g/compromised {\"note\":\"lost\"}",
	    { "{\"spki_sha256\":\"ab01\",\"key\":\"k1\",\"note\":\"lost\"}" }, 0, "lost" },
	{ "key compromised in", "POST " API "/compromised-keys {\"pem\":\"abc\"}",
	    { "{\"spki_sha256\":\"ab01\",\"key\":null}" }, 0, "ab01" },
	{ "key replace --note lost --in-use --identity shop",
	    "POST " API "/identities/shop/replacement {\"in_use\":true,\"note\":\"lost\"}",
	    { "{\"state\":\"open\",\"step\":\"answer\",\"waits_for\":\"the answer of A\","
	      "\"certificates\":[{\"serial\":\"0a\",\"here\":true}]}" },
	    4, "the answer of A" },
	{ "key replace --show", "GET " API "/identities/portal/replacement",
	    { "{\"state\":\"done\",\"step\":\"done\",\"certificates\":[]}" }, 0, "done" },
	{ "key destroy k1", "DELETE " API "/keys/k1", { KEY }, 0, "k1: destroyed, for good\n" },
	/* custodian */
	{ "custodian list", "GET " API "/custodians",
	    { "{\"custodians\":[{\"id\":\"a1\",\"name\":\"ann\"}],\"waiting\":[{\"act\":"
	      "\"export\",\"about\":\"k1\",\"wish\":\"pkcs8\",\"asked_by\":\"ann\",\"approved\":"
	      "false,\"expires\":\"2027-01-01T00:00:00Z\"}]}" },
	    0, "ann" },
	{ "custodian add ann", "POST " API "/accounts/ann/custodian {}",
	    { "{\"waiting\":false,\"expires\":null}" }, 0, "ann" },
	{ "custodian remove ann --code 123456",
	    "POST " API "/accounts/ann/custodian/remove {\"code\":\"123456\"}",
	    { "{\"waiting\":true,\"expires\":\"2027-01-01T00:00:00Z\"}" }, 4, "waiting" },
	/* csr */
	{ "csr regenerate --country US --common-name a.example --name b.example --name c.example",
	    "POST " API "/identities/portal/requests {\"common_name\":\"a.example\","
	    "\"country\":\"US\",\"names\":[\"b.example\",\"c.example\"]}",
	    { REQUEST }, 0, "\nCSR\n" },
	{ "csr regenerate --name ''", "POST " API "/identities/portal/requests {\"names\":[]}",
	    { REQUEST }, 0, "a.example" },
	{ "csr fields", "GET " API "/csr-fields", { PRESETS }, 0, "Organization Name  Acme" },
	{ "csr fields --unit IT --lock unit --lock organization",
	    "PUT " API "/csr-fields {\"locked\":[\"unit\",\"organization\"],\"unit\":\"IT\"}",
	    { PRESETS }, 0, "Acme" },
	{ "csr fields --lock ''", "PUT " API "/csr-fields {\"locked\":[]}", { PRESETS }, 0,
	    "Acme" },
	{ "csr show", "GET " API "/identities/portal/request", { REQUEST }, 0, "CSR" },
	{ "csr show r1", "GET " API "/requests/r1", { REQUEST }, 0, "CSR" },
	{ "csr list --identity shop", "GET " API "/identities/shop/requests",
	    { "{\"requests\":[" REQUEST "]}" }, 0, "a.example" },
	{ "csr download", "GET " API "/identities/portal/request\nGET " API "/requests/r1/pem",
	    { REQUEST, "PEM\n" }, 0, "PEM\n", true },
	{ "csr download r1 --der", "GET " API "/requests/r1/der", { "DER" }, 0, "DER", true },
	{ "csr check in", "POST " API "/csr/check application/pkcs10abc", { SHEET("issue") }, 0,
	    "Verdict: issue (well-formed)" },
	{ "csr preview --authority x --days 90 --date 2027-03-15",
	    "GET " API "/identities/portal/request\n"
	    "POST " API "/csr/preview?authority=x&days=90&date=2027-03-15 "
	    "application/pkcs10CSR\n",
	    { REQUEST, SHEET("amend") }, 3, "because" },
	{ "csr preview in --authority x",
	    "POST " API "/csr/preview?authority=x application/pkcs10abc", { SHEET("refuse") }, 5,
	    "repaired: CRLF" },
	/* certificate */
	{ "certificate check in",
	    "POST " API "/identities/portal/certificates/check "
	    "{\"files\":[{\"content\":\"YWJj\",\"name\":\"in\"}]}",
	    { SHEET("breaking") }, 5, "Verdict: breaking (not fit for use)" },
	{ "certificate check in --fetch-issuer",
	    "POST " API "/identities/portal/certificates/check "
	    "{\"fetch_issuer\":true,\"files\":[{\"content\":\"YWJj\",\"name\":\"in\"}]}",
	    { SHEET("same") }, 0, "note: a note" },
	{ "certificate check in ./in --passphrase-file secret --request r1",
	    "POST " API "/identities/portal/certificates/check "
	    "{\"files\":[{\"content\":\"YWJj\",\"name\":\"in\"},"
	    "{\"content\":\"YWJj\",\"name\":\"in\"}],\"passphrase\":\"hunter2\",\"request\":\"r1\"}",
	    { SHEET("same") }, 0, "note: a note" },
	{ "certificate install in --override moved --identity shop",
	    "POST " API "/identities/shop/certificates "
	    "{\"files\":[{\"content\":\"YWJj\",\"name\":\"in\"}],\"override\":\"moved\"}",
	    { SHEET("harmless") }, 0, "installed: s1\n" },
	{ "certificate install --request r1",
	    "POST " API "/identities/portal/certificates {\"files\":[],\"request\":\"r1\"}",
	    { SHEET("same") }, 0, "installed: s1\n" },
	{ "certificate show", "GET " API "/identities/portal/certificate", { CERT }, 0,
	    "note: said so" }, /* a sheet that is kept decides nothing */
	{ "certificate show c1", "GET " API "/certificates/c1", { CERT }, 0, "\nPEM\n" },
	{ "certificate list", "GET " API "/identities/portal/certificates",
	    { "{\"certificates\":[" CERT "]}" }, 0, "CN=a.example" },
	{ "certificate rollback --reason slow",
	    "POST " API "/identities/portal/rollback {\"reason\":\"slow\"}", { CERT }, 0, "c1" },
	{ "certificate download --chain",
	    "GET " API "/identities/portal/certificate\nGET " API "/certificates/c1/pem?chain=1",
	    { CERT, "PEM\n" }, 0, "PEM\n", true },
	{ "certificate download c1", "GET " API "/certificates/c1/pem", { "PEM\n" }, 0, "PEM\n",
	    true },
	{ "certificate issued --text a&b --state issued",
	    "GET " API "/issued?text=a%26b&state=issued", { "{\"issued\":[" ISSUED "]}" }, 0,
	    "CN=a.example" },
	{ "certificate export 0a", "GET " API "/issued/0a", { ISSUED }, 0, "LEAF\n", true },
	{ "certificate export 0a --chain", "GET " API "/issued/0a", { ISSUED }, 0, "LEAF\nABOVE\n",
	    true },
	{ "certificate revoke 0a --reason superseded",
	    "POST " API "/issued/revoke {\"reason\":\"superseded\",\"serial\":\"0a\"}", { ISSUED },
	    0, "CN=a.example" },
	{ "certificate revoke in", "POST " API "/issued/revoke {\"certificate\":\"abc\"}",
	    { ISSUED }, 0, "0a" }, /* a file, when there is one of this name */
	{ "certificate release 0a", "POST " API "/issued/release {\"serial\":\"0a\"}", { ISSUED },
	    0, "issued" },
	/* authority, profile, ca */
	{ "authority list", "GET " API "/authorities",
	    { "{\"authorities\":[{\"name\":\"house\",\"title\":\"The house\"}]}" }, 0,
	    "The house" },
	{ "authority show house", "GET " API "/authorities/house", { CARD }, 0, "shorter lives" },
	{ "authority check in", "POST " API "/authorities/check abc", { CARD }, 0,
	    "The card is well-formed.\n" },
	{ "profile list", "GET " API "/authorities\nGET " API "/authorities/house",
	    { "{\"authorities\":[{\"name\":\"house\"}]}", CARD }, 0, "For servers" },
	{ "profile show server --authority house", "GET " API "/authorities/house", { CARD }, 0,
	    "unused" },
	{ "profile show other --authority house", "GET " API "/authorities/house", { CARD }, 8,
	    "" },
	{ "profile export --authority house", "GET " API "/cas/house/policy",
	    { "{\"card\":{\"id\":\"house\"}}" }, 0, "\"id\": \"house\"", true },
	{ "profile set in --authority house", "POST " API "/cas/house/policy abc",
	    { "{\"fail\":0,\"identities\":[]}" }, 0, "set: 0 identities" },
	{ "profile set in --dry-run",
	    "GET " API "/cas\nPOST " API "/cas/house/policy?dry_run=1 abc",
	    { "{\"cas\":[" CA "]}",
		"{\"fail\":1,\"identities\":[{\"identity\":\"shop\",\"now\":\"issue\"}]}" },
	    5, "nothing is changed: 1 identities" },
	{ "ca create --name house --type ed25519 --permit a.example --days 9 --root-days 10",
	    "POST " API "/cas {\"days\":9,\"name\":\"house\",\"permit\":[\"a.example\"],"
	    "\"root_days\":10,\"type\":\"ed25519\"}",
	    { CA }, 0, "CN=house root" },
	{ "ca list", "GET " API "/cas", { "{\"cas\":[" CA "]}" }, 0, "house" },
	{ "ca show house", "GET " API "/cas/house", { CA }, 0, "ROOT\nISSUING\n" },
	{ "ca rollover house --days 9", "POST " API "/cas/house/rollover {\"days\":9}", { CA }, 0,
	    "house" },
	{ "ca renew house --within 8", "POST " API "/cas/house/renew {\"within\":\"8\"}",
	    { "{\"name\":\"house\",\"renewals\":7,\"within\":8}" }, 0, "7" },
	{ "ca lists house --shards 4 --deltas on",
	    "POST " API "/cas/house/lists {\"deltas\":\"on\",\"shards\":4}", { CA }, 0, "house" },
	{ "ca retire house", "POST " API "/cas/house/retire {}", { CA }, 0, "house" },
	{ "ca retire house --code 123456", "POST " API "/cas/house/retire {\"code\":\"123456\"}",
	    { "{\"waiting\":true,\"expires\":\"soon\"}" }, 4,
	    "certwright ca approve house --act retire" },
	{ "ca approve house --act retire --code 123456",
	    "POST " API "/cas/house/approve {\"act\":\"retire\",\"code\":\"123456\"}",
	    { "{\"asked_by\":\"ann\"}" }, 0, "ann can run ca retire now" },
	{ "ca csr --name below --type ed25519",
	    "POST " API "/cas/csr {\"name\":\"below\",\"permit\":[],\"type\":\"ed25519\"}",
	    { "{\"csr\":\"CSR\\n\"}" }, 0, "CSR\n", true },
	{ "ca install in",
	    "POST " API "/cas/install {\"files\":[{\"content\":\"YWJj\",\"name\":\"in\"}]}", { CA },
	    0, "house" },
	{ "ca import in in --name moved", "GET " API "/import-key", { "{\"key\":\"AAAA\"}" }, 1, "",
	    true },
	{ "ca import-history house in --dry-run",
	    "POST " API "/cas/house/history {\"dry_run\":true,\"files\":[],\"first_line\":1,"
	    "\"index\":\"abc\\n\"}",
	    { "{\"name\":\"house\",\"imported\":0,\"skipped\":1,\"items\":[{\"source\":"
	      "\"index.txt line 1\",\"action\":\"skipped\",\"reason\":\"it is no line\"}]}" },
	    3, "index.txt line 1" },
	{ "ca offline house --passphrase-file secret -o out",
	    "POST " API "/cas/house/offline {\"passphrase\":\"hunter2\"}\n"
	    "POST " API "/cas/house/offline {\"sha256\":"
	    "\"4a3ec3730504983f960fb2df35a1d68d640ff55d151fa3128ca0fc707f86882e\"}",
	    { "{\"name\":\"house\",\"pem\":\"KEY\\n\"}", "{\"name\":\"house\",\"pem\":null}" }, 0,
	    "house: the key is in out" },
	{ "ca confirm-clock", "POST " API "/clock/confirm", { "{\"clock\":{\"stopped\":false}}" },
	    0, "certificates are signed again" },
	{ "ca confirm-restore", "POST " API "/restore/confirm", { "{\"restored\":null}" }, 0,
	    "certificates are signed again" },
	/* config applications */
	{ "config applications", "GET " API "/applications/access", { DOORS("null") }, 0,
	    "127.0.0.1:9443" },
	{ "config applications --super a:1,b:2 --admin all",
	    "PUT " API "/applications/access {\"admin\":[\"all\"],\"super\":[\"a:1\",\"b:2\"]}",
	    { DOORS("\"2027-01-01T00:00:00Z\"") }, 0, "certwright config applications --keep" },
	{ "config applications --client-required a:1 --client-asked none --client-cas house",
	    "PUT " API "/applications/access {\"client_asked\":[\"none\"],\"client_cas\":"
	    "[\"house\"],\"client_required\":[\"a:1\"]}",
	    { DOORS("null") }, 0, "127.0.0.1:9443" },
	{ "config applications --keep", "POST " API "/applications/access/confirm",
	    { DOORS("null") }, 0, "127.0.0.1:9443" },
	{ "config applications --revert", "POST " API "/applications/access/revert",
	    { DOORS("null") }, 0, "127.0.0.1:9443" },
	{ "config applications --revert --keep", "", { "" }, 2, "" },
	/* config hsts */
	{ "config hsts", "GET " API "/applications/hsts", { "{\"days\":365}" }, 0, "365" },
	{ "config hsts --days 30 --subdomains",
	    "PUT " API "/applications/hsts {\"days\":\"30\",\"subdomains\":true}",
	    { "{\"days\":30,\"subdomains\":true}" }, 0, "30" },
	{ "config hsts --subdomains", "", { "" }, 2, "" },
	/* config redirect */
	{ "config redirect", "GET " API "/applications/redirect", { "{\"port\":0}" }, 0, "0" },
	{ "config redirect --port 443", "PUT " API "/applications/redirect {\"port\":\"443\"}",
	    { "{\"port\":443}" }, 0, "443" },
	/* license */
	{ "license show", "GET " API "/license", { LICENSE }, 0, "Example Ltd" },
	{ "license upload in", "PUT " API "/license {\"content\":\"YWJj\"}", { LICENSE }, 0,
	    "2027-12-31" },
	/* backup */
	{ "backup create", "POST " API "/backups", { BACKUP }, 0, "b1" },
	{ "backup list", "GET " API "/backups", { "{\"backups\":[" BACKUP "]}" }, 0, "b1" },
	{ "backup verify b1", "POST " API "/backups/b1/verify",
	    { "{\"whole\":true,\"message\":\"all is there\"}" }, 0, "all is there" },
	{ "backup verify b1", "POST " API "/backups/b1/verify",
	    { "{\"whole\":false,\"message\":\"a page is damaged\"}" }, 5, "damaged" },
	{ "backup restore b1", "POST " API "/backups/b1/restore",
	    { "{\"what\":\"the backup b1\",\"kept\":\"replaced-1\"}" }, 0,
	    "b1: takes its place at the next start" },
	{ "backup restore --cancel", "POST " API "/restore/cancel", { "" }, 0,
	    "the next start changes nothing" },
	/* bundle: at the keeper's files, which are not here (tests/api/test_bundle.py) */
	{ "bundle export -o bundle --passphrase-file secret", "", { "" }, 6, "" },
	{ "bundle verify in --passphrase-file secret", "", { "" }, 6, "" },
	{ "bundle import in --passphrase-file secret --server https://certwright.example", "",
	    { "" }, 2, "" },
	{ "bundle reset no-host.invalid -o bundle --passphrase-file secret", "", { "" }, 6, "" },
	{ "backup delete b1", "DELETE " API "/backups/b1", { "" }, 0, "b1: removed\n" },
	/* config banner */
	{ "config banner", "GET " API "/banners",
	    { "{\"login\":\"\",\"welcome\":\"hello\\nall\"}" }, 0, "welcome:\n  hello\n  all\n" },
	{ "config banner --login-file in --welcome-file empty",
	    "PUT " API "/banners {\"login\":\"abc\",\"welcome\":\"\"}",
	    { "{\"login\":\"abc\",\"welcome\":\"\"}" }, 0, "welcome: off" },
	/* notify */
	{ "notify show", "GET " API "/notify", { NOTIFY }, 0, "ops@acme.example" },
	{ "notify set --addresses ops@acme.example --secret-file secret --days-left 14,3",
	    "PUT " API "/notify {\"addresses\":\"ops@acme.example\",\"days\":\"14,3\","
	    "\"secret\":\"hunter2\"}",
	    { NOTIFY }, 0, "ops@acme.example" },
	{ "notify server --host mx.example --password-file secret",
	    "PUT " API "/notify/server {\"host\":\"mx.example\",\"password\":\"hunter2\"}",
	    { NOTIFY }, 0, "ops@acme.example" },
	{ "notify test", "POST " API "/notify/test",
	    { "{\"results\":[{\"channel\":\"mail\",\"sent\":true,\"failure\":null}]}" }, 0,
	    "mail" },
	{ "notify test", "POST " API "/notify/test",
	    { "{\"results\":[{\"channel\":\"mail\",\"sent\":false,\"failure\":\"late\"}]}" }, 11,
	    "late" },
	{ "ca online house in", "GET " API "/import-key", { "{\"key\":\"AAAA\"}" }, 1, "", true },
	/* request */
	{ "request submit in --authority x --profile p --note a&b",
	    "POST " API "/authorities/x/requests?profile=p&note=a%26b application/pkcs10abc",
	    { SHEET("hold") }, 4, "kept: s1\n" },
	{ "request submit --authority x --wait",
	    "GET " API "/identities/portal/request\n"
	    "POST " API "/authorities/x/requests application/pkcs10CSR\n\n"
	    "GET " API "/submissions/s1",
	    { REQUEST, SHEET("hold"), "{\"state\":\"answered\",\"id\":\"s1\"}" }, 0, "kept: s1",
	    true },
	{ "request batch in in --authority x --days 9",
	    "POST " API "/submissions {\"requests\":["
	    "{\"authority\":\"x\",\"csr\":\"abc\",\"days\":\"9\"},"
	    "{\"authority\":\"x\",\"csr\":\"abc\",\"days\":\"9\"}]}",
	    { "{\"results\":[{\"status\":201,\"verdict\":\"amend\",\"serial\":\"0a\",\"id\":\"s1\"},"
	      "{\"status\":404,\"id\":\"a.b\",\"detail\":\"no such\"}]}" },
	    8, "refused  -       -   no such" },
	{ "request list", "GET " API "/submissions", { "{\"submissions\":[" SUBMISSION "]}" }, 0,
	    "sent" },
	{ "request show s1", "GET " API "/submissions/s1", { SUBMISSION }, 0, "An authority" },
	{ "request approve s1 --sha256 00ff",
	    "POST " API "/submissions/s1/approve {\"sha256\":\"00ff\"}", { SHEET("issue") }, 0,
	    "Verdict: issue" },
	{ "request reject s1 --reason no", "POST " API "/submissions/s1/reject {\"reason\":\"no\"}",
	    { SUBMISSION }, 0, "An authority" },
	{ "request withdraw s1", "POST " API "/submissions/s1/withdraw", { SUBMISSION }, 0,
	    "An authority" },
	{ "request submit in --authority x --keep-key pinned",
	    "POST " API "/authorities/x/requests?keep_key=pinned application/pkcs10abc",
	    { "{\"verdict\":\"hold\",\"id\":\"s1\",\"dispositions\":[]}" }, 4, "kept: s1" },
	{ "request link s1 --days 3", "POST " API "/submissions/s1/link {\"days\":\"3\"}",
	    { "{\"id\":\"s1\",\"url\":\"https://h/sheets/T\"}" }, 0, "https://h/sheets/T\n" },
	{ "request link s1 --withdraw", "POST " API "/submissions/s1/link/withdraw {}",
	    { "{\"id\":\"s1\"}" }, 0, "withdrawn: the link to s1" },
	/* trust, component, status, config, audit */
	{ "trust list", "GET " API "/trust",
	    { "{\"trust\":[{\"id\":\"x1\",\"subject\":\"CN=R\",\"used_by\":[\"portal\"]}]}" }, 0,
	    "portal" },
	{ "trust add in", "POST " API "/trust {\"content\":\"YWJj\"}",
	    { "{\"trust\":[],\"notes\":[\"CN=R was here already\"]}" }, 0,
	    "note: CN=R was here already\n" },
	{ "trust remove x1", "DELETE " API "/trust/x1", { "" }, 0, "x1: removed\n" },
	{ "component list", "GET " API "/components",
	    { "{\"components\":[{\"name\":\"portal\",\"status\":\"fine\",\"days_left\":7}]}" }, 0,
	    "fine" },
	{ "component pull --authority house --name a.example --out in", "", { "" }, 1, "", true },
	{ "component targets", "GET " API "/targets",
	    { "{\"targets\":[{\"name\":\"web\",\"kind\":\"files\",\"taken\":false}]}" }, 0,
	    "files" },
	{ "component add shop --target web --identity shop",
	    "POST " API "/components {\"identity\":\"shop\",\"name\":\"shop\",\"target\":\"web\"}",
	    { "{\"name\":\"shop\",\"delivery\":\"pending\"}" }, 0, "pending" },
	{ "component add-pull gw --authority house --name gw.example --name b.example --days 9",
	    "POST " API "/components/pull "
	    "{\"authority\":\"house\",\"days\":\"9\",\"name\":\"gw\",\"names\":[\"gw.example\",\"b.example\"]}",
	    { "{\"token\":\"cwp_x\",\"name\":\"gw\"}" }, 0, "cwp_x" },
	{ "component show shop", "GET " API "/components/shop",
	    { "{\"name\":\"shop\",\"delivery\":\"failed\",\"message\":\"no\"}" }, 0, "failed" },
	{ "component set shop --address a.example:443 --sni none --starttls none",
	    "PUT " API
	    "/components/shop {\"address\":\"a.example:443\",\"sni\":\"\",\"starttls\":\"\"}",
	    { "{\"name\":\"shop\",\"addresses\":[\"a.example:443\"]}" }, 0, "a.example:443" },
	{ "component deliver shop", "POST " API "/components/shop/deliver {}",
	    { "{\"name\":\"shop\",\"delivery\":\"pending\"}" }, 0, "pending" },
	{ "component check shop", "POST " API "/components/shop/check {}",
	    { "{\"name\":\"shop\",\"served\":\"same\"}" }, 0, "same" },
	{ "component scan a.example:443 b.example:25 --starttls smtp",
	    "POST " API
	    "/found {\"servers\":[\"a.example:443\",\"b.example:25\"],\"starttls\":\"smtp\"}\n"
	    "GET " API "/found\nGET " API "/found",
	    { "{}", "{\"waiting\":0}",
		"{\"found\":[{\"place\":\"a.example:443\",\"state\":\"valid\"}]}" },
	    0, "a.example:443" },
	{ "component found", "GET " API "/found",
	    { "{\"found\":[{\"place\":\"a.example:443\",\"state\":\"valid\"}]}" }, 0, "valid" },
	{ "component forget f1", "DELETE " API "/found/f1", { "" }, 0, "f1: forgotten\n" },
	{ "component remove shop", "DELETE " API "/components/shop", { "" }, 0, "shop: removed\n" },
	{ "renewal list --text a/b", "GET " API "/renewals?text=a%2Fb",
	    { "{\"renewals\":[{\"identity\":\"shop\",\"state\":\"failed\"}]}" }, 0, "failed" },
	{ "renewal show shop", "GET " API "/renewals/shop",
	    { "{\"identity\":\"shop\",\"next\":\"is being renewed\"}" }, 0, "is being renewed" },
	{ "renewal set shop --new-key no --days-left 9 --hours any --by-itself yes",
	    "PUT " API "/renewals/shop "
	    "{\"by_itself\":\"yes\",\"days_left\":\"9\",\"hours\":\"any\",\"new_key\":\"no\"}",
	    { "{\"identity\":\"shop\",\"days_left\":9}" }, 0, "9" },
	{ "renewal now shop", "POST " API "/renewals/shop/now {}",
	    { "{\"identity\":\"shop\",\"state\":\"waiting\"}" }, 0, "waiting" },
	{ "status", "GET " API "/status",
	    { "{\"version\":\"1\",\"keeper\":{\"pool\":[{\"type\":\"rsa:2048\",\"have\":1}]}}" }, 0,
	    "rsa:2048" },
	{ "config show", "GET " API "/config",
	    { "{\"listen\":[\"127.0.0.1:1\",\"[::1]:2\"],\"workers\":\"7\"}" }, 0,
	    "listen = 127.0.0.1:1\nlisten = [::1]:2\nworkers = 7\n" },
	{ "audit list --limit 2 --text a&b", "GET " API "/audit?limit=2&text=a%26b",
	    { "{\"events\":[{\"sequence\":2,\"action\":\"key.generate\",\"detail\":{\"a\":1}}]}" },
	    0, "key.generate" },
	{ "audit export", "GET " API "/audit/export", { "{}\n" }, 0, "{}\n", true },
	{ "audit verify", "GET " API "/audit/verify", { "{\"whole\":true,\"message\":\"whole\"}" },
	    0, "whole" },
	{ "audit verify", "GET " API "/audit/verify",
	    { "{\"whole\":false,\"message\":\"event 3 was changed\"}" }, 5, "event 3 was changed" },
};
const size_t nrows = nitems(rows);
