"""The contract as the check needs it: which operation a request is, and what its answer may be."""

import copy
import json
import re
from urllib.parse import unquote

# jsonschema has a newer way to resolve references, but Debian 12 has 4.10.
from jsonschema import Draft202012Validator, RefResolver

# The older forms of paths that the contract promises in its guide.
ALIASES = {("users", "v1"): ("v1", "users"),
           ("news", "v1"): ("v1", "news"),
           ("recommendation", "v1"): ("v1", "recommendation")}
METHODS = ("get", "put", "post", "delete", "patch")


# The contract names the format only, since generators stumble over a pattern beside it.
TIME = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$"


def problem_document(failure):
    """The schema of a failure in the form of RFC 9457, which the contract describes in its guide: in
    the operations it would make every failure a choice of two types."""
    members = dict(failure["properties"])
    del members["message"]
    members.update({"type": {"const": "about:blank"}, "title": {"type": "string"},
                    "status": {"type": "integer", "minimum": 400, "maximum": 599},
                    "detail": {"type": "string", "minLength": 1}})
    return {"type": "object", "properties": members,
            "required": ["type", "title", "status", "detail", "error", "request_id"]}


def closed(node):
    """The same schemas, but without members that they do not name: an answer must not have any
    that nobody wrote down. (Clients are told to ignore such members; the test is not a client.)"""
    if isinstance(node, list):
        return [closed(one) for one in node]
    if not isinstance(node, dict):
        return node
    made = {name: closed(value) for name, value in node.items()}
    if isinstance(node.get("properties"), dict) and node.get("type") == "object":
        made.setdefault("additionalProperties", False)
    return made


def values_in(segment, text):
    """The parameter of a segment such as `{id}` or `map-{month}.xml`; None if the text is another."""
    before, rest = segment.split("{", 1)
    name, after = rest.split("}", 1)
    form = re.escape(before) + "(.+)" + re.escape(after)
    found = re.fullmatch(form, text, re.DOTALL)
    return {name: found[1]} if found else None


class Operation:
    def __init__(self, contract, pattern, method, path_item):
        self.pattern = pattern
        self.method = method
        self.node = path_item[method]
        self.name = f"{method.upper()} {pattern}"
        self.optional = self.node.get("x-optional", False)
        merged = path_item.get("parameters", []) + self.node.get("parameters", [])
        self.parameters = [contract.resolve(one) for one in merged]
        self.responses = {status: contract.resolve(one)
                          for status, one in self.node["responses"].items()}


class Contract:
    def __init__(self, text):
        self.open = json.loads(text)
        self.root = self.open
        self.answers = copy.deepcopy(self.open)
        schemas = closed(self.open["components"]["schemas"])
        schemas["Time"]["pattern"] = TIME
        self.answers["components"]["schemas"] = schemas
        self.problem = problem_document(self.open["components"]["schemas"]["Failure"])
        self.other = self.open["components"]["responses"]["Other"]
        self.validators = {}
        self.tree = {}
        self.operations = []
        for pattern, item in self.open["paths"].items():
            node = self.tree
            for segment in filter(None, pattern.split("/")):
                is_parameter = segment.startswith("{") and segment.endswith("}")
                node = node.setdefault("{}" if is_parameter else segment, {})
            node[None] = pattern
            for method in METHODS:
                if method in item:
                    self.operations.append(Operation(self, pattern, method, item))
        self.by_name = {(one.pattern, one.method): one for one in self.operations}

    def resolve(self, node):
        while "$ref" in node:
            place = self.open
            for name in node["$ref"].removeprefix("#/").split("/"):
                place = place[name.replace("~1", "/").replace("~0", "~")]
            node = place
        return node

    def pattern_of(self, target):
        """The pattern that a request's target means, and its path parameters; None if none does.
        As in the router, a literal segment wins, unless its branch leads nowhere."""
        segments = [unquote(one) for one in target.split("?")[0].split("/")[1:]]
        if segments and segments[-1] == "":
            segments.pop()
        if tuple(segments[:2]) in ALIASES:
            segments[:2] = ALIASES[tuple(segments[:2])]

        def walk(node, rest):
            if not rest:
                return node.get(None)
            within = [key for key in node if key and "{" in key and key != "{}"
                      and values_in(key, rest[0])]
            for key in (rest[0], *within, "{}"):
                if key in node and key != "":
                    found = walk(node[key], rest[1:])
                    if found:
                        return found
            return None

        pattern = walk(self.tree, segments)
        if not pattern:
            return None, {}
        names = pattern.strip("/").split("/")
        values = {}
        for name, value in zip(names, segments):
            if "{" in name:
                values |= values_in(name, value)
        return pattern, values

    def methods_of(self, pattern):
        """What Allow says of a path."""
        methods = {method.upper() for method in METHODS if method in self.open["paths"][pattern]}
        return methods | {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set())

    def problems(self, schema, value, is_answer):
        """What the schema has against the value, as short sentences."""
        key = (json.dumps(schema, sort_keys=True), is_answer)
        if key not in self.validators:
            root = self.answers if is_answer else self.open
            shown = closed(schema) if is_answer else schema
            self.validators[key] = Draft202012Validator(shown, resolver=RefResolver("", root))
        found = []
        for error in self.validators[key].iter_errors(value):
            place = "/".join(str(one) for one in error.absolute_path) or "the body"
            found.append(f"{place}: {error.message[:200]}")
        return found

    def value_problems(self, schema, text):
        """The same for a parameter or field, which comes as text."""
        kind = self.resolve(schema).get("type")
        if kind == "integer":
            if not re.fullmatch(r"-?[0-9]{1,18}", text):
                return [f"`{text[:60]}` is no number"]
            return self.problems(schema, int(text), False)
        return self.problems(schema, text, False)
