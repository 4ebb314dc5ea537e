"""Clients that generators make from the contract, against the built server:
clients.py PORTAL openapi.json FOLDER

FOLDER has the generators, as ./dev test installs them: node_modules (tests/contract/clients/
package.json) and python (requirements.txt). Each client is generated, compiled where that means
something, and goes the whole way: registers, logs in, writes, lists, looks back. Exit 1 if one does
not, 77 (skipped) if a generator is not there.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent / "clients"
ADMIN = {"PORTAL_ADMIN": "chief@example.org", "PORTAL_PASSWORD": "correct horse battery"}
SKIPPED = 77


def run(arguments, folder, **more):
    """Runs a program to its end; what it said is the reason if it fails."""
    done = subprocess.run([str(one) for one in arguments], cwd=folder, timeout=300, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, **more)
    if done.returncode != 0:
        raise RuntimeError(f"{arguments[0]} ended with {done.returncode}:\n{done.stdout}")
    return done.stdout


class Portal:
    """A server of its own, with an admin."""

    def __init__(self, program, folder):
        self.program = program
        self.folder = folder
        self.config = folder / "portal.json"
        self.config.write_text(json.dumps({
            "http": {"listen": "127.0.0.1:0"}, "operations": {"listen": "127.0.0.1:0"},
            "data": {"folder": "data"}, "log": {"console": False}}), encoding="utf-8")

    def __enter__(self):
        run([self.program, "user", "create", "--role", "admin", "--email", ADMIN["PORTAL_ADMIN"],
             "--config", self.config], self.folder, input=ADMIN["PORTAL_PASSWORD"] + "\n")
        self.process = subprocess.Popen([self.program, "--config", self.config],
                                        stdout=subprocess.DEVNULL)
        addresses = self.folder / "data" / "portal.addresses.json"
        until = time.monotonic() + 60
        while not addresses.exists():
            if self.process.poll() is not None or time.monotonic() > until:
                raise RuntimeError("the server does not start")
            time.sleep(0.01)
        self.url = "http://" + json.loads(addresses.read_text(encoding="utf-8"))["http"]
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(40)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def typescript(portal, contract, tools, folder):
    for name in ("flow.ts", "tsconfig.json", "package.json"):
        shutil.copy(HERE / name, folder / name)
    (folder / "node_modules").symlink_to(tools / "node_modules")
    commands = tools / "node_modules" / ".bin"
    run([commands / "openapi-typescript", contract, "-o", "portal.ts"], folder)
    run([commands / "tsc", "-p", "."], folder)
    return run(["node", "out/flow.js"], folder,
               env={**os.environ, **ADMIN, "PORTAL_URL": portal.url})


def python(portal, contract, tools, folder):
    commands = tools / "python" / "bin"
    run([commands / "openapi-python-client", "generate", "--path", contract, "--meta", "none",
         "--output-path", "portal_client", "--config", HERE / "generator.yaml",
         "--fail-on-warning"], folder,
        env={**os.environ, "PATH": f"{commands}:{os.environ['PATH']}"})
    shutil.copy(HERE / "flow.py", folder / "flow.py")
    return run([commands / "python", "-B", "flow.py"], folder,
               env={**os.environ, **ADMIN, "PORTAL_URL": portal.url})


def main(program, contract, tools):
    program, contract, tools = (pathlib.Path(one).resolve() for one in (program, contract, tools))
    kinds = {typescript: tools / "node_modules" / "openapi-fetch",
             python: tools / "python" / "bin" / "openapi-python-client"}
    there = [kind for kind, needed in kinds.items() if needed.exists()]
    for kind in kinds.keys() - set(there):
        print(f"No client in {kind.__name__}: {kinds[kind]} is not there; ./dev test installs it "
              "where npm and pip are.")
    failed = False
    with tempfile.TemporaryDirectory(prefix="portal-clients-") as made:
        folder = pathlib.Path(made)
        if there:
            with Portal(program, folder) as portal:
                for kind in there:
                    (folder / kind.__name__).mkdir()
                    try:
                        print(kind(portal, contract, tools, folder / kind.__name__), end="")
                    except (RuntimeError, subprocess.TimeoutExpired) as reason:
                        print(f"{kind.__name__}: {reason}")
                        failed = True
    if failed:
        return 1
    return 0 if len(there) == len(kinds) else SKIPPED


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
