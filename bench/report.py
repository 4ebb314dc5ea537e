"""Turns outcomes into bench/results.md."""
import datetime
import pathlib
import platform
import re
import sqlite3
import subprocess

import load

_KEPT = "Where the time goes (by hand; the next run keeps this text):"
_NOT_EXPLAINED = "Not explained yet."


def write(path, outcomes, run, ranking=None):
    """`outcomes` by key; `run` has rounds, seconds and portal's version. `ranking`: the lines of R;
    without them those of an earlier file stay."""
    explained = _hand_written(path)
    ranking = "\n".join(ranking) + "\n" if ranking else _ranking_in(path)
    parts = [_heading(outcomes, run), summary(outcomes)]
    for key, outcome in outcomes.items():
        parts.append(_section(key, outcome, explained.get(key)))
    path.write_text("\n".join(parts + [ranking] * bool(ranking)), encoding="utf-8")


def write_ranking(path, lines):
    """Only the section of R, in a file that has others."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    before = text.replace(_ranking_in(path), "") if _ranking_in(path) else text
    path.write_text(before.rstrip("\n") + "\n\n" + "\n".join(lines) + "\n", encoding="utf-8")


def _ranking_in(path):
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    found = re.search(r"^## R: .*?(?=^## |\Z)", text, flags=re.MULTILINE | re.DOTALL)
    return found[0] if found else ""


def version_of(portal):
    return _first_line(portal, "--version")


def _heading(outcomes, run):
    others = max(sample.others for outcome in outcomes.values() for one in outcome.contestants
                 for sample in one.samples)
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    lines = [
        "# Benchmark results", "",
        "Written by `./dev bench`. Only the ratios count: both sides ran in turns on the same "
        "machine within minutes.", "",
        f"* Date: {now}",
        f"* Machine: {_processor()}, {_core_count()} cores, {_memory()} of memory, "
        f"Linux {platform.release()}",
        f"* Versions: {run['version']}; {_first_line('g++', '--version')}; {_nginx()}; "
        f"wrk {_package('wrk')}; SQLite {sqlite3.sqlite_version}; "
        f"Boost {_package('libboost1.81-dev')}",
        f"* Rounds: {run['rounds']} of {run['seconds']} s each, in turns; medians below",
        f"* Other work on the machine during a round: at most {others:.0%} of one core" +
        (" (**not quiet: run it again**)" if others > load.QUIET else ""), ""]
    return "\n".join(lines)


def summary(outcomes):
    lines = ["| | portal | peer | | ratio | must | aim | |", "|---|---|---|---|---|---|---|---|"]
    for key, outcome in outcomes.items():
        ours = outcome.contestants[0]
        for goal in outcome.goals:
            peer = next(one for one in outcome.contestants if one.name == goal.peer)
            sign = "\u2265" if goal.member == "rate" else "\u2264"
            bounds = ["" if bound is None else f"{sign} {bound:g}"
                      for bound in (goal.must, goal.aim)]
            unit = outcome.unit if goal.member == "rate" else "p99"
            lines.append(
                f"| {key} | {_value(ours, goal.member)} | {_value(peer, goal.member)} | "
                f"{unit}, {peer.name} | {outcome.ratio(goal):.2f} | {bounds[0]} | {bounds[1]} | "
                f"{_verdict(outcome, goal)} |")
    return "\n".join(lines) + "\n"


def _verdict(outcome, goal):
    ratio = outcome.ratio(goal)
    if not outcome.reaches(goal, goal.must):
        return f"**must missed by {abs(ratio / goal.must - 1):.0%}**"
    if goal.aim is None:
        return "must met" if goal.must is not None else "nothing asked"
    if not outcome.reaches(goal, goal.aim):
        met = "must met, " if goal.must is not None else ""
        return f"{met}aim missed by {abs(ratio / goal.aim - 1):.0%}"
    return "aim met"


def _section(key, outcome, explanation):
    lines = [f"## {key}: {outcome.title}", "", f"`./dev bench {key}`", ""]
    lines += [f"* {condition}" for condition in outcome.conditions]
    lines += ["", f"| | {outcome.unit}, each round | median | p50 | p99 | processor time each "
              "(user + system) | core used |", "|---|---|---|---|---|---|---|"]
    for one in outcome.contestants:
        rounds = " \u00b7 ".join(f"{sample.rate:,.0f}" for sample in one.samples)
        user, system, busy = (one.median(member) for member in ("user_us", "system_us", "busy"))
        processor = "" if user is None else f"{user:.1f} + {system:.1f} \u00b5s"
        lines.append(f"| {one.name} | {rounds} | {one.median('rate'):,.0f} | "
                     f"{_value(one, 'p50_ms')} | {_value(one, 'p99_ms')} | {processor} | "
                     f"{'' if busy is None else format(busy, '.0%')} |")
    missed = outcome.missed()
    for goal in missed:
        what = "the rate" if goal.member == "rate" else "p99"
        lines += ["", f"**Must missed** beside {goal.peer}: {what} is {outcome.ratio(goal):.2f} "
                      f"times the peer's, {goal.must:g} was asked."]
    if missed or explanation:
        lines += ["", _KEPT, "", explanation or _NOT_EXPLAINED]
    if missed and outcome.profile:
        lines += ["", "What `perf` saw in portal under this load (share of its samples):", "",
                  "```", *outcome.profile, "```"]
    return "\n".join(lines) + "\n"


def _value(contestant, member):
    value = contestant.median(member)
    if value is None:
        return ""
    return f"{value:,.0f}" if member == "rate" else f"{value:.2f} ms"


def _hand_written(path):
    """The explanations of an earlier file, by question."""
    kept = {}
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    for section in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        if _KEPT in section:
            by_hand = section.split(_KEPT, 1)[1].split("\nWhat `perf` saw", 1)[0].strip()
            if by_hand != _NOT_EXPLAINED:
                kept[section.split(":", 1)[0]] = by_hand
    return kept


def _processor():
    text = pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8")
    found = re.search(r"^model name\s*: (.*)$", text, re.MULTILINE)
    return found[1] if found else platform.machine()


def _core_count():
    return len([line for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines()
                if line.startswith("processor")])


def _memory():
    kilobytes = re.search(r"MemTotal:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text())[1]
    return f"{int(kilobytes) / 1024 / 1024:.0f} GB"


def _first_line(*command):
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              check=False)
    except FileNotFoundError:
        return f"no {command[0]}"
    return done.stdout.splitlines()[0] if done.stdout else ""


def _nginx():
    return _first_line("/usr/sbin/nginx", "-v").replace("nginx version: ", "")


def _package(name):
    return _first_line("dpkg-query", "-W", "-f", "${Version}", name)
