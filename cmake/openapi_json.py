"""Writes the contract as JSON: openapi_json.py api/openapi.yaml out.json"""

import json
import sys

import yaml


def main(source, target):
    with open(source, encoding="utf-8") as file:
        contract = yaml.safe_load(file)
    # Anything that JSON does not have, such as a date without quotes, is an error here.
    text = json.dumps(contract, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    with open(target, "w", encoding="utf-8") as file:
        file.write(text)


if __name__ == "__main__":
    main(*sys.argv[1:])
