"""A file of any size whose bytes say where they are, and the part of it that Range asks for."""
import re

LINE = 16
BLOCK = 1 << 16


def lines(begin, end):
    """The bytes from `begin` up to `end` of a file whose lines are their own offsets, 15 digits
    each."""
    while begin < end:
        stop = min(end, begin - begin % BLOCK + BLOCK)
        first = begin // LINE
        text = "".join(f"{line * LINE:015d}\n" for line in range(first, -(-stop // LINE)))
        yield text.encode()[begin - first * LINE : stop - first * LINE]
        begin = stop


def asked_range(header, size):
    """(begin, end) of the one range that the field asks for; None for all of it, as for what is no
    range or more than one; False for one that lies outside."""
    match = re.fullmatch(r"bytes=(\d*)-(\d*)", header or "")
    if not match or match.group(1) == match.group(2) == "":
        return None
    first, last = match.groups()
    if first == "":
        begin, end = max(0, size - int(last)), size
    else:
        begin, end = int(first), min(size, int(last) + 1) if last else size
        if last and int(last) < int(first):
            return None
    return (begin, end) if begin < end else False
