"""What is outside, on this host: a name server, web and mail servers, and a
certwright-fetch that may ask them."""

import http.server
import os
import socket
import socketserver
import ssl
import struct
import subprocess
import threading
import time

from house import BUILD

A, TXT, AAAA = 1, 16, 28


def wire_name(name):
    return b"".join(bytes([len(x)]) + x.encode() for x in name.split(".") if x) + b"\0"


class Names(socketserver.ThreadingUDPServer):
    """Answers {(name, type): [data, ...]}; a type of None: this response code; a list
    of strings is one TXT record. What is not there does not exist."""

    daemon_threads = True

    def __init__(self, records=None):
        super().__init__(("127.0.0.1", 0), None)
        self.records = records or {}
        self.asked = []
        self.silent = False
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def address(self):
        return "127.0.0.1:%d" % self.server_address[1]

    def put(self, name, kind, *data):
        self.records[(name, kind)] = list(data)

    def finish_request(self, request, client_address):
        data, sock = request
        if self.silent:
            return
        at, labels = 12, []
        while data[at]:
            labels.append(data[at + 1:at + 1 + data[at]].decode("latin-1").lower())
            at += 1 + data[at]
        kind = struct.unpack(">H", data[at + 1:at + 3])[0]
        name = ".".join(labels)
        self.asked.append((name, kind))
        answers = [self.rdata(kind, x) for x in self.records.get((name, kind), [])]
        there = any(n == name for n, _ in self.records)
        code = self.records.get((name, None), [0 if there else 3])[0]
        out = data[:2] + struct.pack(">HHHHH", 0x8580 | code, 1, len(answers), 0, 0)
        out += data[12:at + 5]
        for rdata in answers:
            out += b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 60, len(rdata)) + rdata
        sock.sendto(out, client_address)

    @staticmethod
    def rdata(kind, value):
        if kind == A:
            return socket.inet_pton(socket.AF_INET, value)
        if kind == AAAA:
            return socket.inet_pton(socket.AF_INET6, value)
        pieces = [value] if isinstance(value, str) else value
        return b"".join(bytes([len(x)]) + x.encode() for x in pieces)


class Web(http.server.ThreadingHTTPServer):
    """Serves {path: (status, headers, body)}; remembers what was asked for."""

    daemon_threads = True

    def __init__(self, files=None, host="127.0.0.1"):
        self.files = files or {}
        self.asked = []
        web = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                web.asked.append((self.path, dict(self.headers)))
                status, headers, body = web.files.get(self.path, (404, {}, b"no"))
                if callable(body):
                    body = body()
                self.send_response(status)
                for k, v in headers.items():
                    self.send_header(k, v)
                if "Content-Length" not in headers:
                    self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                try:
                    self.wfile.write(body)
                except OSError:
                    pass

            def log_message(self, *_):
                pass

        super().__init__((host, 0), Handler)
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def put(self, path, body, status=200, **headers):
        self.files[path] = (status, headers, body)


class Server:
    """A socket of this host; `talk(connection)` says what happens on each."""

    def __init__(self, talk, host="127.0.0.1"):
        self.sock = socket.create_server((host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
        self.port = self.sock.getsockname()[1]
        self.talk = talk
        self.seen = 0
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                conn, _ = self.sock.accept()
            except OSError:
                return
            self.seen += 1
            threading.Thread(target=self.one, args=(conn,), daemon=True).start()

    def one(self, conn):
        with conn:
            try:
                self.talk(conn)
            except (OSError, ssl.SSLError):
                pass

    def close(self):
        self.sock.close()


def tls_talk(chain, key, names=None, smtp=None, version=None):
    """Presents chain and key (files); names: collects the SNI; smtp: what is said before."""
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ctx.load_cert_chain(chain, key)
    if version:
        ctx.maximum_version = version
    if names is not None:
        ctx.sni_callback = lambda sock, name, c: names.append(name)

    def talk(conn):
        if smtp:
            conn.sendall(b"220-mail.example\r\n220 ready\r\n")
            if not conn.recv(1000).startswith(b"EHLO "):
                return
            conn.sendall(smtp)
            if conn.recv(1000) != b"STARTTLS\r\n":
                return
            conn.sendall(b"220 go ahead\r\n")
        with ctx.wrap_socket(conn, server_side=True) as s:
            s.recv(1)

    return talk


class Refused(Exception):
    def __init__(self, refusal, message, hint):
        super().__init__("%s: %s" % (refusal, message))
        self.refusal, self.message, self.hint = refusal, message, hint


class Fetcher:
    """A certwright-fetch of one's own, spoken to as the front does."""

    def __init__(self, *options):
        self.door, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.door.settimeout(30)
        with theirs:
            self.process = subprocess.Popen(
                [os.path.join(BUILD, "certwright-fetch"), "--front", str(theirs.fileno()), *options],
                pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)

    def close(self):
        self.door.close()
        return self.process.wait(10)

    def child(self):
        self.door.send(b"F")
        _, fds, _, _ = socket.recv_fds(self.door, 1, 1)
        s = socket.socket(fileno=fds[0])
        s.settimeout(30)
        return s

    def ask(self, job):
        """The answer's payload; b"" when the process ended without one."""
        with self.child() as s:
            s.send(job)
            return s.recv(200000)

    @staticmethod
    def text(value):
        data = value if isinstance(value, bytes) else value.encode()
        return struct.pack(">I", len(data)) + data

    def job(self, kind, body, ms):
        answer = Unpacked(self.ask(kind + struct.pack(">I", ms) + body))
        if answer.u8() == 1:
            raise Refused(answer.text().decode(), answer.text().decode(), answer.text().decode())
        return answer

    def tls(self, host, port, name="", start=0, ms=5000):
        a = self.job(b"T", self.text(host) + struct.pack(">H", port) + self.text(name) + bytes([start]), ms)
        return {"version": a.text().decode(), "address": a.text().decode(),
                "certs": [a.text() for _ in range(a.u8())]}

    def http(self, url, ms=5000):
        a = self.job(b"H", self.text(url), ms)
        return struct.unpack(">H", a.take(2))[0], a.text()

    def txt(self, name, ms=5000):
        a = self.job(b"D", self.text(name), ms)
        return [a.text() for _ in range(a.u8())]


class Unpacked:
    def __init__(self, data):
        if not data:
            raise Refused("none", "the process ended", "")
        self.data = data

    def take(self, n):
        piece, self.data = self.data[:n], self.data[n:]
        assert len(piece) == n
        return piece

    def u8(self):
        return self.take(1)[0]

    def text(self):
        return self.take(struct.unpack(">I", self.take(4))[0])


def wait_for(what, seconds=10):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if what():
            return True
        time.sleep(0.05)
    return False
