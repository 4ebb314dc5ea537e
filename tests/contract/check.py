"""Holds what the system tests were answered against the contract: check.py openapi.json FOLDER

FOLDER has the recordings (tests/support/recorder.hpp). Exit 1 if an answer is not what the contract
says, or if there is nothing to look at. What no test has seen yet is told, but is no failure.
"""

import json
import pathlib
import sys

from contract import Contract
from exchange import Check

SHOWN_MAX = 60


def tell_what_was_not_seen(contract, check):
    unused = [one.name for one in contract.operations if one.name not in check.seen]
    if unused:
        print("Operations that no test asked for:")
        for name in unused:
            print(f"  {name}")
    print("Statuses that no test was answered:")
    for one in contract.operations:
        missing = sorted(set(one.responses) - check.seen.get(one.name, set()) - {"default"})
        if missing and one.name not in unused:
            print(f"  {one.name}: {' '.join(missing)}")
    named = {}
    for one in contract.operations:
        for status, response in one.responses.items():
            content = response.get("content", {}).get("application/json", {})
            if status[0] in "45":
                named.setdefault(status, set()).update(content.get("examples", {}))
    missing = sorted(f"{code} ({status})" for status, codes in named.items()
                     for code in codes - check.codes.get(status, set()))
    print("Error codes that no test was answered:")
    print("  " + ", ".join(missing))


def main(contract_file, folder):
    contract = Contract(pathlib.Path(contract_file).read_text(encoding="utf-8"))
    check = Check(contract)
    for file in sorted(pathlib.Path(folder).glob("*.jsonl")):
        with open(file, encoding="utf-8") as lines:
            for line in lines:
                check.take(json.loads(line))
    if check.count == 0:
        print(f"There are no recordings in {folder}: nothing was checked.")
        return 1
    tell_what_was_not_seen(contract, check)
    print(f"{check.count} exchanges, {check.validated} different bodies, {len(check.seen)} of "
          f"{len(contract.operations)} operations, {len(check.faults)} faults.")
    shown = sorted(set(check.faults))
    for fault in shown[:SHOWN_MAX]:
        print(fault)
    if len(shown) > SHOWN_MAX:
        print(f"… and {len(shown) - SHOWN_MAX} more.")
    return 1 if check.faults else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
