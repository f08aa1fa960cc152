"""A certification authority made with OpenSSL: what a CA may send back."""

import os
import shutil
import subprocess
import tempfile
import threading


def openssl(*args, stdin=None):
    r = subprocess.run(["openssl"] + list(args), input=stdin, capture_output=True, timeout=60)
    if r.returncode != 0:
        raise RuntimeError("openssl %s: %s" % (" ".join(args), r.stderr.decode()))
    return r.stdout


class CA:
    """Root -> intermediate -> leaf, P-256 (or another key type)."""

    def __init__(self, name="Example", key="EC"):
        self.dir = tempfile.mkdtemp(prefix="ca-")
        self.lock = threading.Lock()
        self.name = name
        self.key = key
        self.root_key, self.root = self._ca("root", "%s Root R1" % name)
        self.inter_key, self.inter = self._ca("inter", "%s TLS CA 1" % name, self.root, self.root_key)
        self.serial = 1000

    def close(self):
        shutil.rmtree(self.dir, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.dir, name)

    def write(self, name, data):
        with open(self.path(name), "wb") as f:
            f.write(data)
        return self.path(name)

    def new_key(self, name):
        args = ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"] if self.key == "RSA" \
            else ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]
        openssl("genpkey", *args, "-out", self.path(name))
        return self.path(name)

    def _ca(self, name, subject, issuer=None, issuer_key=None):
        key = self.new_key(name + ".key")
        csr = openssl("req", "-new", "-key", key, "-subj", "/O=%s/CN=%s" % (self.name, subject))
        ext = self.write(name + ".ext", b"basicConstraints=critical,CA:TRUE\n"
                         b"keyUsage=critical,keyCertSign,cRLSign\n"
                         b"subjectKeyIdentifier=hash\n" +
                         (b"authorityKeyIdentifier=keyid\n" if issuer else b""))
        args = ["x509", "-req", "-extfile", ext, "-days", "3650", "-set_serial",
                str(int.from_bytes(os.urandom(8), "big"))]
        args += ["-CA", self.write("i.pem", issuer), "-CAkey", issuer_key] if issuer \
            else ["-signkey", key]
        return key, openssl(*args, stdin=csr)

    def sign(self, csr_pem, **more):
        """A leaf for the request; names None copies the request's SANs."""
        with self.lock:  # its files have fixed names
            return self.sign_one(csr_pem, **more)

    def sign_one(self, csr_pem, days=90, names=None, subject=None, extra="", eku="serverAuth",
                 ca=False, digest="sha256", aia="http://ca.example/inter.cer"):
        self.serial += 1
        if isinstance(csr_pem, str):
            csr_pem = csr_pem.encode()
        lines = ["basicConstraints=critical,CA:%s" % ("TRUE" if ca else "FALSE"),
                 "keyUsage=critical,digitalSignature", "subjectKeyIdentifier=hash",
                 "authorityKeyIdentifier=keyid",
                 *(["authorityInfoAccess=caIssuers;URI:" + aia] if aia else [])]
        if eku:
            lines.append("extendedKeyUsage=" + eku)
        args = ["x509", "-req", "-CA", self.write("ca.pem", self.inter), "-CAkey", self.inter_key,
                "-set_serial", str(self.serial), "-" + digest]
        if names is None:
            args += ["-copy_extensions", "copy"]
        else:
            lines.append("subjectAltName=" + ",".join(names))
        if extra:
            lines.append(extra)
        if subject is not None:
            args += ["-subj", subject]
        args += ["-days", str(days)]
        args += ["-extfile", self.write("leaf.ext", "\n".join(lines).encode())]
        return openssl(*args, stdin=csr_pem)

    def der(self, pem):
        return openssl("x509", "-outform", "DER", stdin=pem)

    def pkcs7(self, *pems, form="PEM"):
        args = ["crl2pkcs7", "-nocrl", "-outform", form]
        for i, pem in enumerate(pems):
            args += ["-certfile", self.write("p7-%d.pem" % i, pem)]
        return openssl(*args)

    def pkcs12(self, leaf, *chain, passphrase="secret"):
        self.write("p12-chain.pem", b"".join(chain) or b"")
        args = ["pkcs12", "-export", "-nokeys", "-in", self.write("p12.pem", leaf + b"".join(chain)),
                "-passout", "pass:" + passphrase]
        return openssl(*args)
