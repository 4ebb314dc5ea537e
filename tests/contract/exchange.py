"""What is wrong with one recorded exchange, by the contract."""

import base64
import json
import re
import zlib
from urllib.parse import parse_qsl

# What HTTP itself puts on a message; the contract need not speak of it.
FRAMING = {"date", "server", "content-length", "content-type", "connection", "keep-alive",
           "transfer-encoding"}


def body_of(line, name):
    if name in line:
        return line[name].encode()
    text = line[name + "_base64url"]
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def content_of(content, media_type):
    """What the contract says of a media type, perhaps as one of a range; None if nothing."""
    for name in (media_type, media_type.partition("/")[0] + "/*", "*/*"):
        if name in content:
            return content[name]
    return None


def left_out_as_asked(exchange, fault):
    """Of items with some of their members (`fields`) the others are missing, and may be."""
    wanted = dict(parse_qsl(exchange.target.partition("?")[2])).get("fields")
    match = re.search(r"'(\w+)' is a required property", fault)
    return bool(wanted and match and match[1] not in wanted.split(","))


def is_bytes(content):
    """Whether the contract says no more of a body than that it is bytes."""
    return bool(content) and content["schema"].get("format") == "binary"


# What a status means nothing without, whoever answers with it.
NEEDED = {401: "WWW-Authenticate", 405: "Allow", 429: "Retry-After", 503: "Retry-After"}


class Exchange:
    def __init__(self, line):
        self.method = line["method"]
        self.target = line["target"]
        self.status = line["status"]
        self.fields = {name.lower(): value for name, value in line["fields"]}
        self.answer_fields = {}
        for name, value in line["answer_fields"]:
            known = self.answer_fields.get(name.lower())
            self.answer_fields[name.lower()] = value if known is None else f"{known}, {value}"
        self.body = body_of(line, "body")
        self.answer = body_of(line, "answer_body")

    def media_type(self):
        return self.answer_fields.get("content-type", "").split(";")[0].strip().lower()


class Check:
    """Collects faults and what was seen, over all exchanges."""

    def __init__(self, contract):
        self.contract = contract
        self.faults = []
        self.seen = {}
        self.codes = {}
        self.count = 0
        self.validated = 0
        self.known = set()

    def take(self, line):
        """One line of a recording."""
        exchange = Exchange(line)
        self.count += 1
        asked = f"{exchange.method} {exchange.target[:100]} → {exchange.status}"
        self.faults += [f"{asked}: {fault}" for fault in self.faults_of(exchange)]

    def faults_of(self, exchange):
        pattern, values = self.contract.pattern_of(exchange.target)
        method = "get" if exchange.method == "HEAD" else exchange.method.lower()
        operation = self.contract.by_name.get((pattern, method))
        if not operation:
            return self.faults_outside(exchange, pattern)
        response = operation.responses.get(str(exchange.status))
        if response is None and not self.other_codes(exchange.status):
            missing = operation.optional and exchange.status == 404
            if not missing:
                return [f"the contract of {operation.name} has no such status"]
        self.seen.setdefault(operation.name, set()).add(str(exchange.status))
        faults = self.faults_of_answer(exchange, response or self.contract.other, operation)
        if exchange.status < 300:
            faults += self.faults_of_request(exchange, operation, values)
        return faults

    def other_codes(self, status):
        return self.contract.other["x-statuses"].get(str(status), [])

    def faults_outside(self, exchange, pattern):
        """Of what reaches no operation: no such path or method, OPTIONS, or no good HTTP."""
        allow = {one.strip() for one in exchange.answer_fields.get("allow", "").split(",")}
        preflight = "access-control-request-method" in exchange.fields
        if exchange.method == "OPTIONS" and exchange.status == 204:
            if exchange.answer:
                return ["an answer to OPTIONS has a body"]
            granted = preflight and "access-control-allow-methods" in exchange.answer_fields
            if pattern and not granted and allow != self.contract.methods_of(pattern):
                return [f"Allow is {sorted(allow)}"]
            return self.faults_of_fields(exchange, self.contract.other)
        faults = self.faults_of_answer(exchange, self.contract.other, None)
        if not self.other_codes(exchange.status):
            return faults + ["nothing in the contract answers that"]
        if pattern and exchange.status == 405 and allow != self.contract.methods_of(pattern):
            faults.append(f"Allow is {sorted(allow)}")
        if pattern and exchange.status == 404:
            faults.append("the contract has that path")
        return faults

    def faults_of_answer(self, exchange, response, operation):
        faults = self.faults_of_fields(exchange, response)
        content = response.get("content")
        if exchange.method == "HEAD" or not content:
            if exchange.answer:
                faults.append("there is a body where none may be")
            return faults
        media_type = exchange.media_type()
        is_problem = exchange.status >= 400 and media_type == "application/problem+json"
        if is_problem and "application/problem+json" not in exchange.fields.get("accept", ""):
            faults.append("nobody asked for a problem document")
        wanted = content_of(content, media_type)
        if not wanted and not is_problem:
            return faults + [f"the contract knows no content type `{media_type}` there"]
        body = self.decoded(exchange)
        if body is None or is_bytes(wanted):
            return faults
        if media_type.endswith("json"):
            try:
                body = json.loads(body)
            except ValueError:
                return faults + ["the body is no JSON"]
        else:
            body = body.decode()
        schema = self.contract.problem if is_problem else wanted["schema"]
        found = self.faults_of_body(schema, body)
        faults += [fault for fault in found if not left_out_as_asked(exchange, fault)]
        if exchange.status >= 400 and isinstance(body, dict):
            faults += self.faults_of_failure(exchange, response, operation, body)
        return faults

    def faults_of_body(self, schema, body):
        """The same body again need not be looked at again."""
        key = (json.dumps(schema, sort_keys=True), json.dumps(body, sort_keys=True))
        if hash(key) in self.known:
            return []
        self.validated += 1
        faults = self.contract.problems(schema, body, True)
        if not faults:
            self.known.add(hash(key))
        return faults

    def faults_of_failure(self, exchange, response, operation, body):
        code = body.get("error")
        faults = []
        if body.get("request_id") != exchange.answer_fields.get("x-request-id"):
            faults.append("request_id is not X-Request-Id")
        if "detail" in body and body.get("status") != exchange.status:
            faults.append("the problem document has another status")
        known = set(self.other_codes(exchange.status))
        if response is not self.contract.other:
            known |= set(response["content"]["application/json"].get("examples", {}))
        if operation and operation.optional and exchange.status == 404:
            known.add("not_found")
        if code not in known:
            faults.append(f"the contract does not name the code {code} there")
        self.codes.setdefault(str(exchange.status), set()).add(code)
        return faults

    def faults_of_fields(self, exchange, response):
        faults = []
        needed = NEEDED.get(exchange.status)
        if needed and needed.lower() not in exchange.answer_fields:
            faults.append(f"{needed} is missing")
        named = response.get("headers", {})
        always = self.contract.other["headers"]
        for name, node in {**always, **named}.items():
            header = self.contract.resolve(node)
            value = exchange.answer_fields.get(name.lower())
            if value is None:
                if header.get("required"):
                    faults.append(f"{name} is missing")
                continue
            for problem in self.contract.value_problems(header["schema"], value):
                faults.append(f"{name}: {problem}")
        known = FRAMING | {name.lower() for name in named} | {name.lower() for name in always}
        for name in exchange.answer_fields:
            if name not in known:
                faults.append(f"the contract does not name the field {name} there")
        if "date" not in exchange.answer_fields:
            faults.append("Date is missing")
        return faults

    def faults_of_request(self, exchange, operation, path_values):
        """What was taken must be what the contract says may be sent."""
        faults = []
        query = dict(parse_qsl(exchange.target.partition("?")[2], keep_blank_values=True))
        places = {"path": path_values, "query": query, "header": exchange.fields}
        for parameter in operation.parameters:
            name = parameter["name"]
            place = places[parameter["in"]]
            value = place.get(name.lower() if parameter["in"] == "header" else name)
            if not value:
                continue
            for problem in self.contract.value_problems(parameter["schema"], value):
                faults.append(f"the server took {name}: {problem}")
        wanted = operation.node.get("requestBody")
        if not wanted:
            return faults
        if not exchange.body:
            return faults + (["the server took no body"] if wanted.get("required") else [])
        if "application/json" not in wanted["content"]:
            return faults  # bytes, or a form of them
        schema = wanted["content"]["application/json"]["schema"]
        body = json.loads(exchange.body)
        if body is None and not wanted.get("required"):
            return faults  # as good as none
        for problem in self.contract.problems(schema, body, False):
            faults.append(f"the server took {problem}")
        return faults

    @staticmethod
    def decoded(exchange):
        """The body as it was before it was compressed; None if that cannot be undone here."""
        coding = exchange.answer_fields.get("content-encoding")
        if coding == "gzip":
            return zlib.decompress(exchange.answer, wbits=31)
        return None if coding else exchange.answer
