"""Whether an installation has what it must: installed.py BUILD_FOLDER"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

FILES = ["bin/portal", "etc/portal/portal.json", "lib/systemd/system/portal.service",
         "lib/systemd/system/portal.socket", "lib/sysusers.d/portal.conf",
         "share/doc/portal/copyright", "share/portal/nginx.conf", "share/portal/portal.json"]


def run(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}: {done.stdout}")
    return done.stdout


def check(holds, sentence):
    if not holds:
        sys.exit(sentence)


def install(build, prefix):
    run("cmake", "--install", build, "--component", "runtime", "--prefix", prefix)


def main():
    build = pathlib.Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        prefix = pathlib.Path(folder) / "prefix"
        install(build, prefix)
        for name in FILES:
            check((prefix / name).is_file(), f"{name} is not installed")
        unit = (prefix / FILES[2]).read_text("utf-8")
        settings = prefix / FILES[1]
        check(f"ExecStart={prefix}/bin/portal --config {settings}\n" in unit,
              "the unit does not start what was installed")
        page = re.search(r"^Documentation=file:(.*)$", unit, re.M)[1]
        check(pathlib.Path(page).is_file(), f"the page that the unit names, {page}, is not there")
        check("@" not in unit.replace("@system-service", "").replace("@privileged", ""),
              "something in the unit was not filled in")
        said = run(prefix / "bin/portal", "--check-config", "--config", settings)
        check(said == "The configuration is good.\n", said)
        # Who has no systemd has nobody who could read its units.
        if shutil.which("systemd-analyze"):
            said = run("systemd-analyze", "verify", "--recursive-errors=no",
                       *(prefix / name for name in FILES[2:4]))
            check("portal" not in said, said)

        settings.write_text("// Ours.\n{}\n", encoding="utf-8")
        install(build, prefix)
        check(settings.read_text("utf-8") == "// Ours.\n{}\n", "settings that were there are lost")


main()
