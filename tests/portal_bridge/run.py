"""Runs the tests of the Django app `portal_bridge`: run.py PYTHON [argument of `manage.py test`…]

PYTHON is the one whose Django is meant. Ends with 77 (skipped) where there is none."""

import os
import pathlib
import subprocess
import sys
import tempfile

SKIPPED = 77
HERE = pathlib.Path(__file__).resolve().parent


def main(python, *arguments):
    if not os.access(python, os.X_OK) or subprocess.run([python, "-c", "import django"]).returncode:
        print(f"This test is skipped: {python} has no Django; ./dev test installs it.")
        return SKIPPED
    # In memory where that is possible: what is tested outlives processes, not machines.
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="portal_bridge_", dir=memory) as folder:
        environment = {**os.environ, "BRIDGE_DATA": folder, "PYTHONDONTWRITEBYTECODE": "1"}
        environment.pop("PORTAL_BRIDGE_KEY", None)
        command = [python, "-B", "manage.py", "test", "--noinput", *arguments]
        return subprocess.run(command, cwd=HERE, env=environment).returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
