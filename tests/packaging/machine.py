"""A Debian machine of its own to install things on: a root made of packages, and systemd in it."""

import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

PATIENCE = 120
SUITE = "bookworm"


def say(sentence):
    print(f"packaging: {sentence}", flush=True)


def skip(why):
    """As the other tests that cannot run here."""
    say(f"skipped: {why}")
    sys.exit(77)


def need(*programs):
    for program in programs:
        if not shutil.which(program):
            skip(f"{program} is not there (apt-get install mmdebstrap systemd-container)")


def output(*command, **options):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False, **options)
    return done.returncode, done.stdout.strip()


class Machine:
    """Gone with its block."""

    def __init__(self, archive):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="portal-machine-"))
        self.root = self.folder / "root"
        self.root.mkdir()
        subprocess.run(["tar", "-C", self.root, "-xf", archive], check=True)
        self.nspawn = None
        self.leader = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.halt()
        shutil.rmtree(self.folder, ignore_errors=True)

    def boot(self):
        log = (self.folder / "boot.log").open("w", encoding="utf-8")
        self.nspawn = subprocess.Popen(
            ["systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--private-network",
             "--machine=portal-test", "-D", self.root, "--boot"],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        until = time.monotonic() + PATIENCE
        children = pathlib.Path(f"/proc/{self.nspawn.pid}/task/{self.nspawn.pid}/children")
        while time.monotonic() < until and self.nspawn.poll() is None:
            found = children.read_text(encoding="ascii").split()
            self.leader = found[0] if found else None
            if self.leader and self.run("systemctl", "is-system-running")[1] in (
                    "running", "degraded"):
                return
            time.sleep(0.2)
        why = (self.folder / "boot.log").read_text(encoding="utf-8", errors="replace")[-500:]
        skip(f"systemd does not boot in a container here: {why}")

    def halt(self):
        if not self.nspawn:
            return
        self.nspawn.terminate()
        try:
            self.nspawn.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.nspawn.kill()
            self.nspawn.wait()
        self.nspawn = None

    def run(self, *command, stdin=None):
        """In the machine: (exit code, what it said)."""
        inside = ["chroot", self.root]
        if self.leader:
            inside = ["nsenter", "-t", self.leader, "-a", "--wd=/"]
        environment = ["env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8",
                       "DEBIAN_FRONTEND=noninteractive"]
        return output(*inside, *environment, *command, input=stdin)

    def network(self, *command):
        """A program of this machine, in the network of that one."""
        return ["nsenter", "-t", self.leader, "-n", *command]

    def bring(self, file):
        shutil.copy(file, self.root / "root")
        return f"/root/{pathlib.Path(file).name}"


def make_root(archive, packages):
    """Once: an archive of a root with these packages, and with systemd."""
    if archive.exists():
        return
    say(f"making a Debian root with systemd and {len(packages)} packages in {archive}")
    archive.parent.mkdir(parents=True, exist_ok=True)
    new = archive.with_suffix(".new.tar")
    code, said = output("mmdebstrap", "--quiet", "--variant=minbase",
                        "--include=" + ",".join(["systemd-sysv", "dbus", *packages]), SUITE, new)
    if code != 0:
        skip(f"no root can be made, as without a way to the registry: {said[-300:]}")
    new.rename(archive)
