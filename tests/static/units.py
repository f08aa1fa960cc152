#!/usr/bin/env python3
"""Each module has unit tests: for src/DIR/x.c there is tests/unit/DIR/test_x.c
(without the prefix of its folder: op_, page_, ...), or a test of that folder
whose first comment names x.c (one of another folder: DIR/x.c). What has none
stands below with its reason."""

import glob
import os
import re
import subprocess

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
PREFIXES = ("op_", "page_", "store_", "db_", "cmd_")

# module: why it has no unit test, and what tests it instead
PROCESS = "a process, its threads and sockets: tests/api, tests/faults"
DELIVERY = "files, programs, and two processes at once: tests/api/test_deliver.py"
OWN_CA = "an authority's key, its journal and its tables at once: tests/api/test_ca.py"
OUTSIDE = "asks servers of the test: tests/api/test_fetch.py"
PROOF = "tests/api/test_proof.py"
BACKUP = "files of a data directory, while all goes on: tests/api/test_backup.py"
HISTORY = "what OpenSSL's ca(1) left in a folder: tests/api/test_history.py"
NOTIFY = "servers of the test are told: tests/api/test_notify.py"
RENEWAL = "threads, an authority and a clock that is moved: tests/api/test_renew.py"
CLIENTS = "real TLS clients and an authority: tests/api/test_client_certificates.py"
WITHOUT = {
    "src/front/client.c": CLIENTS,
    "src/op/op_client.c": CLIENTS,
    "src/front/renewals.c": RENEWAL,
    "src/op/op_renew.c": RENEWAL,
    "src/op/op_renew_all.c": RENEWAL,
    "src/op/op_renew_step.c": RENEWAL,
    "src/page/page_ca_renew.c": RENEWAL,
    "src/page/page_renewal.c": RENEWAL,
    "src/store/store_renewal.c": RENEWAL,
    "src/certwrightd.c": PROCESS,
    "src/prepare.c": PROCESS,
    "src/x509/pkcs12.c": "tests/api/test_keys.py M34, tests/api/test_deliver.py: OpenSSL, GnuTLS and Java read it",
    "src/deliver/haproxy.c": DELIVERY,
    "src/deliver/main.c": DELIVERY,
    "src/deliver/run.c": DELIVERY,
    "src/deliver/safe.c": DELIVERY,
    "src/keeper/deliver.c": DELIVERY,
    "src/op/op_component_add.c": DELIVERY,
    "src/op/op_deliver.c": DELIVERY,
    "src/op/op_scan.c": "asks servers of the test: tests/api/test_scan.py",
    "src/store/store_found.c": "tests/api/test_scan.py",
    "src/page/page_pull.c": "a host with a token of its own: tests/api/test_pull.py, tests/cli/test_pull.py",
    "src/page/page_found.c": "tests/api/test_scan.py",
    "src/cli/cmd_scan.c": "files and servers: tests/api/test_scan.py",
    "src/op/pull_token.c": "a host with a token of its own: tests/api/test_pull.py, tests/cli/test_pull.py",
    "src/op/op_pull.c": "a host with a token of its own: tests/api/test_pull.py, tests/cli/test_pull.py",
    "src/page/page_component_one.c": DELIVERY,
    "src/wire/delivery.c": DELIVERY,
    "src/routes.c": "a list; a row that lacks something does not start",
    "src/cli/main.c": "calls cli_run",
    "src/cli/cli.c": "one run of the program: tests/cli",
    "src/cli/data_dir.c": "folders of the machine: tests/cli",
    "src/cli/http.c": "sockets, TLS and pinned certificates: tests/cli/test_requests.py",
    "src/front/anchor.c": PROCESS,
    "src/op/backup_file.c": BACKUP,
    "src/op/backup_restore.c": BACKUP,
    "src/op/revoked_since.c": BACKUP,
    "src/op/backup_verify.c": BACKUP,
    "src/op/op_backup.c": BACKUP,
    "src/op/op_restored.c": BACKUP,
    "src/page/page_backup.c": BACKUP,
    "src/page/page_advanced.c": "files of a data directory: tests/api/test_bundle.py",
    "src/store/db_copy.c": BACKUP,
    "src/store/store_backup.c": BACKUP,
    "src/cli/cmd_backup.c": BACKUP,
    "src/fetch/child.c": OUTSIDE,
    "src/fetch/get.c": OUTSIDE,
    "src/fetch/main.c": OUTSIDE,
    "src/fetch/probe.c": OUTSIDE,
    "src/fetch/resolve.c": OUTSIDE,
    "src/fetch/sandbox.c": OUTSIDE,
    "src/base/landlock.c": "tests/unit/front/test_sandbox.c, tests/api/test_fetch.py",
    "src/front/children.c": PROCESS,
    "src/front/http.c": PROCESS,
    "src/front/http_conn.c": PROCESS,
    "src/front/http_plain.c": OWN_CA,
    "src/front/http_request.c": PROCESS,
    "src/front/pki.c": OWN_CA,
    "src/front/privileges.c": "gives up root: tests/faults/test_start.py",
    "src/front/upkeep.c": PROCESS,
    "src/front/notices.c": PROCESS,
    "src/fetch/client_send.c": NOTIFY,
    "src/fetch/pinned.c": OUTSIDE,
    "src/fetch/send.c": NOTIFY,
    "src/op/notify_gather.c": NOTIFY,
    "src/op/notify_often.c": NOTIFY,
    "src/op/notify_send.c": NOTIFY,
    "src/op/notify_server.c": NOTIFY,
    "src/op/op_notify.c": NOTIFY,
    "src/cli/cmd_notify.c": NOTIFY,
    "src/page/page_notify.c": NOTIFY,
    "src/front/worker.c": PROCESS,
    "src/op/op_proof.c": PROOF,
    "src/store/store_claim.c": PROOF,
    "src/op/ca_consent.c": "tests/api/test_ca_custodians.py",
    "src/op/op_ca_install.c": "tests/api/test_ca_keys.py",
    "src/op/op_ca_key.c": "tests/api/test_ca_keys.py",
    "src/op/op_compromised.c": "tests/api/test_weak.py",
    "src/page/page_batch.c": "tests/api/test_batch.py",
    "src/op/op_ca_lists.c": "tests/api/test_ca_lists.py",
    "src/op/crl_make.c": "tests/api/test_ca_lists.py",
    "src/page/page_ca_lists.c": "tests/api/test_ca_lists.py",
    "src/page/page_ca_keys.c": "tests/api/test_ca_keys.py",
    "src/page/page_compromised.c": "tests/api/test_weak.py",
    "src/page/page_custodian.c": "tests/api/test_custodians.py",
    "src/page/page_ca.c": OWN_CA,
    "src/op/op_names_sheet.c": "tests/api/test_tenants_ca.py",
    "src/cli/cmd_pull.c": "tests/cli/test_pull.py",
    "src/cli/pull_check.c": "tests/cli/test_pull.py",
    "src/cli/pull_request.c": "tests/cli/test_pull.py",
    "src/op/op_preset.c": "tests/api/test_presets.py",
    "src/page/page_preset.c": "tests/api/test_presets.py",
    "src/op/op_order.c": "tests/api/test_orders.py",
    "src/op/op_replace.c": "tests/api/test_replace.py",
    "src/op/op_replace_steps.c": "tests/api/test_replace.py",
    "src/page/page_replace.c": "tests/api/test_replace.py",
    "src/store/store_replacement.c": "tests/api/test_replace.py",
    "src/page/page_clock.c": "tests/api/test_ca_clock.py",
    "src/op/op_link.c": "tests/api/test_link.py",
    "src/page/page_link.c": "tests/api/test_link.py",
    "src/store/store_link.c": "tests/api/test_link.py",
    "src/cli/history_files.c": HISTORY,
    "src/op/history_keep.c": HISTORY,
    "src/op/op_history.c": HISTORY,
    "src/page/page_ca_history.c": HISTORY,
    "src/store/store_history.c": HISTORY,
    "src/op/op_inventory.c": "tests/api/test_inventory.py",
    "src/page/page_ends.c": "tests/api/test_inventory.py, tests/browser/authority.test.mjs",
    "src/page/page_inventory.c": "tests/api/test_inventory.py",
    "src/page/page_issued_export.c": "tests/api/test_inventory.py",
    "src/page/page_issued.c": OWN_CA,
    "src/page/page_names.c": "tests/api/test_tenants.py",
    "src/op/op_plan.c": "tests/api/test_plan.py",
    "src/op/op_plan_apply.c": "tests/api/test_plan.py",
    "src/page/page_plan.c": "tests/api/test_plan.py",
    "src/store/store_plan.c": "tests/api/test_plan.py",
    "src/page/page_invite.c": "tests/api/test_tenants.py",
    "src/page/page_tenants.c": "tests/api/test_tenants.py",
    "src/page/page_url.c": "tests/api/test_link.py, tests/api/test_tenants.py",
}


def first_comment(path):
    with open(path) as f:
        found = re.match(r"/\*(.*?)\*/", f.read(), re.S)
    return found.group(1) if found else ""


def all_tests():
    """{folder: names of its tests}, {"folder/x" that a first comment names}"""
    names, named = {}, set()
    for path in glob.glob(os.path.join(TOP, "tests", "unit", "*", "test_*.c")):
        folder = os.path.basename(os.path.dirname(path))
        names.setdefault(folder, set()).add(os.path.basename(path)[len("test_"):-len(".c")])
        for other, module in re.findall(r"\b(?:(\w+)/)?(\w+)\.c\b", first_comment(path)):
            named.add("%s/%s" % (other or folder, module))
    return names, named


def main():
    files = subprocess.run(["git", "-C", TOP, "ls-files", "src/*.c"], capture_output=True, text=True,
                           check=True).stdout.split()
    names, named = all_tests()
    missing, needless = [], []
    for path in files:
        folder, module = os.path.split(path[len("src/"):-len(".c")])
        plain = next((module[len(p):] for p in PREFIXES if module.startswith(p)), module)
        has = "%s/%s" % (folder, module) in named or {plain, module} & names.get(folder, set())
        if has and path in WITHOUT:
            needless.append(path)
        if not has and path not in WITHOUT:
            missing.append(path)
    gone = [path for path in WITHOUT if path not in files]
    lines = [(not missing, "each module has unit tests", missing),
             (not needless, "what stands without has none", needless),
             (not gone, "what stands without is there", gone)]
    for i, (good, what, paths) in enumerate(lines, 1):
        print("%s %d - %s%s" % ("ok" if good else "not ok", i, what, "".join("\n#   " + p for p in paths)))
    print("1..%d" % len(lines))
    return 0 if all(good for good, _, _ in lines) else 1


raise SystemExit(main())
