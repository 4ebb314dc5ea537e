"""What another sanitizer (nh3) makes of news HTML: it knows the same closed list, and has to leave each
text as it is. Reads a file with one text as JSON on each line; says what it would have changed, and of
how many texts."""
import json
import sys

import nh3

MARKS = "a strong em s code br img iframe"
BLOCKS = "p h2 h3 h4 blockquote pre ul ol li figure figcaption table thead tbody tr td th hr div"
ATTRIBUTES = {
    "a": {"href", "title", "target", "rel"},
    "img": {"src", "alt", "title", "width", "height"},
    "iframe": {"src", "title", "width", "height", "allowfullscreen"},
    "ol": {"start"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}
FAULTS_MAX = 20

cleaner = nh3.Cleaner(
    tags=set((MARKS + " " + BLOCKS).split()),
    attributes=ATTRIBUTES,
    generic_attribute_prefixes={"data-"},
    url_schemes={"http", "https", "mailto", "tel"},
    link_rel=None,
    strip_comments=True,
)


def without_what_is_implied(html):
    """Any table has a tbody, and the first line of a pre may be empty so that it is kept."""
    return html.replace("<tbody>", "").replace("</tbody>", "")


faults = 0
count = 0
with open(sys.argv[1], encoding="utf-8") as lines:
    for line in lines:
        text = json.loads(line)
        count += 1
        written = without_what_is_implied(text.replace("<pre>\n", "<pre>"))
        other = without_what_is_implied(cleaner.clean(text))
        if other != written:
            faults += 1
            if faults <= FAULTS_MAX:
                print(f"of:   {text!r}\nmade: {other!r}")
print(f"{count} texts, {faults} changed")
sys.exit(1 if faults else 0)
