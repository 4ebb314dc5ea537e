"""Runs fuzz harnesses: run.py FOLDER [--seconds N] [NAME…]. FOLDER is where they are built.

All of them, two at a time, or those named. What they learn stays in FOLDER/corpus, what they find
goes to FOLDER/findings. Without --seconds it is 5, or 300 for PORTAL_TEST_LONG=1. The short size takes
the same random numbers each time, so that a commit is not refused by chance. Ends with 1 if something
was found, with 77 (skipped) if nothing is built.
"""
import argparse
import base64
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import seeds

AT_ONCE = 2
ONE_INPUT_SECONDS = 10
MEMORY_MB = 2048
SHORT_SECONDS = 5
# How long an input may be; a longer one costs runs and finds no more. A wrong name in the
# configuration is compared with each right one.
INPUT_BYTES = 4096
INPUT_BYTES_OF = {"config": 800}


def command(folder, name, seconds):
    corpus = folder / "corpus" / name
    corpus.mkdir(parents=True, exist_ok=True)
    (folder / "findings").mkdir(exist_ok=True)
    return [
        str(folder / f"fuzz_{name}"),
        f"-max_total_time={seconds}",
        f"-seed={1 if seconds <= SHORT_SECONDS else 0}",  # 0: of the clock
        f"-max_len={INPUT_BYTES_OF.get(name, INPUT_BYTES)}",
        f"-timeout={ONE_INPUT_SECONDS}",
        f"-rss_limit_mb={MEMORY_MB}",
        f"-dict={folder / 'seeds' / (name + '.words')}",
        f"-artifact_prefix={folder / 'findings' / name}-",
        "-print_final_stats=1",
        str(corpus),
        str(folder / "seeds" / name),
    ]


def environment():
    """Every sanitizer ends the program, whatever the caller has set for other programs."""
    options = "detect_stack_use_after_return=1:strict_string_checks=1"
    if symbolizer := shutil.which("llvm-symbolizer-16"):
        options += f":external_symbolizer_path={symbolizer}"
    return {**os.environ, "ASAN_OPTIONS": options, "UBSAN_OPTIONS": "print_stacktrace=1"}


def last(pattern, said):
    found = re.findall(pattern, said)
    return found[-1] if found else "?"


def run(folder, name, seconds):
    """Whether it found nothing, and what to say of it."""
    ended = subprocess.run(command(folder, name, seconds), env=environment(), text=True,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT, errors="replace",
                           check=False)
    said = ended.stdout
    if ended.returncode == 0:
        runs = last(r"number_of_executed_units: (\d+)", said)
        speed = last(r"average_exec_per_sec: +(\d+)", said)
        coverage, features = last(r"cov: (\d+)", said), last(r"ft: (\d+)", said)
        return True, f"{name:13} {runs:>9} runs {speed:>6}/s  {coverage:>5} edges {features:>6} features"
    file = last(r"Test unit written to (\S+)", said)
    again = f"\nAgain: {folder / ('fuzz_' + name)} {file}"
    if Path(file).is_file() and "Base64: " not in said:  # it only shows short ones
        again += "\nBase64: " + base64.b64encode(Path(file).read_bytes()).decode()
    return False, f"{name:13} FOUND SOMETHING\n" + "\n".join(telling(said)) + again


def telling(said):
    """What libFuzzer and the sanitizers say, without the frames that every report has."""
    dull = re.compile(r"#\d+\s|\s*NEW_FUNC|INFO: |stat::|0x[0-9a-f]{2},|\s+#\d+ .*( fuzzer::|/lib/|_start| main )")
    lines = [line[:300] for line in said.splitlines() if line and not dull.match(line)]
    return lines[:60]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seconds", type=int,
                        default=300 if os.environ.get("PORTAL_TEST_LONG") else SHORT_SECONDS)
    parser.add_argument("names", nargs="*")
    arguments = parser.parse_intermixed_args()

    folder = arguments.folder.resolve()
    names = arguments.names or sorted(file.stem for file in Path(__file__).parent.glob("*.cpp"))
    missing = [name for name in names if not (folder / f"fuzz_{name}").exists()]
    if missing:
        print(f"Not built in {folder}: {' '.join(missing)}. ./dev fuzz builds them.")
        return 77 if missing == names else 1
    seeds.write(folder / "seeds")
    if len(names) == 1:
        name = names[0]
        os.execve(folder / f"fuzz_{name}", command(folder, name, arguments.seconds), environment())

    good = True
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for nothing_found, said in pool.map(lambda name: run(folder, name, arguments.seconds), names):
            print(said, flush=True)
            good = good and nothing_found
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
