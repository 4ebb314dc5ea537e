"""Files in an object store, on the built server: run.py PORTAL [moto_server]

Without the second argument the store is the one below, which computes each signature anew (AWS
Signature Version 4) and takes nothing that is signed otherwise; with it, it is moto's. Exit 1 if
something does not hold, 77 (skipped) if moto is not there.
"""

import hashlib
import hmac
import http.server
import json
import os
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
import zlib

BUCKET, REGION, PREFIX = "pictures-1", "eu-central-1", "site/media/"
KEY, SECRET = "an-access-key", "a secret / with + signs"
PATIENCE = 60
SKIPPED = 77


def hmac_of(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def signature_of(method, path, fields, names):
    """What a request has to be signed with, from its own fields."""
    lines = "".join(f"{name}:{' '.join(fields[name].split())}\n" for name in names)
    canonical = "\n".join([method, path, "", lines, ";".join(names),
                           fields["x-amz-content-sha256"]])
    day = fields["x-amz-date"][:8]
    scope = f"{day}/{REGION}/s3/aws4_request"
    text = "\n".join(["AWS4-HMAC-SHA256", fields["x-amz-date"], scope,
                      hashlib.sha256(canonical.encode()).hexdigest()])
    key = ("AWS4" + SECRET).encode()
    for part in (day, REGION, "s3", "aws4_request"):
        key = hmac_of(key, part)
    return scope, hmac_of(key, text).hex()


class Store(http.server.ThreadingHTTPServer):
    """An object store that is strict about signatures, and fails when it is told to."""
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.objects = {}
        self.fails = False
        self.endpoint = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def keys(self):
        return list(self.objects)

    def close(self):
        self.shutdown()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body=b""):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def refuse(self, status, code):
        self.answer(status, f"<Error><Code>{code}</Code></Error>".encode())

    def handle_any(self):
        fields = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(fields.get("content-length", 0)))
        if self.server.fails:
            return self.refuse(503, "SlowDown")
        names = ["host", "x-amz-content-sha256", "x-amz-date"]
        scope, signature = signature_of(self.command, self.path, fields, names)
        wanted = (f"AWS4-HMAC-SHA256 Credential={KEY}/{scope},SignedHeaders={';'.join(names)},"
                  f"Signature={signature}")
        if fields.get("authorization") != wanted:
            return self.refuse(403, "SignatureDoesNotMatch")
        if hashlib.sha256(body).hexdigest() != fields["x-amz-content-sha256"]:
            return self.refuse(400, "XAmzContentSHA256Mismatch")
        if abs(time.time() - time_of(fields["x-amz-date"])) > 900:
            return self.refuse(403, "RequestTimeTooSkewed")
        bucket, _, key = self.path[1:].partition("/")
        if bucket != BUCKET:
            return self.refuse(404, "NoSuchBucket")
        return self.act(key, body)

    def act(self, key, body):
        objects = self.server.objects
        if self.command == "PUT":
            objects[key] = body
            return self.answer(200)
        if self.command == "DELETE":
            objects.pop(key, None)
            self.send_response(204)
            return self.end_headers()
        if key not in objects:
            return self.refuse(404, "NoSuchKey")
        return self.answer(200, objects[key])

    do_GET = do_PUT = do_DELETE = handle_any


def time_of(text):
    parsed = time.strptime(text, "%Y%m%dT%H%M%SZ")
    return time.mktime(parsed) - time.timezone


class Moto:
    """moto's server as a process, with the bucket in it."""

    def __init__(self, program):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.endpoint = f"http://127.0.0.1:{port}"
        self.process = subprocess.Popen([program, "-H", "127.0.0.1", "-p", str(port)],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        made = f"<CreateBucketConfiguration><LocationConstraint>{REGION}</LocationConstraint>" \
               "</CreateBucketConfiguration>"
        until = time.monotonic() + PATIENCE
        while True:
            try:
                ask("PUT", f"{self.endpoint}/{BUCKET}", made.encode())
                return
            except (urllib.error.URLError, ConnectionError):
                if time.monotonic() > until or self.process.poll() is not None:
                    raise
                time.sleep(0.05)

    def keys(self):
        _, listed = ask("GET", f"{self.endpoint}/{BUCKET}?list-type=2")
        return [one.split("</Key>")[0] for one in listed.decode().split("<Key>")[1:]]

    def close(self):
        self.process.terminate()
        self.process.wait(PATIENCE)


def ask(method, url, body=None, fields=None):
    """Status and body; a refusal is an answer, too."""
    request = urllib.request.Request(url, data=body, method=method, headers=fields or {})
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read()


def picture():
    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(
            ">I", zlib.crc32(name + data))
    rows = b"".join(b"\0" + bytes(value for x in range(400) for value in (x % 256, y % 256, 128))
                    for y in range(300))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 400, 300, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


class Portal:
    """A server whose files are in that store."""

    def __init__(self, program, folder, endpoint):
        self.program = program
        self.folder = folder
        self.process = None
        self.address = None
        self.set_secret(SECRET)
        settings = {
            "http": {"listen": "127.0.0.1:0"}, "operations": {"listen": "127.0.0.1:0"},
            "data": {"folder": "data"}, "log": {"console": False}, "security": {"mode": "open"},
            "media": {"store": {"endpoint": endpoint, "bucket": BUCKET, "region": REGION,
                                "prefix": PREFIX, "access_key": KEY, "secret_key_file": "secret"}}}
        (folder / "portal.json").write_text(json.dumps(settings), encoding="utf-8")

    def set_secret(self, secret):
        file = self.folder / "secret"
        file.write_text(secret + "\n", encoding="utf-8")
        file.chmod(0o600)

    def start(self):
        self.process = subprocess.Popen([self.program, "--config", "portal.json"], cwd=self.folder,
                                        stdout=subprocess.PIPE, text=True)
        self.address = "http://" + self.process.stdout.readline().split("http://")[1].split()[0]

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(PATIENCE) == 0, "it did not end well"

    def ask(self, method, path, body=None):
        return ask(method, self.address + path, body,
                   {"Content-Type": "application/octet-stream"} if body else None)

    def code_of(self, method, path, body=None):
        status, answer = self.ask(method, path, body)
        return f"{status} {json.loads(answer)['error']}"


def walk(portal, store):
    """In, out, out again when no copy is left, and away."""
    file = picture()
    portal.start()
    status, answer = portal.ask("POST", "/v1/media", file)
    assert status == 201, answer
    item = json.loads(answer)
    sha256 = hashlib.sha256(file).hexdigest()
    assert store.keys() == [f"{PREFIX}{sha256[:2]}/{sha256[2:]}"], store.keys()
    path = f"/v1/media/{item['id']}"
    assert portal.ask("GET", path + "/original") == (200, file)
    portal.stop()
    shutil.rmtree(portal.folder / "data" / "media")
    portal.start()
    status, made = portal.ask("GET", path + "/320.webp")
    assert status == 200 and made[:4] == b"RIFF", made[:100]
    assert portal.ask("GET", path + "/original") == (200, file)
    again = json.loads(portal.ask("POST", "/v1/media", file)[1])
    assert len(store.keys()) == 1
    assert portal.ask("DELETE", path)[0] == 204
    assert len(store.keys()) == 1
    assert portal.ask("DELETE", f"/v1/media/{again['id']}")[0] == 204
    assert store.keys() == [], store.keys()
    portal.stop()


def fail(portal, store):
    """What a store that is down, or a wrong key, looks like."""
    portal.start()
    store.fails = True
    said = portal.code_of("POST", "/v1/media", picture())
    assert said == "503 media_store_unavailable", said
    status, health = portal.ask("GET", "/v1/media/healthcheck")
    assert status == 200 and b"degraded" in health, health
    store.fails = False
    assert portal.ask("POST", "/v1/media", picture())[0] == 201
    assert b"degraded" not in portal.ask("GET", "/v1/media/healthcheck")[1]
    portal.stop()
    portal.set_secret("another secret")
    portal.start()
    said = portal.code_of("POST", "/v1/media", b"%PDF-1.7")
    assert said == "503 media_store_unavailable", said
    portal.stop()
    log = (portal.folder / "data" / "logs" / "portal.log").read_text(encoding="utf-8")
    assert "403 SignatureDoesNotMatch" in log
    assert SECRET not in log and "another secret" not in log


def main(program, moto=None):
    if moto and not os.access(moto, os.X_OK):
        print(f"{moto} is not there; ./dev test installs it where pip is.")
        return SKIPPED
    store = Moto(moto) if moto else Store()
    with tempfile.TemporaryDirectory(prefix="portal-store-") as made:
        portal = Portal(pathlib.Path(program).resolve(), pathlib.Path(made), store.endpoint)
        try:
            walk(portal, store)
            if not moto:
                fail(portal, store)
        finally:
            if portal.process and portal.process.poll() is None:
                portal.process.kill()
            store.close()
    print("A picture went to the store, came back, and is gone there, too.")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
