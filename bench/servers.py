"""The processes under measurement: on a free port, pinned to core 0, stopped by their id."""
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

SERVER_CORE = "0"
LOAD_CORE = "1"
_TICKS = os.sysconf("SC_CLK_TCK")


class BenchError(Exception):
    """Something that makes a figure worthless; the message tells the person who runs it what."""


def pinned(core, command):
    return ["taskset", "-c", core, *map(str, command)]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def request_text(method, path, port):
    """Exactly what wrk sends, so that a captured answer is the one that is measured."""
    return f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()


def fetch(port, path):
    """One GET over a keep-alive connection: (status, the whole head, body)."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(request_text("GET", path, port))
        received = b""
        while b"\r\n\r\n" not in received:
            received += _receive(connection, path)
        head, body = received.split(b"\r\n\r\n", 1)
        lengths = [line.split(b":", 1)[1] for line in head.split(b"\r\n")
                   if line.lower().startswith(b"content-length:")]
        if not lengths:
            raise BenchError(f"The answer to {path} has no Content-Length.")
        while len(body) < int(lengths[0]):
            body += _receive(connection, path)
    return int(head.split(b" ", 2)[1]), head + b"\r\n\r\n", body


def _receive(connection, path):
    part = connection.recv(65536)
    if not part:
        raise BenchError(f"The connection ended within the answer to {path}.")
    return part


class Server:
    """A child process; a context manager, so that nothing outlives the run."""

    name = None                 # in the results; each kind of server says its own

    def __init__(self, command, log, core=SERVER_CORE):
        self.port = None
        self._command = pinned(core, command)
        self._log = pathlib.Path(log)
        self._process = None

    def __enter__(self):
        with open(self._log, "wb") as log:
            self._process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, stdout=log,
                                             stderr=subprocess.STDOUT)
        try:
            self.port = self._wait_for(self.find_port, 20)
            self._wait_for(self._answers, 20)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(timeout=40)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def find_port(self):
        """The port, or None as long as it is not known."""
        raise NotImplementedError

    @property
    def pid(self):
        return self._process.pid

    def cpu_seconds(self):
        """(user, system) of all its threads since the start."""
        text = pathlib.Path(f"/proc/{self.pid}/stat").read_text()
        fields = text.rpartition(")")[2].split()
        return int(fields[11]) / _TICKS, int(fields[12]) / _TICKS

    def log_text(self):
        return self._log.read_text(errors="replace")

    def _answers(self):
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
        except OSError:
            return None
        return True

    def _wait_for(self, probe, seconds):
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            if self._process.poll() is not None:
                raise BenchError(f"{self.name} stopped with code {self._process.returncode}:\n"
                                 f"{self.log_text()[-2000:]}")
            found = probe()
            if found is not None:
                return found
            time.sleep(0.02)
        raise BenchError(f"{self.name} did not start in {seconds} s:\n{self.log_text()[-2000:]}")


class EpollPeer(Server):
    """The bare loop that answers every request with the same bytes (epoll_peer.cpp)."""

    name = "bare epoll loop"

    def __init__(self, binary, folder, response, core=SERVER_CORE):
        file = pathlib.Path(folder) / "response.http"
        file.write_bytes(response)
        super().__init__([binary, file], pathlib.Path(folder) / "epoll.log", core)

    def find_port(self):
        line = self.log_text()
        return int(line) if line.endswith("\n") else None


class Nginx(Server):
    """One nginx worker in the foreground with everything it writes in `folder`."""

    _CONFIG = """
daemon off;
master_process off;
worker_rlimit_nofile 4096;
pid {folder}/nginx.pid;
error_log {folder}/error.log crit;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    server_tokens off;
    default_type application/json;
    sendfile on;
    tcp_nopush on;
    tcp_nodelay on;
    keepalive_requests 1000000000;
    keepalive_timeout 300s;
    open_file_cache max=16 inactive=1h;
    open_file_cache_valid 1h;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {upstream}
    server {{
        listen 127.0.0.1:{port};
        {location}
    }}
}}
"""

    def __init__(self, name, folder, location, upstream=""):
        self.name = name
        self._free_port = free_port()
        folder = pathlib.Path(folder)
        config = folder / "nginx.conf"
        config.write_text(self._CONFIG.format(folder=folder, port=self._free_port,
                                              location=location, upstream=upstream),
                          encoding="utf-8")
        binary = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
        if not binary:
            raise BenchError("nginx is not installed (package nginx-light).")
        super().__init__([binary, "-p", folder, "-e", folder / "error.log", "-c", config],
                         folder / "nginx.log")

    @staticmethod
    def serving_file(folder, path, body):
        """The bytes as a static file under the same path as portal's."""
        root = pathlib.Path(folder) / "static"
        file = root / path.lstrip("/")
        file.parent.mkdir(parents=True)
        file.write_bytes(body)
        return Nginx("nginx static file", folder, f"location / {{ root {root}; }}")

    @staticmethod
    def returning(folder, body):
        """The bytes from memory: they stand in the configuration."""
        text = body.decode().replace("\\", "\\\\").replace("'", "\\'")
        return Nginx("nginx return 200", folder, f"location / {{ return 200 '{text}'; }}")

    @staticmethod
    def passing_to(folder, upstream):
        """A proxy as its manual has it before an application: keeps its connections, buffers."""
        return Nginx(
            "nginx proxy_pass", folder,
            "location / { proxy_pass http://site; proxy_http_version 1.1; "
            "proxy_set_header Connection \"\"; proxy_set_header Host $http_host; "
            "proxy_set_header X-Forwarded-For $remote_addr; "
            "proxy_set_header X-Forwarded-Proto $scheme; }",
            f"upstream site {{ server 127.0.0.1:{upstream.port}; keepalive 64; "
            "keepalive_requests 1000000000; keepalive_timeout 1s; }")

    def find_port(self):
        return self._free_port


class LyingUpstream(Server):
    """lying_upstream.py on the core of the load: it lies, or tells the truth, or asks.

    Idle priority: it may have what the load leaves, and never makes the load's clock wait."""

    name = "lying upstream"

    def __init__(self, folder, does, port=None, *path):
        self._port = port or free_port()
        script = pathlib.Path(__file__).resolve().parent / "lying_upstream.py"
        super().__init__(["chrt", "--idle", "0", sys.executable, "-B", script, does, self._port,
                          *path], pathlib.Path(folder) / "lying.log", LOAD_CORE)

    def find_port(self):
        return self._port

    def pause(self):
        self._process.send_signal(signal.SIGSTOP)

    def resume(self):
        self._process.send_signal(signal.SIGCONT)

    @contextlib.contextmanager
    def resumed(self):
        self.resume()
        try:
            yield
        finally:
            self.pause()


class Portal(Server):
    """portal in open mode on free ports, with the shipped config and a data folder of its own."""

    name = "portal"

    def __init__(self, binary, config, folder, *settings):
        self._binary = binary
        self._folder = pathlib.Path(folder)
        self._data = self._folder / "data"
        self._data.mkdir(parents=True, exist_ok=True)
        self._options = ["--config", config]
        for setting in (f"data.folder={self._data}", "http.listen=127.0.0.1:0",
                        "operations.listen=127.0.0.1:0", "security.mode=open",
                        # As the peers: nobody writes down each request.
                        "log.access=false", *settings):
            self._options += ["--set", setting]
        super().__init__([binary, *self._options], self._folder / "portal.log")

    def __enter__(self):
        (self._data / "portal.addresses.json").unlink(missing_ok=True)
        return super().__enter__()

    def find_port(self):
        try:
            addresses = json.loads((self._data / "portal.addresses.json").read_text())
        except (OSError, ValueError):
            return None
        return int(addresses["http"].rpartition(":")[2])

    def resident_bytes(self):
        status = pathlib.Path(f"/proc/{self._process.pid}/status").read_text()
        return int(re.search(r"^VmRSS:\s+(\d+)", status, re.MULTILINE)[1]) * 1024

    def import_news(self, file, core=None):
        """Runs `portal import news` to its end; returns its seconds, process start included."""
        command = self.import_command(file)
        return self._run(pinned(core, command) if core is not None else command, (0, 3))

    def import_django(self, dump, mapping, *flags):
        """Runs `portal import django` to its end; returns its seconds and its peak memory in MiB."""
        command = [self._binary, "import", "django", *self._options, "--mapping", mapping, *flags,
                   dump]
        begin = time.monotonic()
        with open(self._folder / "import.log", "wb") as log:
            running = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL,
                                       stdout=log, stderr=subprocess.STDOUT)
            _, status, usage = os.wait4(running.pid, 0)
        if os.waitstatus_to_exitcode(status) != 0:
            raise BenchError(f"{' '.join(map(str, command))} failed: "
                             f"{(self._folder / 'import.log').read_text()[-2000:]}")
        return time.monotonic() - begin, usage.ru_maxrss / 1024

    @contextlib.contextmanager
    def backed_up(self, folder):
        """A full backup to `folder` is under way meanwhile; it must take that long, and end well."""
        command = [str(word) for word in [self._binary, "backup", folder, *self._options]]
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True) as running:
            yield
            ended_early = running.poll() is not None
            said = running.communicate()[0]
        if ended_early or running.returncode != 0:
            raise BenchError(f"the backup ended too early, or with {running.returncode}:\n{said}")

    def import_command(self, file):
        return [self._binary, "import", "news", *self._options, file]

    def verify(self):
        """Fails unless the log is whole and every view equals its log."""
        self._run([self._binary, "verify", *self._options], (0,))

    def _run(self, command, good_codes):
        begin = time.monotonic()
        done = subprocess.run([str(word) for word in command], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        seconds = time.monotonic() - begin
        if done.returncode not in good_codes:
            raise BenchError(f"{' '.join(map(str, command))}: exit code {done.returncode}\n"
                             f"{done.stdout.decode(errors='replace')[-2000:]}")
        # The server must not be taken for the one that wrote this file.
        (self._data / "portal.addresses.json").unlink(missing_ok=True)
        return seconds
