"""The way of a page between the processes: sessions, credit, bounded buffers, restarts of each process.

What a disk holds is one step here: a commit and its sync, a page's end in the frontier (commit.py has
those in detail). Each process always reads what arrives; what may have to wait is the sending of pages
(credit of the parser), results (credit of the sink) and dead letters (a bound of the fetcher's own), and
the start of a fetch (room for its body). All bounds are as small as they can be.

HELLO, CREDIT of bytes, LOW and the first words of a session are repeated until they are heard, so they
are one step: the receiver takes over the sender's present value, or (the receiver's old belief) not yet.
Sets of pages are bit masks. A page of kind "page" ends with a result, one of kind "gone" with a DEAD.
"""
from typing import NamedTuple

from explore import bits


class Scenario(NamedTuple):
    kinds: tuple = ("page", "page")
    kills: str = "FPS"       # what may be killed
    lost_low: bool = False   # a LOW may be lost
    bodies: int = 1          # pages whose bodies the fetcher holds
    page_credit: int = 1     # pages at the parser
    byte_credit: int = 1     # results on their way to the journal
    deads: int = 1           # DEADs not acknowledged
    acks: int = 1            # ACKs not answered by LOW


class State(NamedTuple):
    # The fetcher, page by page: q queued, b body held, l leased, w awaiting ACK, x to be reported dead,
    # s reported dead, d done.
    pages: str
    sent: int = 0            # pages sent in its session with the parser
    granted: int = 0         # pages that it may send in this session, as far as it has heard
    untold: int = 0          # done pages that the next LOW names
    asked: bool = False      # a SYNC of ours has no answer yet
    # Whether both ends know each other's present life.
    fetcher_parser: bool = False
    parser_sink: bool = False
    fetcher_sink: bool = False
    # The parser.
    queue: tuple = ()        # pages that it has not begun
    parsed: int = 0          # in its session with the fetcher
    bytes_sent: int = 0      # results, in its session with the sink
    bytes_granted: int = 0
    # The sink. A result is (page, whether it came in the present session).
    inbox: tuple = ()        # the batch that is being collected
    freed: int = 0           # results of the session that are committed
    committed: int = 0
    twice: bool = False      # a page was committed again
    closed: int = 0
    told: int = 0            # ACKs sent that no LOW has answered
    due: int = -1            # pages to acknowledge before "synced" is said; -1: no SYNC to answer
    # On their way.
    credits: tuple = ()      # parser -> fetcher: (page parsed, pages granted in all)
    results: tuple = ()      # parser -> sink
    to_sink: tuple = ()      # fetcher -> sink: "sync" or a dead page
    acks: tuple = ()         # sink -> fetcher: "synced" or a page
    crashes: int = 1


def put(pages, i, stage):
    return pages[:i] + stage + pages[i + 1:]


def rebase(s):
    """Running totals are counted from what was sent last, for only their differences matter."""
    pages, size = s.sent, s.bytes_sent
    return s._replace(
        sent=0, granted=s.granted - pages, parsed=s.parsed - pages if s.fetcher_parser else 0,
        credits=tuple((i, granted - pages) for i, granted in s.credits),
        bytes_sent=0, bytes_granted=s.bytes_granted - size, freed=s.freed - size if s.parser_sink else 0)


class FlowModel:
    def __init__(self, scenario, mutant="", crashes=1):
        self.scenario, self.mutant, self.crashes = scenario, mutant, crashes
        self.totals = mutant.endswith("credit not voided")  # these need the running totals themselves
        self.all = (1 << len(scenario.kinds)) - 1

    def initial(self):
        return State(pages="q" * len(self.scenario.kinds), crashes=self.crashes)

    def steps(self, s):
        for label, following in self.all_steps(s):
            yield label, following if self.totals else rebase(following)

    def all_steps(self, s):
        yield from self.meetings(s)
        yield from self.fetch(s)
        yield from self.dispatch(s)
        yield from self.sink_link(s)
        yield from self.parser(s)
        yield from self.sink_reads(s)
        yield from self.sink_tells(s)
        if s.crashes:
            yield from self.faults(s._replace(crashes=s.crashes - 1))

    # Sessions. Whoever meets a new life of the other voids the credit between them.

    def meetings(self, s):
        if not s.fetcher_parser:
            yield "F and P meet", s._replace(
                fetcher_parser=True, pages=s.pages.replace("l", "b"), granted=self.scenario.page_credit,
                sent=s.sent if self.mutant == "page credit not voided" else 0, queue=(), parsed=0, credits=())
        if not s.parser_sink:
            yield "P and S meet", s._replace(
                parser_sink=True, bytes_granted=self.scenario.byte_credit, freed=0,
                bytes_sent=s.bytes_sent if self.mutant == "byte credit not voided" else 0,
                results=tuple((i, False) for i, _ in s.results), inbox=tuple((i, False) for i, _ in s.inbox))
        if not s.fetcher_sink:
            yield "F and S meet", s._replace(
                fetcher_sink=True, asked=True, to_sink=("sync",), acks=(), due=-1,
                told=s.told if self.mutant == "ack window not voided" else 0)

    # The fetcher.

    def fetch(self, s):
        bodies = sum(s.pages.count(stage) for stage in "blw")
        deads = sum(s.pages.count(stage) for stage in "xs")
        for i, stage in enumerate(s.pages):
            if stage != "q":
                continue
            if self.scenario.kinds[i] == "gone":
                if deads < self.scenario.deads or self.mutant == "dead letters unbounded":
                    yield "F fetch %d fails" % i, s._replace(pages=put(s.pages, i, "x"))
            elif bodies < self.scenario.bodies or self.mutant == "bodies unbounded":
                yield "F fetch %d" % i, s._replace(pages=put(s.pages, i, "b"))

    def dispatch(self, s):
        if s.sent < s.granted or self.mutant == "pages without credit":
            for i, stage in enumerate(s.pages):
                if stage == "b":
                    queue = s.queue + (i,) if s.fetcher_parser else s.queue  # else to a life that is over
                    yield "TASK %d" % i, s._replace(pages=put(s.pages, i, "l"), sent=s.sent + 1, queue=queue)
        if s.credits:
            i, granted = s.credits[0]
            pages = put(s.pages, i, "w") if s.pages[i] == "l" else s.pages
            yield "F takes CREDIT, %d parsed" % i, s._replace(credits=s.credits[1:], granted=granted, pages=pages)

    def sink_link(self, s):
        for i, stage in enumerate(s.pages):
            if stage == "x":
                to_sink = s.to_sink + (i,) if s.fetcher_sink else s.to_sink
                yield "DEAD %d" % i, s._replace(pages=put(s.pages, i, "s"), to_sink=to_sink)
        # What was lost with a connection shows by its silence: the sink is asked what it has.
        quiet = s.fetcher_sink and not s.acks and not s.to_sink and not s.asked
        if quiet and ("w" in s.pages or "s" in s.pages) and self.mutant != "quiet sink not asked":
            yield "F asks a quiet S: SYNC", s._replace(asked=True, to_sink=("sync",))
        if s.untold:
            if s.fetcher_sink and not (s.asked and self.mutant == "low waits for synced"):
                yield "LOW %s" % list(bits(s.untold)), s._replace(
                    closed=s.closed | s.untold, told=s.told & ~s.untold, untold=0)
            if self.scenario.lost_low or not s.fetcher_sink:
                yield "!LOW lost", s._replace(untold=0)
        stands = self.mutant == "readers wait" and "b" in s.pages and s.sent >= s.granted
        if s.acks and s.fetcher_sink and not stands:
            yield self.take_ack(s._replace(acks=s.acks[1:]), s.acks[0])

    def take_ack(self, s, ack):
        if ack == "synced":
            pages = s.pages
            if self.mutant != "no redispatch":
                pages = pages.replace("w", "b").replace("s", "x")
            return "F takes synced, goes on with %s" % pages, s._replace(asked=False, pages=pages)
        news = s.pages[ack] != "d" or self.mutant != "low not healed"
        return "F takes ACK %d" % ack, s._replace(
            pages=put(s.pages, ack, "d"), untold=s.untold | (1 << ack if news else 0))

    # The parser.

    def parser(self, s):
        if s.queue and s.bytes_sent < s.bytes_granted:
            i = s.queue[0]
            following = s._replace(queue=s.queue[1:], parsed=s.parsed + 1, bytes_sent=s.bytes_sent + 1,
                                   results=s.results + ((i, s.parser_sink),))
            if s.fetcher_parser:
                following = following._replace(
                    credits=s.credits + ((i, self.scenario.page_credit + following.parsed),))
            yield "RESULT %d, CREDIT" % i, following
        granted = self.scenario.byte_credit + s.freed
        if s.parser_sink and granted > s.bytes_granted:
            yield "P takes BYTE_CREDIT", s._replace(bytes_granted=granted)

    # The sink.

    def sink_reads(self, s):
        window_full = bin(s.told).count("1") >= self.scenario.acks and s.committed & ~s.closed & ~s.told
        stands = self.mutant == "readers wait" and window_full
        if s.results and not stands:
            i, now = s.results[0]
            yield "S reads result %d" % i, self.take(s._replace(results=s.results[1:]), i, now)
        if s.to_sink and s.to_sink[0] == "sync":
            yield "S reads SYNC", s._replace(to_sink=s.to_sink[1:], due=s.committed & ~s.closed, told=0)
        elif s.to_sink:
            yield "S reads DEAD %d" % s.to_sink[0], self.take(s._replace(to_sink=s.to_sink[1:]), s.to_sink[0], False)
        if s.inbox:
            yield self.commit(s)

    def take(self, s, i, now):
        """A result or dead letter joins the batch, unless the task has one: the first wins.

        Later ones must go at once, for DEADs have no credit, and give their credit back."""
        known = s.committed >> i & 1 or i in [other for other, _ in s.inbox]
        if self.mutant == "redispatch without dedupe":
            known = i in [other for other, _ in s.inbox]
        elif self.mutant == "dedupe at commit":
            known = s.committed >> i & 1
        if not known:
            return s._replace(inbox=s.inbox + ((i, now),))
        back = now and self.mutant != "credit of late results kept"
        return s._replace(freed=s.freed + back)

    def commit(self, s):
        committed, twice, freed = s.committed, s.twice, s.freed
        for i, now in s.inbox:
            twice = twice or bool(committed >> i & 1)
            freed += now
            committed |= 1 << i
        return "S commits %s" % [i for i, _ in s.inbox], s._replace(
            inbox=(), committed=committed, twice=twice, freed=freed)

    def sink_tells(self, s):
        if not s.fetcher_sink:
            return
        room = bin(s.told).count("1") < self.scenario.acks or self.mutant == "acks unbounded"
        for i in bits(s.committed & ~s.closed):
            anew = not s.told >> i & 1
            if (room if anew else i not in s.acks):  # the second: no LOW for some seconds
                due = s.due & ~(1 << i) if s.due >= 0 else s.due
                yield "ACK %d" % i, s._replace(acks=s.acks + (i,), told=s.told | 1 << i, due=due)
        if s.due >= 0 and not s.due & ~s.closed:
            yield "S says synced", s._replace(acks=s.acks + ("synced",), due=-1)

    # Faults. What a dead process had read or not yet sent is gone; results may have got through.

    def faults(self, s):
        if "P" in self.scenario.kills:
            gone = s._replace(queue=(), parsed=0, bytes_sent=0, bytes_granted=0, credits=(),
                              fetcher_parser=False, parser_sink=False)
            yield "!KILL P", gone
            if s.results:
                yield "!KILL P, its results too", gone._replace(results=())
        if "F" in self.scenario.kills:
            yield "!KILL F", s._replace(
                pages="".join(stage if stage == "d" else "q" for stage in s.pages), sent=0, granted=0, untold=0,
                asked=False, credits=(), to_sink=(), acks=(), fetcher_parser=False, fetcher_sink=False)
        if "S" in self.scenario.kills:
            gone = s._replace(inbox=(), freed=0, told=0, due=-1, to_sink=(), acks=(), parser_sink=False,
                              fetcher_sink=False)
            for closed in {0, s.closed}:  # what was not journaled yet is forgotten
                yield "!KILL S, closed %s" % list(bits(closed)), gone._replace(closed=closed)
                if s.results:
                    yield "!KILL S, results too", gone._replace(closed=closed, results=())

    # What has to hold.

    def bad(self, s):
        if s.twice:
            return "a page is in the output twice"
        if len({i for i, _ in s.inbox}) < len(s.inbox):
            return "a task is in the sink's batch twice"
        done = sum(1 << i for i, stage in enumerate(s.pages) if stage == "d")
        if done & ~s.committed:
            return "a page is done that is not in the output"
        if s.closed & ~done:
            return "a page is closed that is not done"
        # One old session's worth may still arrive beside the present one's.
        for what, count, bound in (
                ("bodies at the fetcher", sum(s.pages.count(stage) for stage in "blw"), self.scenario.bodies),
                ("pages at the parser", len(s.queue), self.scenario.page_credit),
                ("results on their way to the journal", sum(1 for _, now in s.results + s.inbox if now),
                 self.scenario.byte_credit),
                ("dead letters not acknowledged", sum(s.pages.count(stage) for stage in "xs"), self.scenario.deads),
                ("ACKs not answered", bin(s.told).count("1"), self.scenario.acks)):
            if count > bound:
                return "%d %s, at most %d were promised" % (count, what, bound)
        return None

    def goal(self, s):
        return s.pages == "d" * len(s.pages) and s.committed == self.all and s.closed == self.all
