"""Load, and what it measured: rate, latency, and the processor time the server spent on it."""
import dataclasses
import json
import os
import re
import resource
import statistics
import subprocess
import time

from servers import LOAD_CORE, SERVER_CORE, BenchError, pinned

CONNECTIONS = 64
RATE = 6400                     # requests per second, where the rate is fixed
QUIET = 0.1                     # of one core: what others may use in a round that counts
_MILLISECONDS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60000.0}


@dataclasses.dataclass
class Sample:
    """One round against one contestant."""
    rate: float                 # requests, events or items per second
    p50_ms: float = None
    p99_ms: float = None
    user_us: float = None       # the server's processor time per request
    system_us: float = None
    busy: float = None          # share of its core the server used; well below 1: the load is short
    others: float = None        # share of a core that processes outside the comparison used


@dataclasses.dataclass
class Contestant:
    """All rounds of one side of a comparison."""
    name: str
    samples: list = dataclasses.field(default_factory=list)

    def median(self, member):
        values = [getattr(sample, member) for sample in self.samples]
        return statistics.median(values) if None not in values else None


class Watch:
    """Notes what the machine did within `with`: the processor time of the server and of
    ended children, and the user time of everybody else, which shows whether it was quiet."""

    def __init__(self, server=None):
        self._server = server

    def __enter__(self):
        self._begin = self._now()
        return self

    def __exit__(self, *_):
        passed, all_user, own_user, *self.children, user, system = (
            end - begin for begin, end in zip(self._begin, self._now()))
        self.seconds, self.user, self.system = passed, user, system
        self.others = max(0.0, all_user - own_user - self.children[0] - user) / passed

    def _now(self):
        with open("/proc/stat", encoding="ascii") as file:
            user, nice = file.readline().split()[1:3]
        all_user = (int(user) + int(nice)) / os.sysconf("SC_CLK_TCK")
        own = resource.getrusage(resource.RUSAGE_SELF)
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        server = self._server.cpu_seconds() if self._server else (0.0, 0.0)
        return (time.monotonic(), all_user, own.ru_utime, children.ru_utime, children.ru_stime,
                *server)

    def complete(self, sample, requests=None):
        """Adds what it saw; with `requests`, the server's (or else the children's) part of each."""
        sample.others = self.others
        if requests:
            user, system = (self.user, self.system) if self._server else self.children
            sample.user_us = user / requests * 1e6
            sample.system_us = system / requests * 1e6
            sample.busy = (user + system) / self.seconds
        return sample


def wrk(server, path, seconds, connections=CONNECTIONS):
    """One thread, that many connections. Any answer but 200, or a socket error, makes the run void."""
    with Watch(server) as watch:
        done = subprocess.run(
            pinned(LOAD_CORE, ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency",
                               f"http://127.0.0.1:{server.port}{path}"]),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0 or "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
        raise BenchError(f"wrk against {server.name} failed:\n{done.stdout}")
    requests = int(re.search(r"(\d+) requests in ", done.stdout)[1])
    return watch.complete(
        Sample(rate=float(re.search(r"Requests/sec:\s+([\d.]+)", done.stdout)[1]),
               p50_ms=_percentile(done.stdout, 50), p99_ms=_percentile(done.stdout, 99)), requests)


def _percentile(text, percent):
    value, unit = re.search(rf"^\s+{percent}%\s+([\d.]+)(us|ms|s|m)", text, re.MULTILINE).groups()
    return float(value) * _MILLISECONDS[unit]


def fixed_rate(server, path, seconds, log):
    """64 connections that ask at a fixed rate, far below what the server can: a p99 that hears the
    server's own waits, and not how long a full queue is. Any answer but 200 makes the run void."""
    with Watch(server) as watch:
        done = subprocess.run(
            pinned(LOAD_CORE, ["h2load", "--h1", f"-c{CONNECTIONS}", f"-D{seconds}",
                               f"--rps={RATE // CONNECTIONS}", f"--log-file={log}",
                               f"http://127.0.0.1:{server.port}{path}"]),
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    with open(log, encoding="ascii") as file:
        rows = [line.split() for line in file]
    log.unlink()
    took = sorted(int(microseconds) for _, status, microseconds in rows if status == "200")
    if done.returncode != 0 or not took or len(took) != len(rows):
        raise BenchError(f"h2load against {server.name} failed:\n{done.stdout}")
    return watch.complete(
        Sample(rate=len(took) / seconds, p50_ms=_rank(took, 50) / 1000,
               p99_ms=_rank(took, 99) / 1000), len(took))


def _rank(values, percent):
    return values[min(len(values) - 1, len(values) * percent // 100)]


def post_load(binary, server, path, bodies, warm_up, seconds, connections=CONNECTIONS):
    """Clients that create articles (post_load.cpp); anything but 201 makes the run void."""
    with Watch(server) as watch:
        done = subprocess.run(
            pinned(LOAD_CORE, [binary, server.port, path, bodies, connections, warm_up, seconds]),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise BenchError(f"post_load failed: {done.stdout}{done.stderr}\n"
                         f"{server.log_text()[-1000:]}")
    result = json.loads(done.stdout)
    sample = Sample(result["per_second"], result["p50_ms"], result["p99_ms"])
    # The processor time covers the warm-up too, and so does the count of answers.
    return watch.complete(sample, result["answered"])


def run_peer(command):
    """A peer that is a program and not a server; it prints a Sample's members when it is done."""
    with Watch() as watch:
        done = subprocess.run(pinned(SERVER_CORE, command), stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode != 0:
        raise BenchError(f"{' '.join(map(str, command))}: {done.stderr}")
    return watch.complete(Sample(**json.loads(done.stdout)))


def profile(target, folder):
    """Starts `perf record` on a command, or on ["-p", pid, "--", "sleep", seconds]; returns a
    function that waits for its end and gives the top lines (none where perf cannot work)."""
    data = folder / "perf.data"
    try:
        recorder = subprocess.Popen(["perf", "record", "-q", "-F", "997", "-o", data,
                                     *map(str, target)],
                                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except FileNotFoundError:
        return lambda: []

    def top_lines():
        recorder.wait()
        done = subprocess.run(
            ["perf", "report", "-i", data, "--stdio", "--no-children", "-g", "none",
             "--percent-limit", "1", "--sort", "dso,symbol"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
        lines = [re.sub(r"[\s-]+$", "", line).strip() for line in done.stdout.splitlines()]
        return [line[:110] for line in lines if line and not line.startswith("#")][:25]

    return top_lines
