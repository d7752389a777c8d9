"""What the model of commit.py consists of at a moment, and what may be read off it."""
from typing import NamedTuple

DEAD = "dead"
JOB = "job"  # The task that reports a job.


class Scenario(NamedTuple):
    """What is fed, and which parts of the protocol take part."""
    feed: tuple = ("A",)
    child: dict = {}            # page -> the page that it links to
    slow: frozenset = frozenset()  # pages that are not fetched in the time looked at
    segments: bool = False      # a segment of the journal holds one page; else all fit in one
    retries: int = 0            # "later" answers after which a page is dead; 0: no such answers
    job: bool = False           # the end of all pages is reported
    restore: bool = False       # the frontier may be replaced by an old copy
    power: bool = True          # a crash may be a power cut
    accepted: bool = False      # it begins when all is fed and durable
    plain: bool = False         # a page is one token, of the same content each time; no result comes twice


class State(NamedTuple):
    fed: frozenset = frozenset()      # URLs that the feeder was told "ok" for
    # The frontier, durable; `wal` is written, not synced.
    ids: tuple = ()                   # id -> URL
    done: int = 0                     # ids
    tries: tuple = ()                 # (id, attempt) that said "later"
    wal: tuple = ()
    # The fetcher's memory.
    untold: int = 0                   # closed ids that the next LOW names
    kids: frozenset = frozenset()     # (mutant) links of done pages, not in the frontier yet
    link: str = "ok"                  # to the sink: "ok", "new" (SYNC not answered), "stopped"
    backup: tuple = None              # an old copy of the frontier's folder
    # On their way.
    results: frozenset = frozenset()  # (id, url, content), to the sink
    acks: frozenset = frozenset()     # (id, url, or "closed" long ago), to the fetcher
    laters: frozenset = frozenset()   # (id, attempt), to the fetcher
    # The sink. A segment: (length of the output at its start, closed ids it tells, commits).
    segments: tuple = ((0, 0, ()),)   # durable
    pending: tuple = ()               # records written to the last segment, not synced
    closed: int = 0                   # memory: ids told by LOW or the journal
    visible: int = 0                  # (mutant) pending records that may be shown
    out: tuple = ()                   # tokens
    out_durable: int = 0              # tokens
    seen: tuple = ()                  # tokens that a reader has seen at some time
    tail: int = 0                     # tokens that a `tail -f` has read since the last power cut
    crashes: int = 1


def commits_of(records):
    return tuple(record[1:] for record in records if record[0] == "commit")


def journal(s):
    """All durable commits in order."""
    return tuple(commit for segment in s.segments for commit in segment[2])


def told(segments):
    """The closed ids that these segments tell."""
    mask = 0
    for _, closed, _ in segments:
        mask |= closed
    return mask


def see(s):
    """Readers look at any time: what is in the file counts as seen."""
    s = s._replace(tail=max(s.tail, len(s.out)))
    if len(s.out) > len(s.seen) and s.out[:len(s.seen)] == s.seen:
        return s._replace(seen=s.out)
    return s
