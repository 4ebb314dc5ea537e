"""Brings the viewer of /docs into a folder of the build: fetch_viewer.py FOLDER NPM

The package is fetched with npm in one fixed version, and taken only if its bytes are the ones that
were looked at when the version was chosen. Exit 0: the three files are in FOLDER. Exit 3: they are
not, and why is on the last line of the output; the build goes on without the page. Exit 1: the
package is not what it should be, and the build must not go on.
"""

import base64
import hashlib
import pathlib
import subprocess
import sys
import tarfile
import tempfile

PACKAGE = "swagger-ui-dist"
VERSION = "5.35.0"
SHA512 = "U06rpMtW9V3XPGOBeamTUSr0Z09jMX4IJuANpE/EZbAhw0G8CgwrzU4YmXkn/h0wCDNsXdGarTNNHC3sU8yVUQ=="
# What becomes of which files of the package.
FILES = {
    "viewer.js": ["swagger-ui-bundle.js"],
    "viewer.css": ["swagger-ui.css"],
    "licenses.txt": ["NOTICE", "LICENSE", "swagger-ui-bundle.js.LICENSE.txt"],
}
SECONDS_MAX = 90


class Unavailable(Exception):
    """The package cannot be had now."""


def fetch(npm, folder):
    command = [npm, "pack", f"{PACKAGE}@{VERSION}", "--silent", "--ignore-scripts",
               "--prefer-offline", "--fetch-retries=0"]
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True,
                              timeout=SECONDS_MAX, check=False)
    except (OSError, subprocess.TimeoutExpired) as failure:
        raise Unavailable(f"npm could not be run: {failure}") from failure
    found = list(folder.glob("*.tgz"))
    if done.returncode != 0 or len(found) != 1:
        raise Unavailable(f"npm could not fetch {PACKAGE} {VERSION}")
    return found[0].read_bytes()


def unpack(package, folder, target):
    (folder / "package.tgz").write_bytes(package)
    with tarfile.open(folder / "package.tgz") as archive:
        for name, parts in FILES.items():
            # Read, never extracted: no path of the archive is written anywhere.
            texts = [archive.extractfile(f"package/{part}").read() for part in parts]
            # The map of the sources is not served, so nobody is to ask for it.
            kept = [line for line in b"\n\n".join(texts).split(b"\n")
                    if not line.lstrip(b"/*# ").startswith(b"sourceMappingURL")]
            (target / name).write_bytes(b"\n".join(kept))


def main(target, npm):
    target = pathlib.Path(target)
    stamp = target / "stamp"
    wanted = SHA512 + pathlib.Path(__file__).read_text(encoding="utf-8")
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return 0
    if npm.endswith("NOTFOUND"):
        print("npm is not installed")
        return 3
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        try:
            package = fetch(npm, folder)
        except Unavailable as reason:
            print(reason)
            return 3
        if base64.b64encode(hashlib.sha512(package).digest()).decode() != SHA512:
            print(f"{PACKAGE} {VERSION} is not the package that was chosen: its hash differs")
            return 1
        target.mkdir(parents=True, exist_ok=True)
        unpack(package, folder, target)
    stamp.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
