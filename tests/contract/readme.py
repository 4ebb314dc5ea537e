"""Walks the commands of a page on the built server, and compares what they say with what stands
there: readme.py PORTAL README.md

Each block of a command (`$ …`, with what follows a `\\`, a `|` or `<<'END'`) and its output is run
in order, in one folder, with one shell's variables. JSON is compared member by member: what changes
from run to run (ids, times, tokens) by its type, the rest by its value; `…` stands for more. Other
text line by line, with numbers that a clock or a machine makes left out.
"""

import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time

VOLATILE = {"id", "news_id", "request_id", "access_token", "refresh_token", "weight", "last_seen",
            "at", "created_at", "updated_at", "published_at"}
# Typed at the question that `user create` asks.
TYPED = "ink and paper\n"
PATIENCE = 60


def blocks(text):
    """(command, output) in order: of each fenced block that has a `$`."""
    for fence in re.findall(r"^```\n(.*?)^```$", text, re.S | re.M):
        command, output = None, []
        here = None
        for line in fence.split("\n"):
            if line.startswith("$ "):
                if command:
                    yield command, output
                command, output = line[2:], []
                here = "END" if "<<'END'" in line else None
            elif command and (here or command.endswith(("\\", "|"))):
                command += "\n" + line
                here = None if line == here else here
            elif command and line.strip():
                output.append(line)
        if command:
            yield command, output


def parsed(text):
    """JSON as it stands in the README, with `…` for members that are left out."""
    return json.loads(text.replace(", …}", ', "…": 0}'))


def differences(shown, real, where=""):
    if isinstance(shown, dict) and isinstance(real, dict):
        more = "…" in shown
        names = set(shown) - {"…"}
        found = [f"{where}/{name}: is not there" for name in names - set(real)]
        if not more:
            found += [f"{where}/{name}: is not shown" for name in set(real) - names]
        for name in names & set(real):
            if name in VOLATILE and type(shown[name]) is type(real[name]):
                continue
            found += differences(shown[name], real[name], f"{where}/{name}")
        return found
    if isinstance(shown, list) and isinstance(real, list):
        if len(shown) != len(real):
            return [f"{where}: {len(real)} and not {len(shown)}"]
        return [one for pair in zip(shown, real) for one in differences(*pair, where)]
    return [] if shown == real else [f"{where}: {real!r} and not {shown!r}"]


def plain(line):
    """A line of text without what differs from machine to machine."""
    line = re.sub(r"127\.0\.0\.1:\d+", "ADDRESS", line)
    line = re.sub(r"\d+\.\d+ s", "N s", line)
    line = re.sub(r"admin \d+", "admin N", line)
    return re.sub(r"/\S*/", "/", line).strip()


class Walk:
    def __init__(self, program, folder):
        self.folder = folder
        self.server = None
        self.address = None
        self.last = None
        self.set_up = []
        self.faults = []
        (folder / "config").mkdir()
        (folder / "config" / "portal.json").write_text(json.dumps({
            "http": {"listen": "127.0.0.1:0"}, "operations": {"listen": "127.0.0.1:0"},
            "log": {"console": False}}), encoding="utf-8")
        (folder / "portal").symlink_to(program)

    def stop(self):
        if self.server:
            self.server.terminate()
            try:
                self.server.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.server.kill()
                self.server.wait()
            self.server = None

    def serve(self, options):
        self.stop()
        self.server = subprocess.Popen(
            ["./portal", "--config", "config/portal.json", *options], cwd=self.folder,
            stdout=subprocess.PIPE, text=True)
        said = self.server.stdout.readline()
        self.address = said.split("http://")[1].split()[0] if "http://" in said else None
        return said

    def shell(self, command):
        """What was set before is set again: one shell would do, but could also hang."""
        script = "\n".join([*self.set_up, command])
        done = subprocess.run(["bash", "-c", script], cwd=self.folder, input=TYPED, text=True,
                              stdout=subprocess.PIPE, timeout=PATIENCE, check=False)
        return done.stdout

    def run(self, command, output):
        served = re.fullmatch(r"\./(?:dev run|portal --config config/portal\.json)(.*)", command)
        if served:
            return self.compare_text(command, output, self.serve(served[1].split()))
        if command.startswith("./portal user create"):
            self.stop()  # as the page says before it
        command = command.replace("localhost:8080", self.address)
        given = re.fullmatch(r"(\w+)=\d+", command)
        if given:
            self.set_up.append(f"{given[1]}={self.id_of_last()}")
            return None
        variable = re.match(r"(\w+)=\$\(", command)
        if variable:
            # Once, and not each time that it is needed.
            value = self.shell(command + f'\nprintf %s "${variable[1]}"')
            self.set_up.append(f"{variable[1]}='{value}'")
            return None
        if re.match(r"\w+\(\) \{", command):
            self.set_up.append(command)
            return None
        if output and output[0][0] in "{[":
            return self.compare_json(command, output)
        return self.compare_text(command, output, self.shell(command))

    def id_of_last(self):
        return self.last["news"]["id"] if "news" in self.last else self.last["id"]

    def compare_json(self, command, output):
        shown = parsed("".join(output))
        until = time.monotonic() + 10
        while True:
            said = self.shell(command)
            real = json.loads(said)
            found = differences(shown, real)
            # What is learned from a visit takes a moment.
            if not found or "recommendation" not in command or time.monotonic() > until:
                break
            time.sleep(0.05)
        self.last = real
        if found:
            self.faults.append(f"$ {command}\n  said {said}\n  " + "\n  ".join(found))

    def compare_text(self, command, output, said):
        # The questions are asked at a terminal only.
        shown = [plain(one) for one in output if not one.endswith(":")]
        real = [plain(one) for one in said.splitlines()]
        if shown != real:
            self.faults.append(f"$ {command}\n  said  {real}\n  shown {shown}")


def main(program, readme):
    text = pathlib.Path(readme).read_text(encoding="utf-8")
    steps = list(blocks(text))
    if not shutil.which("curl"):
        print(f"curl is not there, and {readme} uses it.")
        return 77
    with tempfile.TemporaryDirectory(prefix="portal-readme-") as made:
        walk = Walk(pathlib.Path(program).resolve(), pathlib.Path(made))
        try:
            for command, output in steps:
                walk.run(command, output)
        finally:
            walk.stop()
    for fault in walk.faults:
        print(fault)
    print(f"{len(steps)} commands of {readme}, {len(walk.faults)} faults.")
    return 1 if walk.faults or len(steps) < 12 else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
