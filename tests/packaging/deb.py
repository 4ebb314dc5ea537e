"""Installs a package on a Debian machine of its own, uses it, upgrades it while it is asked,
takes it away again: deb.py PACKAGE.deb [FOLDER for the root that is kept between runs]"""

import hashlib
import json
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

from machine import Machine, make_root, need, output, say

HERE = pathlib.Path(__file__).parent
ASKED_PER_SECOND_MIN = 1000
EXPOSURE_MAX = 2.0
PASSWORD = "ink and paper"


def check(holds, sentence):
    if not holds:
        sys.exit(f"packaging: failed: {sentence}")
    say(sentence)


def packages_of(package):
    """What it depends on, by name."""
    depends = output("dpkg-deb", "-f", package, "Depends")[1]
    recommends = output("dpkg-deb", "-f", package, "Recommends")[1]
    both = f"{depends}, {recommends}"
    return sorted({re.match(r"[a-z0-9.+-]+", one.strip())[0] for one in both.split(",")})


def next_version(package, folder):
    """The same with a higher version, as the next release would be."""
    content = folder / "next"
    subprocess.run(["dpkg-deb", "-R", package, content], check=True)
    control = content / "DEBIAN" / "control"
    text = control.read_text(encoding="utf-8")
    control.write_text(re.sub(r"^Version: (.*)$", r"Version: \1+next", text, flags=re.M),
                       encoding="utf-8")
    new = folder / "next.deb"
    subprocess.run(["dpkg-deb", "--root-owner-group", "-Zgzip", "-b", content, new], check=True,
                   stdout=subprocess.DEVNULL)
    return new


class Installed:
    def __init__(self, machine):
        self.machine = machine

    def ok(self, *command, stdin=None):
        code, said = self.machine.run(*command, stdin=stdin)
        if code != 0:
            _, journal = self.machine.run("journalctl", "-u", "portal*", "-n", "30", "--no-pager")
            sys.exit(f"packaging: failed: {' '.join(command)}: {said}\n{journal}")
        return said

    def shows(self, what, unit="portal.service"):
        return self.ok("systemctl", "show", "-P", what, unit)

    def curl(self, path, *options):
        code, said = output(*self.machine.network(
            "curl", "-s", "--max-time", "30", *options, f"http://127.0.0.1:{path}"))
        return said if code == 0 else None

    def until(self, holds, seconds=60):
        end = time.monotonic() + seconds
        while not holds() and time.monotonic() < end:
            time.sleep(0.2)
        return holds()


def without_systemd(machine, package):
    """As in a container that is built: the user and the folder are there, nothing is started."""
    inside = machine.bring(package)
    code, said = machine.run("dpkg", "-i", inside)
    check(code == 0, "it installs where no systemd runs" if code == 0 else said)
    check("portal" in machine.run("stat", "-c", "%U %a", "/var/lib/portal")[1],
          "the data folder is the user's")
    check(machine.run("systemctl", "is-enabled", "portal.socket")[1] == "enabled",
          "the socket is enabled")
    code, said = machine.run("dpkg", "--purge", "portal")
    check(code == 0 and not (machine.root / "etc/portal").exists() and
          not (machine.root / "var/lib/portal").exists(),
          "a purge before any start leaves nothing")


def first_installation(server, package):
    server.ok("dpkg", "-i", package)
    check(server.shows("ActiveState") == "active", "the service is up when it is installed")
    status = server.shows("StatusText")
    check(status.startswith("Serving 127.0.0.1:8080"), f"systemd says: {status}")
    check(server.ok("systemctl", "is-enabled", "portal.service", "portal.socket") ==
          "enabled\nenabled", "service and socket start with the machine")
    check(server.ok("stat", "-c", "%U:%G %a", "/var/lib/portal") == "portal:portal 700",
          "the data folder is the user's alone")
    process = pathlib.Path("/proc") / server.shows("MainPID")
    facts = server.ok("cat", process / "status")
    check(re.search(r"^NoNewPrivs:\s*1$", facts, re.M) and
          re.search(r"^CapBnd:\s*0+$", facts, re.M) and not re.search(r"^Uid:\s*0\s", facts, re.M),
          "the process is nobody's root, and cannot become it")
    said = server.ok("systemd-analyze", "security", "--no-pager", "portal.service")
    exposure = float(re.search(r"Overall exposure level.*?: ([\d.]+)", said)[1])
    check(exposure <= EXPOSURE_MAX, f"systemd-analyze security: {exposure}")
    check("portal" in (server.curl("8080/") or ""), "it answers")
    check(server.curl("8081/livez") == "OK", "it says that it lives")


def admin_token(server):
    server.ok("portal", "user", "create", "--role", "admin", "--email", "chief@example.org",
              "--config", "/etc/portal/portal.json", stdin=PASSWORD + "\n")
    check(server.ok("find", "/var/lib/portal", "-not", "-user", "portal") == "",
          "what root did left nothing of root's in the data folder")
    said = server.curl("8080/v1/auth/token", "-H", "Content-Type: application/json", "-d",
                       json.dumps({"email": "chief@example.org", "password": PASSWORD}))
    return json.loads(said)["access_token"]


def written(server):
    count, cursor = 0, ""
    while cursor is not None:
        page = json.loads(server.curl("8080/v1/news/sports?limit=100" +
                                      (f"&cursor={cursor}" if cursor else "")))
        count += len(page["news"])
        cursor = page["next"]
    return count


def under_load(server, token, sentence, act):
    """Does it while the server is asked; nobody may notice."""
    before = written(server)
    load = subprocess.Popen(
        server.machine.network(sys.executable, "-B", str(HERE / "load.py"), "127.0.0.1:8080",
                               token),
        stdout=subprocess.PIPE, text=True)
    time.sleep(3)
    process = server.shows("MainPID")
    began = time.monotonic()
    act()
    seconds = time.monotonic() - began
    time.sleep(3)
    load.send_signal(signal.SIGTERM)
    found = json.loads(load.communicate(timeout=120)[0])
    say(json.dumps(found))
    check(server.shows("MainPID") != process, f"{sentence} took {seconds:.1f} s")
    check(found["failed"] == 0,
          f"{sentence}: {found['failed']} of {found['new'] + found['kept'] + found['written']} "
          f"requests failed, at {found['rate']} a second")
    check(found["rate"] >= ASKED_PER_SECOND_MIN,
          f"that were {ASKED_PER_SECOND_MIN} requests a second or more")
    check(written(server) - before == found["written"], "what was acknowledged is there, and no more")


def watched(server):
    server.ok("mkdir", "-p", "/etc/systemd/system/portal.service.d")
    server.ok("sh", "-c", "printf '[Service]\\nWatchdogSec=2\\n' "
              ">/etc/systemd/system/portal.service.d/test.conf")
    server.ok("systemctl", "daemon-reload")
    server.ok("systemctl", "restart", "portal.service")
    process = server.shows("MainPID")
    time.sleep(5)
    check(server.shows("MainPID") == process, "a server that answers is left alone")
    server.ok("sh", "-c", f"kill -STOP {process}")
    check(server.until(lambda: server.shows("NRestarts") == "1" and
                       server.shows("ActiveState") == "active"),
          "the watchdog ends a server that hangs, and starts it again")
    check(server.curl("8080/") is not None, "and it answers")
    server.ok("rm", "-r", "/etc/systemd/system/portal.service.d")
    server.ok("systemctl", "daemon-reload")


def taken_away(server, package):
    server.ok("systemctl", "stop", "portal.socket", "portal.service")
    check(server.shows("Result") == "success", "a stop is a good end")
    check("good" in server.ok("portal", "verify", "--config", "/etc/portal/portal.json"),
          "verify finds nothing wrong after all this")
    server.ok("systemctl", "start", "portal.socket")
    check(server.curl("8080/") is not None, "the first who asks has the server started")
    server.ok("dpkg", "-r", "portal")
    check(server.curl("8080/") is None, "nobody listens when it is removed")
    check(server.machine.run("test", "-e", "/etc/portal/portal.json")[0] == 0 and
          server.machine.run("test", "-e", "/var/lib/portal/identity.db")[0] == 0,
          "settings and data stay")
    said = server.ok("dpkg", "--purge", "portal")
    check("/var/lib/portal is kept" in said, "a purge says what it keeps")
    check(server.machine.run("test", "-e", "/etc/portal")[0] != 0, "a purge takes the settings")
    server.ok("dpkg", "-i", package)
    check(server.shows("ActiveState") == "active" and written(server) > 0,
          "installed again, it has the news")


def main():
    need("mmdebstrap", "systemd-nspawn", "nsenter", "dpkg-deb", "curl")
    package = pathlib.Path(sys.argv[1]).resolve()
    kept = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else "build/package").resolve()
    wanted = packages_of(package)
    known = hashlib.sha256(" ".join(wanted).encode()).hexdigest()[:8]
    archive = kept / f"root-{known}.tar"
    make_root(archive, wanted)
    with tempfile.TemporaryDirectory() as folder, Machine(archive) as machine:
        following = next_version(package, pathlib.Path(folder))
        without_systemd(machine, package)
        first, second = machine.bring(package), machine.bring(following)
        machine.boot()
        server = Installed(machine)
        first_installation(server, first)
        token = admin_token(server)
        server.ok("sed", "-i", "1i // Ours.", "/etc/portal/portal.json")
        under_load(server, token, "an upgrade", lambda: server.ok("dpkg", "-i", second))
        check(server.ok("dpkg-query", "-W", "-f", "${Version}", "portal").endswith("+next"),
              "the next version is installed")
        check("// Ours." in server.ok("cat", "/etc/portal/portal.json"), "what was set stays set")
        under_load(server, token, "the way back", lambda: server.ok("dpkg", "-i", first))
        server.ok("systemctl", "reload", "portal.service")
        check(server.shows("ActiveState") == "active", "it reloads")
        watched(server)
        taken_away(server, first)
    say("all is well")


main()
