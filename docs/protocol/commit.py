"""The way of a page's effect to disk: feed, frontier, journal, output, acknowledgement, closing, recovery.

Who sends a page to which parser, and when, is left out (flow.py has that): here the fetcher hands a page
out whenever it may, a result may come at any later time, twice, or never.

A page's lines are two tokens, so that a half-written output exists. Parsing is not deterministic: one
page's results may be of content 0 or 1, so that a mixture of two attempts shows. Content "dead" is a
dead letter. Sets of ids are bit masks. Each step of a process is atomic.
"""
from commit_promises import CommitPromises
from commit_state import DEAD, JOB, State, commits_of, journal, see, told
from explore import bits


class CommitModel(CommitPromises):
    def __init__(self, scenario, mutant="", crashes=1):
        self.scenario, self.mutant, self.crashes = scenario, mutant, crashes
        self.halves = (0,) if scenario.plain else (0, 1)

    def initial(self):
        if self.scenario.accepted:
            return State(crashes=self.crashes, ids=self.scenario.feed, fed=frozenset(self.scenario.feed))
        return State(crashes=self.crashes)

    def image(self, commits):
        """The tokens of these commits."""
        return tuple((i, url, content, half) for i, url, content in commits for half in self.halves)

    def steps(self, s):
        if s.link != "stopped":
            yield from self.feeder(s)
            yield from self.fetcher(s)
            yield from self.hears(s)
        yield from self.sink(s)
        if s.crashes:
            yield from self.faults(s._replace(crashes=s.crashes - 1))

    # The frontier: what its records do.

    def apply(self, frontier, record):
        """(ids, done, tries) after one more record; each is written whole or not at all."""
        ids, done, tries = frontier
        if record[0] == "add":
            ids += (record[1],)
        elif record[0] == "try":
            tries = tuple(sorted(tries + (record[1:],)))
        elif not done >> record[1] & 1:
            done |= 1 << record[1]
            if self.mutant != "children apart":
                ids += self.follows(ids, done, ids[record[1]])
        return ids, done, tries

    def follows(self, ids, done, url):
        """What becomes queued by the end of `url`: its link, or the report of the job that ends with it."""
        child = self.scenario.child.get(url)
        if child and child not in ids:
            return (child,)
        if self.scenario.job and self.mutant != "job apart" and self.job_over(ids, done):
            return (JOB,)
        return ()

    @staticmethod
    def job_over(ids, done):
        return JOB not in ids and done == (1 << len(ids)) - 1

    def view(self, s, count=None):
        """The frontier with its first `count` unsynced records (all)."""
        frontier = (s.ids, s.done, s.tries)
        for record in s.wal[:count]:
            frontier = self.apply(frontier, record)
        return frontier

    # The feeder and the fetcher.

    def feeder(self, s):
        ids, _, _ = self.view(s)
        for url in self.scenario.feed:
            if url in s.fed:
                continue
            if url not in ids:
                yield "feed " + url, s._replace(wal=s.wal + (("add", url),))
            if url in (ids if self.mutant == "ok before durable" else s.ids):
                yield "ok " + url, s._replace(fed=s.fed | {url})

    def fetcher(self, s):
        ids, done, tries = self.view(s)
        if s.wal:
            closed = done & ~s.done
            yield "F sync", s._replace(ids=ids, done=done, tries=tries, wal=(), untold=s.untold | closed)
        if s.link == "new":
            yield "F SYNC", s._replace(link="ok" if self.welcome(s) else "stopped")
            return
        for url in s.kids:
            if url not in ids:
                yield "F queues " + url, s._replace(wal=s.wal + (("add", url),), kids=s.kids - {url})
        known = ids if self.mutant == "dispatch before durable" else s.ids
        for i, url in enumerate(known):
            if not done >> i & 1 and url not in self.scenario.slow:
                yield from self.hand_out(s, i, url)
        yield from self.tell_low(s)

    def welcome(self, s):
        """Whether the sink works with a fetcher that says SYNC: its next id must be new to the sink."""
        highest = max([commit[0] for commit in journal(s) + commits_of(s.pending)] + list(bits(s.closed)), default=-1)
        return self.mutant == "no identity guard" or len(s.ids) > highest

    def hand_out(self, s, i, url):
        """A page goes to a parser, and what the parser makes of it is on its way."""
        failed = sum(1 for said in s.tries if said[0] == i)
        if self.scenario.retries and failed >= self.scenario.retries:
            contents = (DEAD,)
        elif self.scenario.plain or not self.known(s, (i, url, 0)):
            contents = (0,)
        else:
            contents = (0, 1)  # 1 is as good as 0: it is looked at only once 0 is there to mix with
        for content in contents:
            result = (i, url, content)
            if result not in s.results:
                yield "result %d:%s/%s" % result, s._replace(results=s.results | {result})
        if self.scenario.retries and contents[0] != DEAD and (i, failed + 1) not in s.laters:
            yield "later %d/%d" % (i, failed + 1), s._replace(laters=s.laters | {(i, failed + 1)})

    @staticmethod
    def known(s, result):
        return (result in s.results or result in journal(s) or result in commits_of(s.pending)
                or result + (0,) in s.out or result + (0,) in s.seen)

    def tell_low(self, s):
        low = 0
        while s.done >> low & 1:
            low += 1
        news = (1 << low) - 1 | s.untold
        if news & ~s.closed or s.untold:
            yield "LOW %s" % list(bits(news)), s._replace(closed=s.closed | news, untold=0)
        if s.untold:
            yield "!LOW lost", s._replace(untold=0)

    def hears(self, s):
        """What the fetcher does with a message."""
        ids, done, tries = self.view(s)
        for i, attempt in sorted(s.laters):
            open_now = not done >> i & 1
            current = attempt == 1 + sum(1 for said in tries if said[0] == i)
            rest = s._replace(laters=s.laters - {(i, attempt)})
            if open_now and (current or self.mutant == "stale retry"):
                wal = s.wal + (("try", i, attempt),)
                yield "F try %d/%d" % (i, attempt), rest._replace(wal=wal)
                if current:  # the page was sent out twice, and both parsers say so
                    yield "F try %d/%d (a copy comes)" % (i, attempt), s._replace(wal=wal)
            else:
                yield "F ignores later", rest
        for ack in sorted(s.acks):
            i, url = ack
            rest = s._replace(acks=s.acks - {ack})
            named = i < len(ids) and (ids[i] == url or self.mutant in ("no identity guard", "guard by next id alone"))
            if not named:
                yield "F stops: its task %d is not the sink's %s" % ack, rest._replace(link="stopped")
            elif s.done >> i & 1:
                yield "F names %d closed" % i, rest._replace(
                    untold=s.untold | (0 if self.mutant == "low not healed" else 1 << i))
            elif done >> i & 1:
                yield "F knows", rest
            else:
                yield "F done %d" % i, self.write_done(rest, i)
            yield "!ACK lost", rest

    def write_done(self, s, i):
        s = s._replace(wal=s.wal + (("done", i),))
        ids, done, _ = self.view(s)
        if self.mutant == "low before durable":
            s = s._replace(untold=s.untold | 1 << i)
        if self.mutant == "children apart" and self.scenario.child.get(ids[i]):
            s = s._replace(kids=s.kids | {self.scenario.child[ids[i]]})
        if self.mutant == "job apart" and self.job_over(ids, done):
            s = s._replace(kids=s.kids | {JOB})
        return s

    # The sink.

    def sink(self, s):
        committed = journal(s)
        mine = {commit[0] for commit in committed + commits_of(s.pending)}
        for result in sorted(s.results, key=str):
            i = result[0]
            rest = s._replace(results=s.results - {result})
            known = i in mine or (s.closed >> i & 1 and self.mutant != "forget closed ids")
            if known and self.mutant != "no dedupe":
                yield "S passes over %d" % i, self.answer_late(rest, i)
            elif len(s.pending) < 3 and len(s.out) < 5 * len(self.halves):
                yield "S commit %d/%s" % (i, result[2]), rest._replace(pending=s.pending + (("commit",) + result,))
                if not self.scenario.plain:
                    yield "S commit %d/%s (a copy comes)" % (i, result[2]), s._replace(
                        pending=s.pending + (("commit",) + result,))
            yield "!result lost", rest
        if s.pending:
            yield "S sync", self.recovered(s, len(s.pending))
        yield from self.append(s)
        may_ack = committed + (commits_of(s.pending) if self.mutant == "ack before sync" else ())
        for i, url, _ in may_ack:
            if not s.closed >> i & 1 and (i, url) not in s.acks:
                yield "ACK %d:%s" % (i, url), s._replace(acks=s.acks | {(i, url)})
        if self.scenario.segments:
            yield from self.recycle(s)

    def answer_late(self, s, i):
        """A result for a closed task is answered "closed": nobody waits for it, or the frontier is an old copy.

        Only the second case is modelled, in the first the fetcher passes over the answer."""
        waits = s.link != "stopped" and i < len(s.ids) and not s.done >> i & 1
        if s.closed >> i & 1 and waits and self.mutant not in ("no identity guard", "guard by next id alone"):
            return s._replace(acks=s.acks | {(i, "closed")})
        return s

    @staticmethod
    def recovered(s, count):
        """The last segment with the first `count` pending records synced, the others gone."""
        base, closed, commits = s.segments[-1]
        for record in s.pending[:count]:
            if record[0] == "low":
                closed |= record[1]
        last = (base, closed, commits + commits_of(s.pending[:count]))
        return s._replace(segments=s.segments[:-1] + (last,), pending=s.pending[count:], visible=0)

    def shown(self, s):
        """What the output has to be by the journal, from the first segment's start on."""
        early = self.mutant == "show before sync"
        return self.image(journal(s) + commits_of(s.pending[:len(s.pending) if early else s.visible]))

    def append(self, s):
        shown, have = self.shown(s), len(s.out) - s.segments[0][0]
        if 0 <= have < len(shown):
            yield "S append", see(s._replace(out=s.out + (shown[have],)))

    def recycle(self, s):
        first, last = s.segments[0], s.segments[-1]
        complete = len(s.out) - first[0] == len(self.image(journal(s)))
        if last[2] and not s.pending and complete:
            durable = s.out_durable if self.mutant == "output not synced" else len(s.out)
            told_now = 0 if self.mutant == "closed set not carried on" else s.closed
            yield "S new segment", s._replace(segments=s.segments + ((len(s.out), told_now, ()),), out_durable=durable)
        if len(s.segments) == 1:
            return
        ids = {commit[0] for commit in first[2]}
        written = told(s.segments[1:])
        if all((s.closed if self.mutant == "recycle before journaled" else written) >> i & 1 for i in ids):
            yield "S recycles", s._replace(segments=s.segments[1:])
        elif all(s.closed >> i & 1 for i in ids):
            low = ("low", sum(1 << i for i in ids) if self.mutant == "closed set not carried on" else s.closed)
            if low not in s.pending:
                yield "S journals LOW", s._replace(pending=s.pending + (low,))

    # Faults.

    def faults(self, s):
        """Kills and power cuts; what was written but not synced survives in part."""
        if s.link != "stopped":
            for count in range(len(s.wal) + 1):
                yield "!KILL F keeps %d" % count, self.without_fetcher(s)._replace(wal=s.wal[:count])
        for count in range(len(s.pending) + 1):
            yield "!KILL S keeps %d" % count, self.restarted_sink(s, count)
            if self.scenario.power:
                for length in range(s.out_durable, len(s.out) + 1):
                    yield from self.power_cut(s, count, length)
        if self.scenario.restore and s.backup:
            ids, done, tries = s.backup
            yield "!frontier restored from the old copy", self.without_fetcher(s)._replace(
                ids=ids, done=done, tries=tries, wal=(), link="new", fed=s.fed & set(ids), backup=None)
        elif self.scenario.restore and s.backup is None and not s.wal and not s.acks:
            yield "!frontier copied", s._replace(backup=(s.ids, s.done, s.tries), crashes=s.crashes + 1)

    @staticmethod
    def without_fetcher(s):
        return s._replace(acks=frozenset(), laters=frozenset(), kids=frozenset(), untold=0)

    def restarted_sink(self, s, count):
        """Recovery: the valid part of the journal is synced first, then shown."""
        if self.mutant == "redo before sync":
            s = s._replace(pending=s.pending[:count], visible=count)
        else:
            s = self.recovered(s, count)._replace(pending=())
        if self.mutant == "truncate on recovery":  # of a torn page
            whole = len(s.out) - len(s.out) % len(self.halves)
            s = s._replace(out=s.out[:whole], out_durable=min(s.out_durable, whole))
        return s._replace(closed=told(s.segments))

    def power_cut(self, s, count, length):
        cut = self.without_fetcher(s._replace(out=s.out[:length], out_durable=length, tail=length, results=frozenset()))
        cut = self.restarted_sink(cut, count)
        for kept in range(len(s.wal) + 1):
            ids, done, tries = self.view(s, kept)
            yield ("!POWER journal %d, output %d, frontier %d" % (count, length, kept),
                   cut._replace(ids=ids, done=done, tries=tries, wal=()))
