"""CSRs that strangers make: the bad input of every kind, and what becomes of it."""

import os
import shutil
import tempfile

from asn1 import der, oid
from ca import openssl

EXTENSIONS, MS_EXTENSIONS = "1.2.840.113549.1.9.14", "1.3.6.1.4.1.311.2.1.14"
CHALLENGE = "1.2.840.113549.1.9.7"
SAN, BC, KU = "2.5.29.17", "2.5.29.19", "2.5.29.15"
UTF8, PRINTABLE, T61, BMP, UNIVERSAL = 0x0c, 0x13, 0x14, 0x1e, 0x1c


def seq(*parts):
    return der(0x30, b"".join(parts))


def rdn(*attributes):
    """Of (dotted, tag, bytes)."""
    return der(0x31, b"".join(seq(oid(d), der(tag, value)) for d, tag, value in attributes))


def name(cn=b"a.example.com", *more):
    return seq(rdn(("2.5.4.3", UTF8, cn)), *more)


def extension(dotted, value, critical=False):
    return seq(oid(dotted), der(1, b"\xff") if critical else b"", der(4, value))


def attribute(dotted, *values):
    return seq(oid(dotted), der(0x31, b"".join(values)))


def asks(*extensions, dialect=EXTENSIONS):
    return attribute(dialect, seq(*extensions))


def dns(*names):
    return extension(SAN, seq(*[der(0x82, n) for n in names]))


def every_kind_of_name():
    other = der(0xa0, oid("1.2.3.4") + der(0xa0, der(UTF8, b"hello")))
    return extension(SAN, seq(
        other, der(0x81, b"x@example.com"), der(0x82, b"a.example.com"), der(0xa3, seq()),
        der(0xa4, name(b"Someone")), der(0xa5, der(0xa1, der(UTF8, b"party"))),
        der(0x86, b"https://a.example.com/"), der(0x87, bytes([192, 0, 2, 1])),
        der(0x87, bytes(15) + b"\1"), der(0x88, oid("1.2.3")[2:])))


class Strangers:
    """Makes them, with keys of its own."""

    def __init__(self):
        self.dir = tempfile.mkdtemp(prefix="cw-foreign-")
        self.key = self.make_key("key", "ec_paramgen_curve:P-256")
        self.spki = openssl("pkey", "-in", self.key, "-pubout", "-outform", "DER")

    def close(self):
        shutil.rmtree(self.dir)

    def make_key(self, file, *options):
        path = os.path.join(self.dir, file)
        options = [x for o in options for x in ("-pkeyopt", o)]
        with open(path, "wb") as f:
            f.write(openssl("genpkey", "-algorithm", "EC", *options))
        return path

    def csr(self, subject, *attributes, spki=None, key=None, version=b"\0"):
        """Signed by the key as it stands, whatever it asks for."""
        info = seq(der(2, version), subject, spki or self.spki, der(0xa0, b"".join(attributes)))
        signature = openssl("dgst", "-sha256", "-sign", key or self.key, stdin=info)
        return seq(info, seq(oid("1.2.840.10045.4.3.2")), der(3, b"\0" + signature))

    def plain(self, *more):
        return self.csr(name(), asks(dns(b"a.example.com"), *more))

    def wrong_signature(self):
        csr = bytearray(self.plain())
        csr[csr.index(b"a.example.com")] = ord("b")
        return bytes(csr)

    def signed_by(self, digest):
        return openssl("req", "-new", digest, "-newkey", "rsa:2048", "-nodes", "-keyout", "/dev/null",
                       "-subj", "/CN=a.example.com", "-outform", "DER")

    def explicit_parameters(self):
        key = self.make_key("explicit", "ec_paramgen_curve:P-256", "ec_param_enc:explicit")
        spki = openssl("pkey", "-in", key, "-pubout", "-outform", "DER")
        return self.csr(name(), spki=spki, key=key)

    def refused(self):
        """[what, CSR, item, rule, reference]: the item is refused by all, in these words."""
        a, b, usage = dns(b"a.example.com"), dns(b"b.example.com"), extension(KU, der(3, b"\7\x80"))
        challenge = attribute(CHALLENGE, der(UTF8, b"hunter2"))
        ext, attr, san = ("csr.extension", "RFC 5280 section 4.2"), ("csr.attribute", "RFC 2986 section 4.1"), \
            ("csr.san.text", "RFC 5280 section 4.2.1.6")
        weak = ("signature", "csr.signature.weak", "BR 7.1.3.2; SC-097")
        return [
            ("wrong signature", self.wrong_signature(), "signature", "csr.proof", "RFC 2986 section 4.2"),
            ("SHA-1", self.signed_by("-sha1"), *weak),
            ("MD5", self.signed_by("-md5"), *weak),
            ("explicit EC parameters", self.explicit_parameters(), "key", "csr.key", "BR 6.1.1.3, 6.1.5 and 6.1.6"),
            ("an attribute twice", self.csr(name(), asks(a), challenge, challenge), "attr." + CHALLENGE, *attr),
            ("an attribute without a value", self.csr(name(), asks(a), attribute(CHALLENGE)),
             "attr." + CHALLENGE, *attr),
            ("an extension twice", self.csr(name(), asks(a, b)), "ext." + SAN, *ext),
            ("an extension twice, the same", self.csr(name(), asks(a, a)), "ext." + SAN, *ext),
            ("two requests for extensions", self.csr(name(), asks(a), asks(usage)), "attr." + EXTENSIONS, *attr),
            ("a request of two values", self.csr(name(), attribute(EXTENSIONS, seq(a), seq(usage))),
             "attr." + EXTENSIONS, *attr),
            ("two dialects, other names", self.csr(name(), asks(a), asks(b, dialect=MS_EXTENSIONS)),
             "attr." + MS_EXTENSIONS, *attr),
            ("two dialects, other extensions", self.csr(name(), asks(a), asks(usage, dialect=MS_EXTENSIONS)),
             "attr." + MS_EXTENSIONS, *attr),
            ("two dialects, one says more", self.csr(name(), asks(a), asks(a, usage, dialect=MS_EXTENSIONS)),
             "attr." + MS_EXTENSIONS, *attr),
            ("a byte after an extension", self.csr(name(), asks(a, extension(KU, der(3, b"\7\x80") + b"\0"))),
             "ext." + KU, *ext),
            ("a NUL in a name", self.csr(name(), asks(dns(b"a.example.com\0.evil.example"))),
             "san.dns:a.example.com\\x00.evil.example", *san),
            ("a control character in a name", self.csr(name(), asks(dns(b"a\x1b[31m.example.com"))),
             "san.dns:a\\x1b[31m.example.com", *san),
            ("a bidi character in a name", self.csr(name(), asks(dns("a\u202eb.example.com".encode()))),
             "san.dns:a\\xe2\\x80\\xaeb.example.com", *san),
        ]

    def bad_text(self):
        """[what, CSR]: the subject's O is no clean text; only who grants an O refuses it."""
        return [(what, self.csr(name(b"a.example.com", rdn(("2.5.4.10", UTF8, value))), asks(dns(b"a.example.com"))))
                for what, value in (("NUL", b"a\0b"), ("control", b"a\x1b[31m"), ("bidi", "a\u202eb".encode()),
                                    ("empty", b""))]

    def unreadable(self):
        """[what, bytes, refusal, words]: not read at all."""
        csr = self.plain()
        names = [b"n%d.example.com" % i for i in range(10000)]
        return [
            ("trailing byte", csr + b"\0", "csr.der", "RFC 2986 section 4"),
            ("trailing request", csr + csr, "csr.der", "RFC 2986 section 4"),
            ("cut", csr[:-1], "csr.der", "RFC 2986 section 4"),
            ("another version", self.csr(name(), version=b"\1"), "csr.version", "RFC 2986 section 4.1"),
            ("a part of the subject without attributes", self.csr(seq(der(0x31, b""))), "csr.der",
             "RFC 2986 section 4"),
            ("no UTF-8", self.csr(name(b"a\xff")), "csr.der", "RFC 2986 section 4"),
            ("malformed extensions", self.csr(name(), attribute(EXTENSIONS, der(UTF8, b"x"))), "csr.der",
             "RFC 5280 section 4.2"),
            ("1,001 names", self.csr(name(), asks(dns(*names[:1001]))), "csr.too-many", "at most 1000"),
            ("4,000 names", self.csr(name(), asks(dns(*names[:4000]))), "csr.too-large", "65536"),
        ]

    def ten_thousand_names(self):
        return self.csr(name(), asks(dns(*[b"n%d.example.com" % i for i in range(10000)])))

    def issued(self):
        """[what, CSR, {item: (outcome, granted)}]: by our own authority, not as asked."""
        host, no = {"san.dns:a.example.com": ("granted", "a.example.com")}, ("dropped", None)
        a = dns(b"a.example.com")
        text = "B\u00fccher"
        return [
            ("every kind of name", self.csr(name(), asks(every_kind_of_name())), {
                **host, "san.ip:192.0.2.1": ("granted", "192.0.2.1"), "san.ip:::1": ("granted", "::1"),
                "san.1.2.3.4:hello": no, "san.email:x@example.com": no, "san.uri:https://a.example.com/": no,
                "san.dirName:CN=Someone": no, "san.rid:1.2.3": no, "san.x400:a3023000": no,
                "san.ediParty:a509a1070c057061727479": no}),
            ("BMPString", self.csr(name(b"a.example.com", rdn(("2.5.4.10", BMP, text.encode("utf-16-be")))), asks(a)),
             {**host, "subject.O": ("granted", text)}),
            ("UniversalString", self.csr(name(b"a.example.com", rdn(("2.5.4.10", UNIVERSAL,
                                                                     text.encode("utf-32-be")))), asks(a)),
             {**host, "subject.O": ("granted", text)}),
            ("T61String", self.csr(name(b"a.example.com", rdn(("2.5.4.10", T61, text.encode("latin-1")))), asks(a)),
             {**host, "subject.O": ("granted", text)}),
            ("a multi-valued RDN", self.csr(seq(rdn(("2.5.4.10", UTF8, b"Example"),
                                                    ("2.5.4.3", UTF8, b"a.example.com"))), asks(a)),
             {**host, "subject.O": ("granted", "Example"), "subject.CN": ("granted", "a.example.com")}),
            ("an unknown critical extension", self.plain(extension("1.2.3.5", der(UTF8, b"odd"), True)),
             {**host, "ext.1.2.3.5": no}),
            ("a wish to be a CA", self.plain(extension(BC, seq(der(1, b"\xff"), der(2, b"\3")), True),
                                             extension(KU, der(3, b"\1\6"), True)),
             {**host, "basicConstraints.ca": ("amended", "FALSE"), "basicConstraints.pathlen": no,
              "ku.keyCertSign": no, "ku.cRLSign": no}),
            ("addresses of its own", self.plain(extension("2.5.29.31", seq()), extension("1.3.6.1.5.5.7.1.1", seq()),
                                                extension("2.5.29.14", der(4, b"id"))),
             {**host, "ext.2.5.29.14": ("amended", None)}),
            ("an empty subject", self.csr(seq(), asks(a)), host),
            ("two dialects, the same", self.csr(name(), asks(a), asks(a, dialect=MS_EXTENSIONS)), host),
            ("Microsoft's dialect", self.csr(name(), asks(a, dialect=MS_EXTENSIONS)), host),
            ("an attribute", self.csr(name(), asks(a), attribute(CHALLENGE, der(UTF8, b"hunter2"))),
             {**host, "attr." + CHALLENGE: no}),
        ]
