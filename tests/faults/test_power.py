"""Power cuts and full disks: a file system of its own (a loop-mounted ext4),
shut down under the running house without flushing, mounted again, looked at."""

import errno
import fcntl
import os
import shutil
import signal
import struct
import subprocess
import tempfile
import threading
import time
import unittest

import tap
from ca import CA
from house import House
from test_kill import consistent

EXT4_IOC_SHUTDOWN = 0x8004587D
NOLOGFLUSH = 2
ROUNDS = 8 if os.environ.get("CERTWRIGHT_LONG") else 3


class Disk:
    def __init__(self, megabytes):
        self.base = tempfile.mkdtemp(prefix="cw-disk-")
        os.chmod(self.base, 0o755)
        self.image = os.path.join(self.base, "image")
        self.mount_point = os.path.join(self.base, "mnt")
        os.mkdir(self.mount_point)
        with open(self.image, "wb") as f:
            f.truncate(megabytes << 20)
        subprocess.run(["mkfs.ext4", "-q", "-m", "0", self.image], check=True)
        self.mount()

    def mount(self):
        subprocess.run(["mount", "-o", "loop", self.image, self.mount_point], check=True)

    def cut_power(self):
        fd = os.open(self.mount_point, os.O_RDONLY)
        fcntl.ioctl(fd, EXT4_IOC_SHUTDOWN, struct.pack("I", NOLOGFLUSH))
        os.close(fd)

    def unmount(self):
        for _ in range(50):
            if subprocess.run(["umount", self.mount_point], capture_output=True).returncode == 0:
                return
            time.sleep(0.1)
        raise RuntimeError("cannot unmount")

    def close(self):
        subprocess.run(["umount", self.mount_point], capture_output=True)
        shutil.rmtree(self.base, ignore_errors=True)


def can_mount():
    if os.geteuid() != 0:
        return False
    try:
        Disk(16).close()
        return True
    except (subprocess.CalledProcessError, OSError):
        return False


@unittest.skipUnless(can_mount(), "wants root and loop devices")
class Power(unittest.TestCase):
    def work(self, house, ca, csr, acked):
        n = 0
        while house.process is not None and house.process.poll() is None and n < 5000:
            n += 1
            try:
                a = house.regenerate(unit="round %d" % n)
                if a.status in (200, 201):
                    acked.append(("request", a.json["id"]))
                elif a.status >= 500:
                    return
                if n % 3 == 0:
                    b = house.install(ca.sign(csr, names=["DNS:portal.example.com"]) + ca.inter)
                    if b.status in (200, 201):
                        acked.append(("certificate", b.json["id"]))
            except OSError:
                return

    def test_P1_a_power_cut_loses_nothing_acknowledged(self):
        disk, ca = Disk(128), CA()
        try:
            with House(data=os.path.join(disk.mount_point, "data")) as house:
                house.api("POST", "/identities/portal/keys", {"type": "ec:P-256"})
                csr = house.regenerate().json["pem"]
                for r in range(ROUNDS):
                    acked = []
                    threads = [threading.Thread(target=self.work, args=(house, ca, csr, acked))
                               for _ in range(6)]
                    for t in threads:
                        t.start()
                    time.sleep(0.5 + 0.37 * r)
                    # A machine without power says nothing more; this one does, and
                    # ext4 may call an fsync done while its journal is shut down.
                    known = list(acked)
                    disk.cut_power()
                    for t in threads:
                        t.join()
                    house.stop(signal.SIGKILL)
                    disk.unmount()
                    disk.mount()
                    house.start()
                    self.assertTrue(known)
                    for kind, found in known:
                        self.assertEqual(house.api("GET", "/%ss/%s" % (kind, found)).status, 200,
                                         "%s %s was acknowledged" % (kind, found))
                    consistent(self, house)
                house.stop()
        finally:
            disk.close()
            ca.close()

    def test_P7_disk_full_says_so_serves_on_and_resumes(self):
        disk = Disk(48)
        try:
            with House(data=os.path.join(disk.mount_point, "data")) as house:
                house.api("POST", "/identities/portal/keys", {"type": "ec:P-256"})
                kept = house.regenerate().json["id"]
                ballast = os.path.join(disk.mount_point, "ballast")
                self.fill(ballast)
                statuses = set()
                for n in range(400):
                    a = house.regenerate(unit="u%d" % n)
                    statuses.add(a.status)
                    if a.status not in (200, 201):
                        break
                self.assertEqual(a.status, 503, a.text)
                self.assertEqual(a.json["id"], "disk.full")
                self.assertTrue(a.json["hint"])
                self.assertEqual(house.request("GET", "/healthz").status // 100 in (2, 5), True)
                self.assertEqual(house.api("GET", "/requests/" + kept).status, 200)
                house.served()
                os.unlink(ballast)
                for _ in range(50):
                    a = house.regenerate(unit="after")
                    if a.status in (200, 201):
                        break
                    time.sleep(0.2)
                self.assertIn(a.status, (200, 201), a.text)
                consistent(self, house)
                house.stop()
        finally:
            disk.close()

    def fill(self, path):
        with open(path, "wb", 0) as f:
            piece = 1 << 20
            while piece >= 512:
                try:
                    f.write(b"\xaa" * piece)
                except OSError as e:
                    if e.errno != errno.ENOSPC:
                        raise
                    piece //= 2
            try:
                os.fsync(f.fileno())
            except OSError:
                pass

    def test_a_read_only_data_directory_is_said_at_the_start(self):
        disk = Disk(48)
        try:
            with House(data=os.path.join(disk.mount_point, "data")) as house:
                house.stop()
                subprocess.run(["mount", "-o", "remount,ro", disk.mount_point], check=True)
                with self.assertRaisesRegex(RuntimeError, "(?is)ended with 2:.*read-only"):
                    house.start(timeout=20)
                subprocess.run(["mount", "-o", "remount,rw", disk.mount_point], check=True)
                house.start()
                house.stop()
        finally:
            disk.close()


if __name__ == "__main__":
    tap.main()
