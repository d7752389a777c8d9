"""Searches every state that a model can reach, breadth first, and says what is wrong with the first bad one.

A model has four methods:
  initial()     its first state: any hashable value
  steps(state)  pairs (label, next state); a label that begins with "!" is a fault (a kill, a power cut,
                a lost message): something that may happen, but that nothing may depend on
  bad(state)    what is wrong with the state, or None
  goal(state)   whether all work is done
Three things are looked for: a bad state; a deadlock, that is a state short of the goal in which only
faults can happen; and a state from which no run without further faults leads to the goal.
"""
import time
from array import array
from collections import deque
from typing import NamedTuple


def bits(mask):
    """The places of the ones in a mask."""
    number = 0
    while mask:
        if mask & 1:
            yield number
        mask >>= 1
        number += 1


class Found(NamedTuple):
    """What a search came to."""
    verdict: str  # "ok", "violation", "deadlock", "lost", "limit"
    reason: str
    states: int
    trace: list
    seconds: float

    @property
    def caught(self):
        return self.verdict in ("violation", "deadlock", "lost")


class Graph:
    """The states found so far by number: how each was first reached, and which steps lead where."""

    def __init__(self):
        self.number, self.parent, self.label = {}, array("i"), []
        self.goals = bytearray()
        self.moves = bytearray()  # 1: a step that is no fault leads away from it
        self.sources, self.targets = array("i"), array("i")  # of all steps that are no faults

    def add(self, state, parent, label, goal):
        number = len(self.parent)
        self.number[state] = number
        self.parent.append(parent)
        self.label.append(label)
        self.goals.append(goal)
        self.moves.append(0)
        return number

    def connect(self, source, target):
        self.moves[source] = 1
        self.sources.append(source)
        self.targets.append(target)

    def trace(self, number):
        labels = []
        while self.parent[number] >= 0:
            labels.append(self.label[number])
            number = self.parent[number]
        return labels[::-1]

    def stuck(self):
        """The states that cannot reach a goal any more, first found first."""
        count = len(self.parent)
        first = array("i", bytes(4 * (count + 1)))
        for target in self.targets:
            first[target + 1] += 1
        for number in range(count):
            first[number + 1] += first[number]
        free, into = array("i", first), array("i", bytes(4 * len(self.sources)))
        for source, target in zip(self.sources, self.targets):
            into[free[target]] = source
            free[target] += 1
        fine = bytearray(self.goals)
        work = [number for number in range(count) if fine[number]]
        while work:
            number = work.pop()
            for source in into[first[number]:first[number + 1]]:
                if not fine[source]:
                    fine[source] = 1
                    work.append(source)
        return [number for number in range(count) if not fine[number]]


def explore(model, limit=3_000_000):
    """Searches until the first bad state, or through all states."""
    start = time.monotonic()
    graph, labels = Graph(), {}

    def found(verdict, reason, trace=()):
        return Found(verdict, reason, len(graph.parent), list(trace), time.monotonic() - start)

    state = model.initial()
    queue = deque([(graph.add(state, -1, "", model.goal(state)), state)])
    while queue:
        number, state = queue.popleft()
        for label, following in model.steps(state):
            target = graph.number.get(following)
            if target is None:
                target = graph.add(following, number, labels.setdefault(label, label), model.goal(following))
                wrong = model.bad(following)
                if wrong:
                    return found("violation", wrong, graph.trace(target))
                queue.append((target, following))
            if label[0] != "!" and target != number:
                graph.connect(number, target)
        if not graph.moves[number] and not graph.goals[number]:
            return found("deadlock", "work is left, and nothing can happen any more", graph.trace(number))
        if len(graph.parent) > limit:
            return found("limit", "no violation in so many states; the rest was not searched")
    stuck = graph.stuck()
    if stuck:
        return found("lost", "%d states can never reach the complete output" % len(stuck), graph.trace(stuck[0]))
    return found("ok", "%d ends" % sum(graph.goals))
