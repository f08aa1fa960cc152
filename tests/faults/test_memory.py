"""P11, P12: the front's memory holds no private key; the same scan does find
the key in the keeper, so it can find one."""

import base64
import os
import re
import subprocess
import unittest

import tap
from ca import CA, openssl
from house import BUILD, Browser, House

PASSPHRASE = "Glocke-Kamel-Ufer-Tanne-33!"


def memory(pid):
    """Every readable private byte of a process, as root through ptrace."""
    chunks = []
    with open("/proc/%d/maps" % pid) as f:
        maps = f.read()
    with open("/proc/%d/mem" % pid, "rb", 0) as mem:
        for start, end in re.findall(r"^([0-9a-f]+)-([0-9a-f]+) r[w-]", maps, re.M):
            start, end = int(start, 16), int(end, 16)
            if end - start > 1 << 30:
                continue
            try:
                mem.seek(start)
                chunks.append(mem.read(end - start))
            except (OSError, ValueError, OverflowError):
                pass
    return b"\0".join(chunks)


def secrets(pem):
    """Byte strings that give a private key away: RSA primes and exponent, EC
    scalar, in both byte orders (libcrypto keeps numbers little-endian)."""
    text = openssl("pkey", "-text", "-noout", stdin=pem).decode()
    found = []
    for name in ("prime1", "prime2", "privateExponent", "priv"):
        m = re.search(name + r":\n((?:\s+[0-9a-f:]+\n)+)", text)
        if m:
            number = bytes.fromhex(re.sub(r"[\s:]", "", m.group(1))).lstrip(b"\0")
            found += [number, number[::-1]]
    # one EC scalar in 256 begins with a zero octet: 28 are enough to cut 24 out of
    return [s[4:28] for s in found if len(s) >= 28]


def unlocked(pid):
    """The writable mappings of a process that may be written to swap."""
    with open("/proc/%d/smaps" % pid) as f:
        maps = re.findall(r"^[0-9a-f]+-[0-9a-f]+ (r?w\S+) (.*)\n(?:\w+: .*\n)*?VmFlags: (.*)", f.read(), re.M)
    assert maps
    return [where for rights, where, flags in maps if "lo" not in flags.split()]


class Limited(House):
    """Root that may lock no more than 64 KiB, as in many containers."""

    def command(self):
        return ["prlimit", "--memlock=65536:65536", "setpriv", "--bounding-set=-ipc_lock"] + super().command()


@unittest.skipUnless(os.geteuid() == 0, "reads the memory of other processes")
class Memory(unittest.TestCase):
    def held(self, pid, needles):
        data = memory(pid)
        return any(n in data for n in needles)

    def use(self, house, ca):
        """Make the key work: CSR, install, handshakes."""
        csr = house.regenerate()
        self.assertIn(csr.status, (200, 201), csr.text)
        leaf = ca.sign(csr.json["pem"], names=["DNS:portal.example.com"])
        self.assertIn(house.install(leaf + ca.inter).status, (200, 201))
        for _ in range(20):
            house.served()

    def story(self, key_args, upload):
        ca = self.ca = CA()
        self.addCleanup(ca.close)
        with House() as house:
            pem = openssl("genpkey", *key_args)
            needles = secrets(pem)
            self.assertTrue(needles)
            a = upload(house, pem)
            self.use(house, ca)
            self.assertTrue(self.held(house.keeper_pid(), needles),
                            "the scan finds the key in the keeper")
            self.assertTrue(self.held(house.process.pid, [house.api("GET", "/status").json[
                "instance"].encode()]), "and what the front does hold in the front")
            self.assertFalse(self.held(house.process.pid, needles),
                             "the front holds the key")
            self.assertNotIn(pem.splitlines()[1], memory(house.process.pid),
                             "the front holds the key file")
            return a

    def by_cli(self, house, pem):
        path = os.path.join(house.base, "key.pem")
        with open(path, "wb") as f:
            f.write(pem)
        r = house.cli("key", "import", path)
        self.assertEqual(r.returncode, 0, r.stderr)

    def by_api(self, house, pem):
        a = house.api("POST", "/identities/portal/keys/import",
                      {"file": base64.b64encode(pem).decode()})
        self.assertIn(a.status, (200, 201), a.text)

    def by_browser(self, house, pem):
        """A file in a form over HTTPS, first with a wrong passphrase."""
        locked = openssl("pkcs8", "-topk8", "-passout", "pass:" + PASSPHRASE, stdin=pem)
        house.admin()
        b = Browser(house)
        b.sign_in()
        for secret, status in ((PASSPHRASE[::-1], 400), (PASSPHRASE, 200)):
            page = b.get("/settings/security/key")
            parts = (("csrf", b"", b.csrf(page).encode()), ("text", b"", b""),
                     ("passphrase", b"", secret.encode()), ("file", b'; filename="k.pem"', locked))
            body = b"".join(b'--b\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n' % (
                name.encode(), more, value) for name, more, value in parts) + b"--b--\r\n"
            a = b.go("POST", "/settings/security/key/import", body,
                     {"Content-Type": "multipart/form-data; boundary=b"})
            self.assertEqual(a.status, status, a.text)
        self.use(house, self.ca)
        front = memory(house.process.pid)
        for needle in (PASSPHRASE.encode(), PASSPHRASE[::-1].encode(), locked.splitlines()[1],
                       base64.b64decode(b"".join(locked.splitlines()[1:-1]))[100:140]):
            self.assertNotIn(needle, front)

    def by_socket_in_clear(self, house, pem):
        """DER and text, as scripts send them."""
        der = openssl("pkey", "-outform", "DER", stdin=pem)
        a = house.api("POST", "/identities/portal/keys/import", {"file": base64.b64encode(der).decode()})
        self.assertEqual(a.status, 201, a.text)
        a = house.api("POST", "/identities/portal/keys/import", {"text": pem.decode()})
        self.assertEqual(a.status, 409, a.text)
        self.use(house, self.ca)
        front = memory(house.process.pid)
        self.assertNotIn(der[10:60], front)
        self.assertNotIn(base64.b64encode(der)[12:60], front)

    def test_P11_a_key_file_sent_by_a_browser_leaves_nothing(self):
        self.story(["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"], self.by_browser)

    def test_P11_a_key_sent_in_clear_leaves_nothing(self):
        self.story(["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"], self.by_socket_in_clear)

    def test_P11_a_password_leaves_nothing(self):
        with House() as house:
            house.admin("root", PASSPHRASE)
            b = Browser(house)
            self.assertEqual(b.sign_in("root", PASSPHRASE).path, "/components")
            b.sign_in("root", PASSPHRASE[::-1])
            for pid in house.process.pid, house.keeper_pid():
                held = memory(pid)
                self.assertNotIn(PASSPHRASE.encode(), held)
                self.assertNotIn(PASSPHRASE[::-1].encode(), held)

    def test_P11_an_EC_key_imported_by_the_CLI_is_in_the_keeper_only(self):
        self.story(["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"], self.by_cli)

    def test_P11_an_RSA_key_imported_by_the_CLI_is_in_the_keeper_only(self):
        self.story(["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"], self.by_cli)

    def test_P11_what_the_front_held_of_an_upload_is_wiped(self):
        self.story(["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384"], self.by_api)

    def test_P12_the_keeper_can_be_traced_by_root_only(self):
        with House() as house:
            with open("/proc/%d/status" % house.keeper_pid()) as f:
                status = f.read()
            self.assertRegex(status, r"Seccomp:\s+2")
            self.assertRegex(status, r"NoNewPrivs:\s+1")
            with open("/proc/%d/status" % house.process.pid) as f:
                status = f.read()
            self.assertRegex(status, r"Seccomp:\s+2")
            self.assertRegex(status, r"NoNewPrivs:\s+1")
            uids = {int(re.search(r"Uid:\s+(\d+)", open("/proc/%d/status" % p).read()).group(1))
                    for p in (house.process.pid, house.keeper_pid())}
            self.assertEqual(len(uids), 2, "front and keeper have uids of their own")
            self.assertNotIn(0, uids)
            # as the front's own user, and as the keeper's, the kernel says no
            for uid in uids:
                for path in ("mem", "environ", "fd/0"):
                    r = subprocess.run(["setpriv", "--reuid=%d" % uid, "--clear-groups", "dd", "count=1",
                                        "if=/proc/%d/%s" % (house.keeper_pid(), path)], capture_output=True)
                    self.assertIn(b"Permission denied", r.stderr, path)

    def test_P14_no_process_leaves_a_core(self):
        with House() as house:
            self.assertEqual(house.api("POST", "/identities/portal/keys", {"type": "ec:P-256"}).status, 201)
            for pid in (house.process.pid, house.keeper_pid(), house.child("certwright-reader"),
                        house.child("certwright-fetch")):
                with open("/proc/%d/limits" % pid) as f:
                    self.assertRegex(f.read(), r"Max core file size +0 +0 ")
                # what is not dumpable belongs to root in /proc
                self.assertEqual(os.stat("/proc/%d/mem" % pid).st_uid, 0)

    @unittest.skipIf("san" in BUILD, "the sanitizers lock no memory")
    def test_P14_keys_in_use_stay_out_of_swap(self):
        with House() as house:
            self.assertEqual(house.api("POST", "/identities/portal/keys", {"type": "rsa:2048"}).status, 201)
            self.assertEqual(house.regenerate().status, 201)
            with open("/proc/%d/status" % house.keeper_pid()) as f:
                self.assertRegex(f.read(), r"CapEff:\s0000000000004000\n", "to lock memory, and nothing else")
            self.assertEqual(unlocked(house.keeper_pid()), [])
            self.assertNotEqual(unlocked(house.process.pid), [], "and the list is not always empty")
            self.assertNotIn("swap", house.errors())

    @unittest.skipIf("san" in BUILD, "the sanitizers lock no memory")
    def test_P14_a_keeper_that_may_not_lock_its_memory_says_so_and_works(self):
        with Limited() as house:
            self.assertEqual(house.api("POST", "/identities/portal/keys", {"type": "ec:P-256"}).status, 201)
            self.assertEqual(house.regenerate().status, 201)
            self.assertIn("keys in use may be written to swap", house.errors())


if __name__ == "__main__":
    tap.main()
