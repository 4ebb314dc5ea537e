"""Is each kind of fault found? A detector that has never been seen to fail proves nothing."""

import copy
import json
import pathlib
import sys
import unittest

from contract import Contract
from exchange import Check

TIME = "2026-05-04T10:20:30.123Z"
ITEM = {"id": 7, "version": 1, "title": "t", "description": "", "content": "c", "author": "a",
        "tags": ["x"], "news_type": "sports", "status": "published", "created_at": TIME,
        "updated_at": TIME, "published_at": TIME}
FIELDS = [["Date", "Sun, 22 Nov 2026 07:00:00 GMT"], ["Server", "portal"],
          ["X-Request-Id", "r1"], ["X-Content-Type-Options", "nosniff"],
          ["Cache-Control", "no-cache"], ["Content-Type", "application/json; charset=utf-8"]]


def line(**changed):
    """A good exchange, but for what is changed."""
    made = {"method": "GET", "target": "/v1/news/sports/7", "fields": [], "body": "",
            "status": 200, "answer_fields": FIELDS + [["ETag", '"1.1"']],
            "answer_body": json.dumps({"status": "success", "news": ITEM})}
    made.update(changed)
    return made


def failure(status, code, **changed):
    body = {"status": "fail", "error": code, "message": "m", "request_id": "r1"}
    fields = FIELDS + changed.pop("fields_too", [])
    return line(status=status, answer_body=json.dumps(body), answer_fields=fields, **changed)


def walk(node, place=()):
    """Every object of the contract with the names that lead to it, but not inside examples."""
    if isinstance(node, dict):
        yield node, place
        for name, value in node.items():
            if name not in ("example", "examples"):
                yield from walk(value, place + (name,))
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from walk(value, place + (str(number),))


def codes_in(contract):
    """Every error code that the contract speaks of."""
    codes = set()
    for node, _ in walk(contract):
        for named in node.get("x-statuses", {}).values():
            codes.update(named)
    for name, one in contract["components"]["examples"].items():
        if isinstance(one["value"], dict) and "error" in one["value"]:
            codes.add(one["value"]["error"])
    return codes


def stumbling_blocks(contract):
    """What validators take and generators of clients do not: see the head of api/openapi.yaml."""
    found = []
    for node, place in walk(contract):
        where = "/".join(place)
        schema = place and place[-1] in ("schema", "items") or place[-2:-1] in (
            ("properties",), ("schemas",))
        if not schema:
            continue
        if "const" in node:
            found.append(f"{where}: const")
        if "default" in node:
            found.append(f"{where}: default")
        if "pattern" in node and "format" in node:
            found.append(f"{where}: pattern beside format")
        if node.get("format") == "password":
            found.append(f"{where}: asterisks instead of the password")
        if node.get("type") == "array" and "items" not in node:
            found.append(f"{where}: a list of what?")
        if "properties" in node and place[-2:-1] != ("schemas",):
            found.append(f"{where}: an object without a name")
    for node, place in walk(contract):
        if node.get("in") in ("query", "header", "cookie") and not node.get("required"):
            if "example" in node or "examples" in node:
                found.append(f"{'/'.join(place)}: an example that /docs sends")
        if place[-1:] == ("content",) and len(node) > 1:
            found.append(f"{'/'.join(place)}: a choice of types")
    names = {}
    for kind in ("schemas", "responses", "parameters"):
        for name in contract["components"][kind]:
            names.setdefault(name.lower(), []).append(f"{kind}/{name}")
    found += [f"{' and '.join(same)}: one name" for same in names.values() if len(same) > 1]
    return found


class CheckTest(unittest.TestCase):
    contract = None

    def faults(self, one):
        check = Check(self.contract)
        check.take(one)
        return " ".join(check.faults)

    def assert_good(self, one):
        self.assertEqual(self.faults(one), "")

    def assert_fault(self, one, word):
        self.assertIn(word, self.faults(one))

    def test_good_exchanges_have_no_fault(self):
        self.assert_good(line())
        self.assert_good(line(target="/news/v1/sports/7/?x=y"))
        self.assert_good(line(method="HEAD", answer_body=""))
        self.assert_good(line(status=304, answer_body=""))
        self.assert_good(failure(404, "news_not_found"))
        self.assert_good(failure(404, "not_found", target="/v1/nothing"))
        self.assert_good(failure(400, "malformed_request"))
        self.assert_good(failure(405, "method_not_allowed", method="PATCH",
                                 fields_too=[["Allow", "DELETE, GET, HEAD, OPTIONS"]]))
        self.assert_good(line(method="OPTIONS", status=204, answer_body="",
                              answer_fields=FIELDS + [["Allow", "DELETE, GET, HEAD, OPTIONS"]]))

    def test_a_status_that_is_not_documented(self):
        self.assert_fault(failure(402, "pay"), "no such status")

    def test_a_path_that_is_not_documented(self):
        self.assert_fault(line(target="/v1/secret"), "nothing in the contract answers that")

    def test_a_path_that_should_be_there(self):
        self.assert_fault(failure(404, "not_found", target="/v1/users/5", method="PATCH"),
                          "the contract has that path")

    def test_a_wrong_allow(self):
        self.assert_fault(failure(405, "method_not_allowed", method="PATCH",
                                  fields_too=[["Allow", "GET"]]), "Allow is")

    def test_a_code_that_is_not_documented(self):
        self.assert_fault(failure(404, "user_not_found"), "does not name the code")

    def test_a_field_that_is_missing_or_unknown(self):
        self.assert_fault(line(answer_fields=FIELDS), "ETag is missing")
        for name in ("Date", "X-Request-Id", "Cache-Control", "X-Content-Type-Options"):
            fields = [one for one in line()["answer_fields"] if one[0] != name]
            self.assert_fault(line(answer_fields=fields), f"{name} is missing")
        self.assert_fault(line(answer_fields=line()["answer_fields"] + [["X-Debug", "1"]]),
                          "does not name the field x-debug")
        self.assert_fault(failure(401, "unauthenticated"), "WWW-Authenticate is missing")
        self.assert_fault(failure(503, "overloaded"), "Retry-After is missing")
        self.assert_fault(failure(429, "too_many_requests", target="/v1/no"),
                          "Retry-After is missing")
        self.assert_fault(failure(405, "method_not_allowed", method="PATCH"), "Allow is missing")

    def test_a_weak_etag(self):
        self.assert_fault(line(answer_fields=FIELDS + [["ETag", 'W/"1"']]), "ETag:")

    def test_a_body_that_is_not_what_it_should_be(self):
        for changed, word in (({"id": "7"}, "news/id"), ({"secret": 1}, "secret"),
                              ({"created_at": "today"}, "news/created_at"),
                              ({"status": "gone"}, "news/status")):
            item = copy.deepcopy(ITEM)
            item.update(changed)
            body = json.dumps({"status": "success", "news": item})
            self.assert_fault(line(answer_body=body), word)
        item = {name: value for name, value in ITEM.items() if name != "author"}
        body = json.dumps({"status": "success", "news": item})
        self.assert_fault(line(answer_body=body), "author")
        self.assert_fault(line(answer_body="{"), "no JSON")

    def test_bytes_of_a_range_of_media_types(self):
        fields = [[name, "image/webp" if name == "Content-Type" else value]
                  for name, value in FIELDS] + [["ETag", '"1"'], ["Accept-Ranges", "bytes"]]
        target = "/v1/media/7/320.webp"
        one = {"target": target, "answer_body": "\ufffd", "answer_fields": fields}
        self.assert_good(line(**one))
        fields[-3] = ["Content-Type", "text/html"]
        self.assert_fault(line(**one), "no content type `text/html`")

    def test_a_body_where_none_may_be(self):
        self.assert_fault(line(status=304), "where none may be")
        self.assert_fault(line(method="HEAD"), "where none may be")

    def test_a_problem_document_only_for_who_asks(self):
        fields = [one if one[0] != "Content-Type" else [one[0], "application/problem+json"]
                  for one in FIELDS]
        body = {"type": "about:blank", "title": "Not Found", "status": 404, "detail": "d",
                "error": "news_not_found", "request_id": "r1"}
        asked = [["Accept", "text/html, application/problem+json"]]
        one = {"status": 404, "answer_fields": fields, "answer_body": json.dumps(body)}
        self.assert_good(line(fields=asked, **one))
        self.assert_fault(line(**one), "nobody asked")
        one["answer_body"] = json.dumps({**body, "message": "m"})
        self.assert_fault(line(fields=asked, **one), "message")

    def test_what_generators_stumble_over(self):
        contract = self.contract.open
        self.assertEqual(stumbling_blocks(contract), [])
        codes = contract["components"]["schemas"]["ErrorCode"]["enum"]
        self.assertEqual(codes, sorted(codes_in(contract)))
        for place, bad in (("Time", {"type": "string", "format": "date-time", "pattern": "x"}),
                           ("NewsCreation", {"type": "string", "default": "x"}),
                           ("NewsCreation", {"const": True}),
                           ("Extra", {"type": "array"}),
                           ("Extra", {"type": "string", "format": "password"}),
                           ("news", {"type": "string"}), ("Newsitem", {"type": "string"}),
                           ("Extra", {"type": "array", "items": {"type": "object",
                                                                 "properties": {}}})):
            broken = copy.deepcopy(contract)
            broken["components"]["schemas"][place] = bad
            found = stumbling_blocks(broken)
            self.assertEqual(len(found), 0 if place == "news" else 1, (place, bad, found))
        broken = copy.deepcopy(contract)
        broken["components"]["parameters"]["Limit"]["example"] = 20
        self.assertEqual(len(stumbling_blocks(broken)), 1)

    def test_a_failure_with_another_request_id(self):
        one = failure(404, "news_not_found")
        one["answer_body"] = one["answer_body"].replace("r1", "r2")
        self.assert_fault(one, "request_id")

    def test_a_request_that_the_contract_does_not_allow(self):
        self.assert_fault(line(target="/v1/news/sports/x"), "the server took id")
        stored = {"method": "PUT", "target": "/v1/news/sports", "status": 201,
                  "answer_fields": line()["answer_fields"] + [["Location", "/v1/news/sports/7"]]}
        self.assert_good(line(body='{"id":7,"version":1,"unknown":true}', **stored))
        self.assert_fault(line(body='{"version":1}', **stored), "the server took")


if __name__ == "__main__":
    CheckTest.contract = Contract(pathlib.Path(sys.argv.pop(1)).read_text(encoding="utf-8"))
    unittest.main()
