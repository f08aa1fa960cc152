"""Real servers for a delivery: each with its own configuration in a temporary
folder, on loopback, ended by its process id."""

import os
import shutil
import signal
import smtplib
import socket
import ssl
import subprocess
import tempfile
import time

from house import free_port


def wait_until(what, seconds=20):
    end = time.monotonic() + seconds
    while True:
        value = what()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError("it did not come about within %d s" % seconds)
        time.sleep(0.02)


def open_port(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False


def served(port, name="shop.example.com"):
    """The certificate (DER) that a TLS client is shown there."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", port), timeout=10) as s:
        with context.wrap_socket(s, server_hostname=name) as t:
            return t.getpeercert(True)


def pair(folder, name="old.example.com"):
    """A first pair that the server starts with: key and certificate, PEM."""
    key, cert = os.path.join(folder, "first.key"), os.path.join(folder, "first.pem")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-keyout", key, "-out", cert,
                    "-subj", "/CN=" + name, "-days", "2"], check=True, capture_output=True)
    with open(key) as k, open(cert) as c:
        return k.read(), c.read()


class Folder:
    """A folder that holds a server, its files and the list of targets."""

    def __init__(self):
        self.path = tempfile.mkdtemp(prefix="cw-target-")
        os.chmod(self.path, 0o755)
        self.process = None

    def file(self, name):
        return os.path.join(self.path, name)

    def write(self, name, text, mode=0o644):
        with open(self.file(name), "w") as f:
            f.write(text)
        os.chmod(self.file(name), mode)
        return self.file(name)

    def read(self, name):
        with open(self.file(name)) as f:
            return f.read()

    def program(self, name, text):
        return self.write(name, "#!/bin/sh\n" + text, 0o755)

    def files_target(self, name, stem, *lines):
        """An entry of the list of targets: STEM.pem and STEM.key, and what else it says."""
        return "[%s]\nkind = files\ncertificate = %s\nkey = %s\n%s\n" % (
            name, self.file(stem + ".pem"), self.file(stem + ".key"), "\n".join(lines))

    def close(self):
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.path, ignore_errors=True)

    def start(self, *command):
        self.log = open(self.file("server.log"), "w")
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.log,
                                        stderr=self.log, cwd=self.path)

    def up(self, port):
        def ready():
            if self.process.poll() is not None:
                raise AssertionError("it ended: " + self.read("server.log"))
            return open_port(port)
        wait_until(ready)


class Nginx(Folder):
    def __init__(self):
        super().__init__()
        key, cert = pair(self.path)
        self.write("shop.key", key, 0o600)
        self.write("shop.pem", cert)
        self.port = free_port()
        self.write("nginx.conf", """daemon off;
worker_processes 1;
%s
pid %s/nginx.pid;
error_log %s/error.log;
events { worker_connections 64; }
http {
	access_log off;
	client_body_temp_path %s/body; proxy_temp_path %s/proxy; fastcgi_temp_path %s/fcgi;
	uwsgi_temp_path %s/uwsgi; scgi_temp_path %s/scgi;
	server {
		listen 127.0.0.1:%d ssl;
		ssl_certificate %s/shop.pem;
		ssl_certificate_key %s/shop.key;
		location / { return 200 "here\\n"; }
	}
}
""" % (("user root;" if os.geteuid() == 0 else "",) + (self.path,) * 7 + (self.port,) +
            (self.path,) * 2))
        self.start("/usr/sbin/nginx", "-p", self.path, "-c", self.file("nginx.conf"))
        self.up(self.port)

    def workers(self):
        pid = self.process.pid
        with open("/proc/%d/task/%d/children" % (pid, pid), encoding="ascii") as f:
            return set(f.read().split())

    def reload(self):
        """Until the workers of before, which take connections meanwhile, have ended."""
        before = self.workers()
        self.process.send_signal(signal.SIGHUP)
        wait_until(lambda: self.workers() and not self.workers() & before)

    def target(self, name="web"):
        nginx = "/usr/sbin/nginx -p %s -c %s" % (self.path, self.file("nginx.conf"))
        return self.files_target(name, "shop", "test = %s -t" % nginx, "reload = %s -s reload" % nginx)


class Apache(Folder):
    """httpd, which takes new files in when it is told to begin anew, gracefully."""

    def __init__(self):
        super().__init__()
        key, cert = pair(self.path)
        self.write("shop.key", key, 0o600)
        self.write("shop.pem", cert)
        self.port = free_port()
        self.write("httpd.conf", "".join(
            "LoadModule %s_module /usr/lib/apache2/modules/mod_%s.so\n" % (n, n)
            for n in ("mpm_event", "authz_core", "socache_shmcb", "ssl")) + """ServerRoot %s
DefaultRuntimeDir %s
PidFile %s/httpd.pid
ErrorLog %s/error.log
User www-data
Group www-data
ServerName shop.example.com
StartServers 1
MinSpareThreads 1
MaxSpareThreads 25
Listen 127.0.0.1:%d
SSLSessionCache none
SSLEngine on
SSLCertificateFile %s/shop.pem
SSLCertificateKeyFile %s/shop.key
""" % ((self.path,) * 4 + (self.port,) + (self.path,) * 2))
        self.start("/usr/sbin/apache2", "-f", self.file("httpd.conf"), "-DFOREGROUND")
        self.up(self.port)

    def target(self, name):
        httpd = "/usr/sbin/apache2 -f " + self.file("httpd.conf")
        return self.files_target(name, "shop", "test = %s -t" % httpd, "reload = %s -k graceful" % httpd)


class Postfix(Folder):
    """A mail server that offers STARTTLS and delivers nothing; needs root."""

    def __init__(self):
        super().__init__()
        key, cert = pair(self.path)
        self.write("mail.key", key, 0o600)
        self.write("mail.pem", cert)
        self.port = free_port()
        os.mkdir(self.file("queue"), 0o755)
        os.mkdir(self.file("data"), 0o700)
        shutil.chown(self.file("data"), "postfix")
        self.write("main.cf", """compatibility_level = 3.6
queue_directory = %s/queue
data_directory = %s/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = mail.example.com
mydestination =
inet_protocols = ipv4
alias_maps =
smtpd_relay_restrictions = reject
smtpd_tls_security_level = may
smtpd_tls_cert_file = %s/mail.pem
smtpd_tls_key_file = %s/mail.key
maillog_file = %s/mail.log
maillog_file_prefixes = %s
""" % ((self.path,) * 6))
        unix = "".join("%s unix %s - n - %s %s\n" % row for row in (
            ("cleanup", "n", "0", "cleanup"), ("rewrite", "-", "-", "trivial-rewrite"),
            ("tlsmgr", "-", "1", "tlsmgr"), ("anvil", "-", "1", "anvil"),
            ("proxymap", "-", "-", "proxymap")))
        self.write("master.cf", "127.0.0.1:%d inet n - n - - smtpd\n%s"
                   "postlog unix-dgram n - n - 1 postlogd\n" % (self.port, unix))
        self.start("/usr/sbin/postfix", "-c", self.path, "start-fg")
        self.up(self.port)

    def close(self):
        """What was started is a shell that waits for the master, which ends all others."""
        try:
            os.kill(int(self.read("queue/pid/master.pid")), signal.SIGTERM)
            self.process.wait(20)
        except (OSError, ValueError, subprocess.TimeoutExpired):
            pass
        super().close()

    def target(self, name):
        return self.files_target(name, "mail", "reload = /usr/sbin/postfix -c %s reload" % self.path)

    def served(self):
        """What it presents after STARTTLS."""
        context = ssl._create_unverified_context()
        with smtplib.SMTP("127.0.0.1", self.port, timeout=10) as s:
            s.starttls(context=context)
            return s.sock.getpeercert(True)


class HAProxy(Folder):
    """One process, with a runtime API that may change certificates."""

    def __init__(self):
        super().__init__()
        key, cert = pair(self.path)
        self.write("site.pem", cert + key, 0o600)
        self.port = free_port()
        self.write("haproxy.cfg", """global
	stats socket %s mode 600 level admin
defaults
	mode http
	timeout connect 5s
	timeout client 20s
	timeout server 20s
frontend site
	bind 127.0.0.1:%d ssl crt %s
	http-request return status 200 content-type text/plain string here
""" % (self.file("api"), self.port, self.file("site.pem")))
        self.begin()

    def begin(self):
        self.start("haproxy", "-db", "-f", self.file("haproxy.cfg"))
        self.up(self.port)

    def restart(self):
        self.process.terminate()
        self.process.wait(20)
        self.begin()

    def target(self, name, *lines):
        return "[%s]\nkind = haproxy\nsocket = %s\nname = %s\n%s\n" % (
            name, self.file("api"), self.file("site.pem"), "\n".join(lines))
