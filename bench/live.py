#!/usr/bin/env python3
"""How soon everybody who listens hears of an event, and what listening costs (P13).

    python3 bench/live.py [--portal BINARY] [--peers FOLDER] [--readers N] [--events N]
"""
import argparse
import json
import pathlib
import resource
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

from servers import pinned  # noqa: E402
from trial import Trial  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description="Measures live streams.")
    root = pathlib.Path(__file__).resolve().parent.parent
    parser.add_argument("--portal", type=pathlib.Path, default=root / "build/bench/portal")
    parser.add_argument("--peers", type=pathlib.Path, default=root / "build/bench/bench")
    parser.add_argument("--readers", type=int, default=10_000)
    parser.add_argument("--events", type=int, default=20)
    options = parser.parse_args()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with tempfile.TemporaryDirectory(dir=options.portal.parent) as folder:
        it = Trial(options.portal, folder, ["sports"])
        settings = json.loads(it.config.read_text())
        settings["live"] = {"readers_max": 2 * options.readers + 2}
        settings["http"]["connections_max"] = options.readers + 100
        it.config.write_text(json.dumps(settings))
        # The clients take as much as the server: each has a core.
        server = subprocess.Popen(pinned("0", [options.portal, "--config", it.config]),
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            it.wait(lambda backlog: backlog is not None)
            load = [options.peers / "live_load", it.port, server.pid, options.readers,
                    options.events]
            sys.exit(subprocess.run(pinned("1", load), check=False).returncode)
        finally:
            server.terminate()
            server.wait(60)


if __name__ == "__main__":
    main()
