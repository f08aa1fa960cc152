"""Private keys that are consistent and yet weak, made on the spot (P19)."""

import base64
import math
import random

from asn1 import der

EXPONENT = 65537
SMALL = [p for p in range(2, 2000) if all(p % d for d in range(2, int(p ** 0.5) + 1))]
# RFC 8032 7.1 test 1 and RFC 8410 10.3: everybody has these
PUBLISHED = {
    "RFC 8032": "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    "RFC 8410": "d4ee72dbf913584ad5b6d8f1f769f8ad3afe7c28cbf1d4fbe097a88f44755842",
}


def is_prime(n, rounds=12):
    if n < 2 or any(n % p == 0 for p in SMALL):
        return n in SMALL
    d, s = n - 1, 0
    while d % 2 == 0:
        d, s = d // 2, s + 1
    for _ in range(rounds):
        x = pow(random.randrange(2, n - 1), d, n)
        if x in (1, n - 1):
            continue
        for _ in range(s - 1):
            x = x * x % n
            if x == n - 1:
                break
        else:
            return False
    return True


def next_prime(n):
    n |= 1
    while not is_prime(n):
        n += 2
    return n


def prime(bits):
    """With its two highest bits set, so that a product has all its bits."""
    return next_prime(3 << (bits - 2) | random.getrandbits(bits - 2))


def roca_prime(bits=1024):
    """As the library of CVE-2017-15361 made them."""
    m = math.prod(SMALL[:126])
    while True:
        k = random.randrange((3 << (bits - 2)) // m, (1 << bits) // m)
        p = k * m + pow(EXPONENT, random.randrange(1, m), m)
        if p.bit_length() == bits and is_prime(p):
            return p


def integer(n):
    return der(2, n.to_bytes(n.bit_length() // 8 + 1, "big"))


def pem(label, data):
    lines = base64.encodebytes(data).replace(b"\n", b"")
    body = b"\n".join(lines[i:i + 64] for i in range(0, len(lines), 64))
    return b"-----BEGIN %s-----\n%s\n-----END %s-----\n" % (label, body, label)


def rsa(p, q, e=EXPONENT):
    """PKCS#1 of two primes."""
    d = pow(e, -1, math.lcm(p - 1, q - 1))
    numbers = (0, p * q, e, d, p, q, d % (p - 1), d % (q - 1), pow(q, -1, p))
    return pem(b"RSA PRIVATE KEY", der(0x30, b"".join(map(integer, numbers))))


def large_exponent(p, q):
    e = random.getrandbits(264) | 1 << 263 | 1
    while math.gcd(e, math.lcm(p - 1, q - 1)) != 1:
        e += 2
    return e


def ed25519(seed):
    """PKCS#8 of 32 bytes in hexadecimal."""
    return pem(b"PRIVATE KEY", bytes.fromhex("302e020100300506032b657004220420" + seed))


def each():
    """(what, key file, id of the refusal)"""
    p, q = prime(1024), prime(1024)
    yield "close primes", rsa(p, next_prime(p + 2)), "key.close-primes"
    yield "a small factor", rsa(65521, prime(2032)), "key.small-factor"
    yield "ROCA", rsa(roca_prime(), roca_prime()), "key.roca"
    yield "a large exponent", rsa(p, q, large_exponent(p, q)), "key.exponent"
    yield "a size that is no multiple of 8", rsa(p, prime(1025)), "key.size"
    yield "too small", rsa(prime(512), prime(512)), "key.too-small"
    for where, seed in PUBLISHED.items():
        yield "published in " + where, ed25519(seed), "key.published"
