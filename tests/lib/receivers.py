"""Who is told of what happens: a mail server and a webhook on this host."""

import base64
import email
import email.policy
import hashlib
import hmac
import http.server
import json
import os
import socketserver
import ssl
import subprocess
import threading

from outside import wait_for


def certificate(folder, name="mail.example.com", host="127.0.0.1"):
    """A self-signed pair for this name and address: (certificate, key) files."""
    crt, key = (os.path.join(folder, "%s.%s" % (name, x)) for x in ("pem", "key"))
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "30", "-subj", "/CN=" + name, "-keyout", key, "-out", crt,
         "-addext", "subjectAltName=DNS:%s,IP:%s" % (name, host)], check=True, capture_output=True)
    return crt, key


def context(pair):
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ctx.load_cert_chain(*pair)
    return ctx


class Mail(socketserver.ThreadingTCPServer):
    """Takes mail. pair: offers STARTTLS with it, or TLS at once when `implicit`.
    refuses: what is said to MAIL FROM instead of yes; login: (user, password) required."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, pair=None, implicit=False, login=None):
        self.pair, self.implicit, self.login = pair, implicit, login
        self.refuses = None
        self.deaf = False           # ends after the message, before it says yes
        self.boxes, self.senders, self.raw, self.secure = [], [], [], []
        server = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                server.talk(self)

        super().__init__(("127.0.0.1", 0), Handler)
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        pass

    @staticmethod
    def secured(handler, ctx):
        handler.connection = ctx.wrap_socket(handler.connection, server_side=True)
        handler.rfile = handler.connection.makefile("rb")
        handler.wfile = handler.connection.makefile("wb", 0)

    def talk(self, h):
        tls = False
        if self.implicit:
            self.secured(h, context(self.pair))
            tls = True

        def say(text):
            h.wfile.write(text.encode() + b"\r\n")

        say("220 mail.example.com")
        known = self.login is None
        to = None
        while True:
            line = h.rfile.readline().decode().rstrip("\r\n")
            verb = line.upper()
            if not line or verb == "QUIT":
                return
            if verb.startswith("EHLO"):
                if self.pair and not tls:
                    say("250-STARTTLS")
                if self.login and (tls or not self.pair):
                    say("250-AUTH PLAIN")
                say("250 ok")
            elif verb == "STARTTLS" and self.pair:
                say("220 go ahead")
                self.secured(h, context(self.pair))
                tls = True
            elif verb.startswith("AUTH PLAIN"):
                if len(line.split()) == 2:
                    say("334 ")
                    said = h.rfile.readline().strip()
                else:
                    said = line.split()[2]
                known = base64.b64decode(said).split(b"\0")[1:] == [x.encode() for x in self.login]
                say("235 ok" if known else "535 no")
            elif verb.startswith("MAIL FROM"):
                if self.refuses or not known:
                    say(self.refuses or "530 sign in first")
                    continue
                self.senders.append(line.split(":", 1)[1].split()[0])
                say("250 ok")
            elif verb.startswith("RCPT TO"):
                to = line.split(":", 1)[1].strip()
                say("250 ok")
            elif verb == "DATA":
                say("354 go ahead")
                data = b""
                while not data.endswith(b"\r\n.\r\n"):
                    data += h.rfile.readline()
                self.raw.append(data[:-3])
                self.secure.append(tls)
                self.boxes.append(to)
                if self.deaf:
                    return
                say("250 taken")
            else:
                say("250 ok")

    @property
    def messages(self):
        return [email.message_from_bytes(x, policy=email.policy.default) for x in self.raw]

    def of(self, address):
        return [m for m, to in zip(self.messages, self.boxes) if to == "<%s>" % address]

    def came(self, n, seconds=20):
        return wait_for(lambda: len(self.raw) >= n, seconds)


class Webhook(http.server.ThreadingHTTPServer):
    """Takes JSON over HTTPS; answers with `status`."""

    daemon_threads = True

    def __init__(self, pair):
        self.status = 200
        self.taken = []             # (headers, body)
        hook = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hook.taken.append((self.headers, body))
                self.send_response(hook.status)
                if hook.status == 302:
                    self.send_header("Location", "https://127.0.0.1:%d/other" % hook.port)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        self.socket = context(pair).wrap_socket(self.socket, server_side=True)
        self.port = self.server_address[1]
        self.url = "https://127.0.0.1:%d/certwright" % self.port
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, *_):
        pass

    def came(self, n, seconds=20):
        return wait_for(lambda: len(self.taken) >= n, seconds)

    def bodies(self):
        return [json.loads(body) for _, body in self.taken]


def signature_fits(secret, headers, body):
    """As certwright(1) says how to verify one."""
    parts = dict(x.split("=", 1) for x in headers["Certwright-Signature"].split(","))
    want = hmac.new(secret.encode(), parts["t"].encode() + b"." + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(want, parts["v1"])
