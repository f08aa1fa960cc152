#!/usr/bin/env python3
"""A data directory with very many issued certificates: many.py DIRECTORY [--rows N] [--revoked SHARE].

A daemon makes the authority and a few certificates; the others are copies of
these with serial number and name of their own, put into the tables while
nobody looks. What the daemon sees of them in its tables is as it would have
made it; their signatures do not verify.
"""

import argparse
import hashlib
import os
import random
import sqlite3
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))

from ca import openssl
from house import House, free_port

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
DAY = 86400
BLOCK = 4096
REVOKED = 3     # enum filed_state, src/store/filing.h
# one certificate of each is made; 0000000 becomes a number
KINDS = [
    ("host0000000.example.com", "DNS:host0000000.example.com"),
    ("www0000000.shop.example.org", "DNS:www0000000.shop.example.org,DNS:cdn0000000.shop.example.org"),
    ("mail0000000.corp.example.net", "DNS:mail0000000.corp.example.net,DNS:imap0000000.corp.example.net"),
    ("db-0000000.eu-west.internal.example", "DNS:db-0000000.eu-west.internal.example"),
    ("api0000000.payments.example.com", "DNS:api0000000.payments.example.com,DNS:v2-0000000.payments.example.com"),
]


def new_id(at_ms, rng):
    value = at_ms << 80 | rng.getrandbits(80)
    return "".join(ALPHABET[value >> shift & 31] for shift in range(125, -1, -5))


def a_csr(house, name, alternatives=None):
    key = os.path.join(house.data, "..", "bench-key.pem")
    csr = openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-subj",
                  "/C=US/ST=New Jersey/L=Hackensack/O=Example, Inc./CN=%s" % name,
                  "-addext", "subjectAltName=" + (alternatives or "DNS:" + name)).decode()
    os.unlink(key)
    return csr


def make_templates(house):
    """The authority, and one certificate of each kind."""
    house.api("POST", "/cas", {"name": "house"})
    for name, alternatives in KINDS:
        a = house.api("POST", "/authorities/house/requests", {"csr": a_csr(house, name, alternatives)})
        assert a.status == 201, a.text


def templates(db):
    db.row_factory = sqlite3.Row
    rows = [dict(r) for r in db.execute("SELECT * FROM issued WHERE profile = 'server' AND name LIKE '%0000000%'")]
    db.row_factory = None
    return rows


def rows(found, many, revoked, rng, now):
    """Issued over the last 200 days, for up to 398: some have ended."""
    for i in range(many):
        t = found[i % len(found)]
        number = b"%07d" % i
        serial = bytes([0x10 + i % 0x60]) + rng.randbytes(15)
        der = t["der"].replace(bytes.fromhex(t["serial"]), serial).replace(b"0000000", number)
        made = now - 200 * DAY + int(200 * DAY * i / many)
        end = made + (90 if i % 3 else 398) * DAY
        gone = rng.random() < revoked
        text = number.decode()
        yield (t["tenant_id"], new_id(made * 1000 + i % 1000, rng), t["ca_id"], serial.hex(),
               "revoked" if gone else "issued", None, "server", der, hashlib.sha256(der).digest(), rng.randbytes(32),
               t["subject"].replace("0000000", text), t["name"].replace("0000000", text),
               t["names"].replace("0000000", text), made, end, made + DAY if gone else 0, i % 5 if gone else 0, made)


def fill(data, many, revoked=0.05):
    """Into the tables of a daemon that is stopped. Returns bytes of the database a certificate."""
    path = os.path.join(data, "certwright.db")
    rng = random.Random(1)
    before = size_of(data)
    db = sqlite3.connect(path)
    db.execute("PRAGMA cache_size = -400000")
    db.execute("PRAGMA synchronous = OFF")
    columns = ("tenant_id, id, ca_id, serial, state, submission_id, profile, der, sha256, spki_sha256, subject, name,"
               " names, not_before, not_after, revoked_at, reason, created_at")
    db.executemany("INSERT INTO issued (%s) VALUES (%s)" % (columns, ",".join("?" * 18)),
                   rows(templates(db), many, revoked, rng, int(time.time())))
    db.commit()
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    return (size_of(data) - before) / many


def size_of(data):
    """Bytes of the database, what is in its log yet among them."""
    db = sqlite3.connect("file:%s/certwright.db?mode=ro" % data, uri=True)
    size = db.execute("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size").fetchone()[0]
    db.close()
    return size


def wait_filed(data, patience=600):
    """Until the running daemon's upkeep has filed all whole blocks. Returns seconds."""
    begin = time.monotonic()
    db = sqlite3.connect("file:%s/certwright.db?mode=ro" % data, uri=True)
    while time.monotonic() - begin < patience:
        below, last = db.execute("SELECT below, (SELECT max(number) FROM issued) FROM issued_filed").fetchone()
        if last < below + BLOCK - 1:
            db.close()
            return time.monotonic() - begin
        time.sleep(0.2)
    raise RuntimeError("not filed in %d s" % patience)


def revoke_all(data):
    """All that are issued are revoked now, with a reason for every other one."""
    db = sqlite3.connect(os.path.join(data, "certwright.db"))
    db.execute("PRAGMA synchronous = OFF")
    now = int(time.time())
    db.execute("UPDATE issued SET state = 'revoked', revoked_at = ?, reason = number % 2, not_after = max(not_after, ?)"
               " WHERE profile = 'server' AND name NOT LIKE 'victim%'", (now, now + DAY))
    for tenant, block, states in db.execute("SELECT tenant_id, block, states FROM issued_states").fetchall():
        db.execute("UPDATE issued_states SET states = ? WHERE tenant_id = ? AND block = ?",
                   (bytes(REVOKED if s else 0 for s in states), tenant, block))
    db.commit()
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


def main():
    p = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    p.add_argument("directory")
    p.add_argument("--rows", type=int, default=1000000)
    p.add_argument("--revoked", type=float, default=0.05, help="share, 0 to 1")
    a = p.parse_args()
    house = House(data=os.path.abspath(a.directory), options=["--http-listen", "127.0.0.1:%d" % free_port()])
    make_templates(house)
    house.stop()
    size = fill(a.directory, a.rows, a.revoked)
    house.start()
    took = wait_filed(a.directory)
    house.stop()
    print("%d certificates, %.0f bytes each without the index; filed in %.1f s" % (a.rows, size, took))
    print("database: %d bytes" % size_of(a.directory))


if __name__ == "__main__":
    main()
