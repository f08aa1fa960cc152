"""A Super Admin with an authenticator, who asks over HTTPS with a token."""

import base64
import hashlib
import hmac
import struct
import time

from house import PASSWORD


def code_of(secret, step):
    """RFC 6238 of a base32 seed, of one step of 30 seconds."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", step), hashlib.sha1).digest()
    at = digest[-1] & 15
    return "%06d" % ((struct.unpack(">I", digest[at:at + 4])[0] & 0x7fffffff) % 10 ** 6)


class Person:
    def __init__(self, house, name, codes=True):
        self.house = house
        self.name = name
        self.id = house.admin(name, PASSWORD)["id"]
        self.token = house.api("POST", "/tokens", {"user": name}).json["token"]
        self.step = 0  # of the newest code that was used
        self.secret = None
        if codes:
            self.secret = self.api("POST", "/account/totp").json["secret"]
            a = self.api("POST", "/account/totp/confirm", {"code": self.code()})
            assert a.status == 200, a.text

    def api(self, method, path, json_body=None):
        return self.house.request(method, "/api/v1" + path, json_body=json_body,
                                  headers={"Authorization": "Bearer " + self.token})

    def code(self):
        """One that was not used yet: the oldest that is good, and will be for a
        while; waits when there is none."""
        while True:
            now = time.time() + int(self.house.env.get("CERTWRIGHT_TEST_CLOCK_OFFSET", 0))
            first = int(now + 8) // 30 - 1
            step = max(self.step + 1, first)
            if step <= int(now) // 30 + 1:
                self.step = step
                return code_of(self.secret, step)
            time.sleep(1)

    def used(self):
        """The code that was used last, once more."""
        return code_of(self.secret, self.step)
