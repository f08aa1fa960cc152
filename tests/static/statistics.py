#!/usr/bin/env python3
"""The planner is told of each index how many rows it finds (sql/0033_statistics.sql
and what comes after it), so that what is one of many is found by its index."""

import glob
import os
import sqlite3

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
# table, column that finds a few rows of a tenant, the index that does
LOOKUPS = [("certificate", "identity_id", "certificate_identity"),
           ("request", "identity_id", "request_identity"),
           ("submission", "request_id", "submission_request"),
           ("issued", "spki_sha256", "issued_key"),
           ("replacement", "identity_id", "replacement_identity"),
           ("component", "identity_id", "component_identity")]

db = sqlite3.connect(":memory:")
for path in sorted(glob.glob(os.path.join(TOP, "sql", "*.sql"))):
    with open(path, encoding="utf-8") as f:
        db.executescript(f.read())
told = set(db.execute("SELECT tbl, idx FROM sqlite_stat1"))
left = []
for table, text in db.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'table'"
                              " AND name NOT LIKE 'sqlite%'").fetchall():
    for _, name, _, origin, _ in db.execute("PRAGMA index_list(%s)" % table).fetchall():
        key = table if origin == "pk" and "WITHOUT ROWID" in text else name
        if (table, key) not in told:
            left.append("%s %s" % (table, key))
wrong = []
for table, column, index in LOOKUPS:
    plan = " ".join(r[3] for r in db.execute(
        "EXPLAIN QUERY PLAN SELECT * FROM %s WHERE tenant_id = 'a' AND %s = 'b'"
        " ORDER BY id DESC LIMIT 10" % (table, column)))
    if "USING INDEX " + index not in plan:
        wrong.append("%s by %s: %s" % (table, column, plan))
for number, (what, faults) in enumerate([("each index has its line in the statistics", left),
                                         ("what is one of many is found by its index", wrong)], 1):
    print("%sok %d - %s" % ("not " if faults else "", number, what))
    for fault in faults:
        print("#   " + fault)
print("1..2")
