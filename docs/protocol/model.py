#!/usr/bin/python3
"""Checks the protocol behind "exactly once": every state that a small case can reach, with every crash.

  model.py            all scenarios in full, then every mutant: minutes
  model.py --short    the small scenarios, and every mutant: about a minute
  model.py NAME...    only these scenarios or mutants

A scenario is to hold. A mutant is the protocol with one rule removed: the search has to find the harm
that it does, and prints the shortest way there. README.md beside this file explains both.
"""
import argparse
import resource
import sys
from typing import NamedTuple

import commit_state as commit
import flow
from commit import CommitModel
from explore import explore
from flow import FlowModel

SLOW_A = frozenset("A")


class Case(NamedTuple):
    """A scenario, and what the two forms of the check do with it."""
    model: type
    scenario: tuple
    short: int = 1  # crashes in the short form; -1: left out
    full: int = 1   # crashes in the full form; -1: left out


SCENARIOS = {
    # Durability (commit.py).
    "page": Case(CommitModel, commit.Scenario(), full=2),
    "follow": Case(CommitModel, commit.Scenario(child={"A": "B"}, accepted=True, plain=True), full=2),
    "follow, torn": Case(CommitModel, commit.Scenario(child={"A": "B"}), short=-1),
    "two feeds": Case(CommitModel, commit.Scenario(feed=("A", "C"), plain=True, power=False)),
    "two feeds, power": Case(CommitModel, commit.Scenario(feed=("A", "C"), plain=True), short=-1),
    "segment": Case(CommitModel, commit.Scenario(segments=True), full=2),
    "segments": Case(CommitModel, commit.Scenario(feed=("A", "B"), segments=True, accepted=True, plain=True,
                                                  power=False)),
    "segments, power": Case(CommitModel, commit.Scenario(feed=("A", "B"), segments=True, accepted=True, plain=True),
                            short=-1),
    "segments, follow, torn": Case(CommitModel, commit.Scenario(child={"A": "B"}, segments=True), short=-1),
    "slow page": Case(CommitModel, commit.Scenario(feed=("A", "B"), slow=SLOW_A, segments=True)),
    "later": Case(CommitModel, commit.Scenario(retries=2)),
    "job": Case(CommitModel, commit.Scenario(child={"A": "B"}, job=True, accepted=True, plain=True)),
    "old copy": Case(CommitModel, commit.Scenario(feed=("A", "C"), restore=True, plain=True, power=False), short=-1),
    "old copy, one page": Case(CommitModel, commit.Scenario(restore=True, plain=True, power=False)),
    "old copy, segments": Case(CommitModel, commit.Scenario(child={"A": "B"}, segments=True, restore=True, accepted=True,
                                                            plain=True, power=False), short=-1),
    # Sessions, credit and bounds (flow.py).
    "pages": Case(FlowModel, flow.Scenario(), full=2),
    "bodies": Case(FlowModel, flow.Scenario(bodies=2), short=-1),
    "ring": Case(FlowModel, flow.Scenario(kinds=("page",) * 3, bodies=3, kills=""), short=-1),
    "prefetch": Case(FlowModel, flow.Scenario(bodies=2, page_credit=2, byte_credit=2, acks=2), short=-1),
    "dead letters": Case(FlowModel, flow.Scenario(kinds=("gone", "gone"))),
    "page and dead letter": Case(FlowModel, flow.Scenario(kinds=("page", "gone")), short=-1),
    "lost LOW": Case(FlowModel, flow.Scenario(bodies=2, lost_low=True, kills="")),
    "lost LOW, kills": Case(FlowModel, flow.Scenario(bodies=2, lost_low=True), short=-1),
}


class Mutant(NamedTuple):
    """One rule removed, where that shows, and how."""
    scenario: str
    harm: str  # words of what the search has to find
    crashes: int = 1


TWICE, LOST, STUCK = "in the output twice", "never reach the complete output", "nothing can happen"
MUTANTS = {
    # The feed and the frontier.
    "ok before durable": Mutant("page", "accepted URL is not in the frontier"),
    "dispatch before durable": Mutant("two feeds", "names two pages"),
    "children apart": Mutant("follow", STUCK),
    "job apart": Mutant("job", STUCK),
    "low before durable": Mutant("segment", STUCK),
    "stale retry": Mutant("later", "before its attempts were used up"),
    # The journal and the output.
    "show before sync": Mutant("page", "withdrawn"),
    "redo before sync": Mutant("page", "withdrawn", 2),
    "truncate on recovery": Mutant("page", "truncated"),
    "ack before sync": Mutant("page", "its records are not durable"),
    "no dedupe": Mutant("page", TWICE),
    # Segments and what is closed.
    "forget closed ids": Mutant("segment", TWICE),
    "output not synced": Mutant("segment", "recycled before its output was durable"),
    "recycle before journaled": Mutant("segment", TWICE),
    "closed set not carried on": Mutant("segments", TWICE),
    "low not healed": Mutant("slow page", LOST),
    # An old copy of the frontier.
    "no identity guard": Mutant("old copy", "its records are not durable"),
    "guard by next id alone": Mutant("old copy, one page", LOST),
    # Sessions.
    "page credit not voided": Mutant("pages", STUCK),
    "byte credit not voided": Mutant("pages", STUCK),
    "no redispatch": Mutant("pages", LOST),
    "quiet sink not asked": Mutant("pages", STUCK),
    "redispatch without dedupe": Mutant("pages", TWICE),
    "dedupe at commit": Mutant("dead letters", "in the sink's batch twice"),
    "credit of late results kept": Mutant("pages", STUCK),
    "low waits for synced": Mutant("pages", LOST),
    # Bounds.
    "pages without credit": Mutant("bodies", "pages at the parser"),
    "bodies unbounded": Mutant("pages", "bodies at the fetcher"),
    "dead letters unbounded": Mutant("dead letters", "dead letters not acknowledged"),
    "acks unbounded": Mutant("bodies", "ACKs not answered"),
    "readers wait": Mutant("bodies", STUCK),
}


def check_scenario(name, crashes):
    """True if the protocol holds in it."""
    case = SCENARIOS[name]
    found = explore(case.model(case.scenario, "", crashes))
    report(name, crashes, found, found.reason)
    if found.verdict != "ok":
        print("    %s" % " > ".join(found.trace))
    return found.verdict == "ok"


def check_mutant(name):
    """True if the harm that it does is found, and is the one expected."""
    mutant = MUTANTS[name]
    case = SCENARIOS[mutant.scenario]
    found = explore(case.model(case.scenario, name, mutant.crashes))
    caught = found.caught and mutant.harm in found.reason
    reason = found.reason if caught else "ESCAPED: %s, not: %s" % (found.reason, mutant.harm)
    report("without: " + name, mutant.crashes, found, "in %s: %s" % (mutant.scenario, reason))
    print("    %s" % " > ".join(found.trace))
    return caught


def report(name, crashes, found, text):
    print("%-36s %-9s %8d states %6.1f s  %d crash%s  %s" % (
        name, found.verdict, found.states, found.seconds, crashes, "" if crashes == 1 else "es", text), flush=True)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--short", action="store_true", help="what the test suite runs")
    arguments.add_argument("name", nargs="*", help="a scenario or a mutant")
    options = arguments.parse_args()
    unknown = [name for name in options.name if name not in SCENARIOS and name not in MUTANTS]
    if unknown:
        arguments.error("no scenario or mutant named %s" % ", ".join(unknown))
    failed = []
    for name, case in SCENARIOS.items():
        crashes = case.short if options.short else case.full
        if (name in options.name or not options.name) and crashes >= 0 and not check_scenario(name, crashes):
            failed.append(name)
    for name in MUTANTS:
        if (name in options.name or not options.name) and not check_mutant(name):
            failed.append(name)
    mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print("%s; %d MiB of memory at most" % ("FAILED: " + ", ".join(failed) if failed else "all as it should be", mib))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
