"""Unpacks an image, and runs it as a container would: as nobody, its first process, with a root that
cannot be written: image.py IMAGE.tar"""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from machine import need, output, say

USER = 65532
PATIENCE = 60


def check(holds, sentence):
    if not holds:
        sys.exit(f"packaging: failed: {sentence}")
    say(sentence)


class Container:
    """What a runtime does, in few lines: namespaces, mounts, a user, and exec."""

    def __init__(self, folder, config, secret, options=()):
        self.root, self.config, self.secret = folder / "bundle" / "rootfs", config, secret
        self.log = (folder / "log").open("w+", encoding="utf-8")
        command = [*config["Entrypoint"], *config["Cmd"], *options]
        # The volumes of /data and of the secret lie beside the root.
        script = f"""
            set -e
            mount --bind {self.root} {self.root}
            mount -o remount,bind,ro {self.root}
            mount --bind {folder}/data {self.root}/data
            mount --bind -o ro {secret} {self.root}/run
            mount -t tmpfs tmpfs {self.root}/tmp
            mount -t proc proc {self.root}/proc
            exec env -i PATH=/usr/bin /usr/sbin/chroot --userspec={USER}:{USER} --groups={USER} \
                {self.root} {' '.join(command)}
        """
        self.process = subprocess.Popen(
            ["unshare", "--mount", "--pid", "--net", "--ipc", "--uts", "--fork", "--kill-child",
             "sh", "-c", "ip link set lo up 2>/dev/null; " + script],
            stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log)

    def leader(self):
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        try:
            found = children.read_text(encoding="ascii").split()
        except OSError:
            return None
        return found[0] if found else None

    def said(self):
        self.log.seek(0)
        return self.log.read()

    def curl(self, address, *options):
        """In its network."""
        leader = self.leader()
        if not leader:
            return None
        code, said = output("nsenter", "-t", leader, "-n", "curl", "-sk", "--max-time", "10",
                            *options, address)
        return said if code == 0 else None

    def execute(self, *command):
        """In it, as its user."""
        return output("nsenter", "-t", self.leader(), "-m", "-n", "-p", "-r", "-S", str(USER), "-G",
                      str(USER), *command)

    def until(self, holds):
        end = time.monotonic() + PATIENCE
        while not holds() and time.monotonic() < end and self.process.poll() is None:
            time.sleep(0.1)
        return holds()

    def slow_request(self, seconds):
        """Under way when this returns; its body is whole after so long."""
        client = subprocess.Popen(
            ["nsenter", "-t", self.leader(), "-n", sys.executable, "-c", SLOW, str(seconds)],
            stdout=subprocess.PIPE, text=True)
        client.stdout.readline()
        return client

    def check_up(self, sentence):
        up = self.until(lambda: self.curl("http://127.0.0.1:8081/readyz", "-f"))
        check(up, sentence if up else f"{sentence}\n{self.said()}")

    def signal(self, number):
        os.kill(int(self.leader()), number)

    def ended(self):
        return self.process.wait(PATIENCE)


def make_key(folder):
    """A certificate and a key as a mounted secret with fsGroup has them: root's, 0440."""
    folder.mkdir()
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=localhost",
                    "-keyout", folder / "key.pem", "-out", folder / "certificate.pem"],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    for file in folder.iterdir():
        os.chown(file, 0, USER)
        file.chmod(0o440)


def check_image(root, config):
    check(config["User"] == f"{USER}:{USER}", "it runs as nobody that is known elsewhere")
    check("/data" in config["Volumes"], "it has a volume for its data")
    programs = [path for path in (root / "usr").rglob("*") if path.is_file() and
                not path.is_symlink() and os.access(path, os.X_OK) and
                path.parts[-2] in ("bin", "sbin")]
    check([path.name for path in programs] == ["portal"], "it has one program: portal")
    special = [path for path in root.rglob("*") if not path.is_symlink() and path.is_file() and
               path.stat().st_mode & 0o6000]
    check(not special, "nothing in it is setuid")
    check("BEGIN CERTIFICATE" in (root / "etc/ssl/certs/ca-certificates.crt").read_text("ascii"),
          "it has certificates")
    check((root / "usr/share/zoneinfo/Europe/Berlin").exists(), "it has time zones")


def main():
    need("umoci", "unshare", "nsenter", "openssl", "curl")
    if os.geteuid() != 0:
        say("skipped: namespaces and owners need root")
        sys.exit(77)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="portal-image-"))
    try:
        run(folder, pathlib.Path(sys.argv[1]))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    say("all is well")


def run(folder, archive):
    folder.chmod(0o755)
    layout = folder / "layout"
    layout.mkdir()
    subprocess.run(["tar", "-C", layout, "-xf", archive], check=True)
    subprocess.run(["umoci", "unpack", "--image", f"{layout}:latest", folder / "bundle"],
                   check=True, stderr=subprocess.DEVNULL)
    index = json.loads((layout / "index.json").read_text("utf-8"))
    blob = layout / "blobs" / index["manifests"][0]["digest"].replace(":", "/")
    manifest = json.loads(blob.read_text("utf-8"))
    blob = layout / "blobs" / manifest["config"]["digest"].replace(":", "/")
    config = json.loads(blob.read_text("utf-8"))["config"]
    root = folder / "bundle" / "rootfs"
    check_image(root, config)
    for mounted in ("run", "proc", "tmp"):
        (root / mounted).mkdir(exist_ok=True)
    # As a runtime makes a new volume: with the owner that the image has for it.
    shutil.copytree(root / "data", folder / "data")
    os.chown(folder / "data", USER, USER)
    (folder / "data").chmod(0o700)
    make_key(folder / "secret")
    secret = folder / "secret"

    container = Container(folder, config, secret)
    container.check_up("it serves from a root that cannot be written")
    check("portal" in container.curl("http://127.0.0.1:8080/"), "it answers")
    check(container.execute("/usr/bin/portal", "check", "ready", "--config",
                            "/etc/portal/portal.json") == (0, "PORTAL OK - ready | ready=1"),
          "its health check finds it well")
    facts = pathlib.Path(f"/proc/{container.leader()}/status").read_text("ascii")
    check(re.search(rf"^Uid:\s+{USER}\s", facts, re.M) and
          re.search(r"^NSpid:.*\s1$", facts, re.M), "it is the first process, and nobody's root")
    # An orphan becomes its child: it must not stay as a zombie.
    output("nsenter", "-t", container.leader(), "-p", "--", "sh", "-c", "(sleep 0.1 &) ; exit 0")
    time.sleep(0.5)
    children = pathlib.Path(f"/proc/{container.leader()}/task/{container.leader()}/children")
    check(children.read_text("ascii").split() == [], "it leaves no zombies")

    # A body that comes in two parts is under way when the end is asked for.
    slow = container.slow_request(1)
    container.signal(signal.SIGTERM)
    answer = slow.communicate(timeout=PATIENCE)[0]
    check("HTTP/1.1 201" in answer, "SIGTERM: what is under way is answered")
    check(container.ended() == 0, "and it ends with 0")

    container = Container(folder, config, secret,
                          ["--set", "http.listen=tls:127.0.0.1:8443",
                           "--set", "http.tls.certificate=/run/certificate.pem",
                           "--set", "http.tls.key=/run/key.pem"])
    container.check_up("it starts again on the same data, with a key of root's and its group's (0440)")
    check("portal" in (container.curl("https://127.0.0.1:8443/") or ""), "it answers by TLS")
    container.signal(signal.SIGTERM)
    check(container.ended() == 0, "and it ends with 0")

    container = Container(folder, config, secret)
    container.check_up("it starts once more")
    slow = container.slow_request(60)
    container.signal(signal.SIGTERM)
    check(container.until(lambda: container.curl("http://127.0.0.1:8081/readyz", "-f") is None),
          "while it drains it is not ready")
    container.signal(signal.SIGTERM)
    check(container.ended() == 128 + signal.SIGTERM, "a second SIGTERM does not wait")
    slow.kill()
    files = {path.stat().st_uid for path in (folder / "data").rglob("*")}
    check(files == {USER}, "all its data is its own")


# Says when the request is under way, and finishes it after the signal.
SLOW = """
import socket, sys, time
client = socket.create_connection(("127.0.0.1", 8080))
body = b'{"name":"Ann","email":"ann@example.org","password":"rowing on the lake"}'
client.sendall(b"POST /v1/users HTTP/1.1\\r\\nHost: a\\r\\nContent-Type: application/json\\r\\n"
               b"Expect: 100-continue\\r\\nContent-Length: %d\\r\\n\\r\\n" % len(body))
assert b"100" in client.recv(1000)
print("under way", flush=True)
time.sleep(int(sys.argv[1]))
client.sendall(body)
print(client.recv(65536).decode())
"""


main()
