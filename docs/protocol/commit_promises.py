"""What has to hold in every state of commit.py, and where its work ends."""
from commit_state import DEAD, JOB, commits_of, journal
from explore import bits


class CommitPromises:
    """Of the state alone; `scenario`, `halves`, `view` and `image` are those of the model."""

    def bad(self, s):
        return (self.bad_output(s) or self.bad_redo(s) or self.bad_ids(s) or self.bad_done(s)
                or self.bad_letters(s))

    def bad_output(self, s):
        """The file is whole commits in order, the last one perhaps torn; each page once."""
        urls = set()
        for at in range(0, len(s.out), len(self.halves)):
            i, url, content, half = s.out[at]
            if half != 0:
                return "the output starts in the middle of a page"
            if s.out[at + 1:at + len(self.halves)] not in ((), ((i, url, content, 1),)):
                return "two attempts are mixed"
            name = (i, url) if self.scenario.restore else url  # see README: an old copy forgets what it fetched
            if name in urls:
                return "a page is in the output twice"
            urls.add(name)
        return None

    def bad_redo(self, s):
        """What was seen is there, or the journal will put it there again, the same."""
        if len(s.out) < s.tail:
            return "the output was truncated"
        common = min(len(s.out), len(s.seen))
        if s.out[:common] != s.seen[:common]:
            return "a seen line changed"
        base = s.segments[0][0]
        if len(s.out) < base:
            return "the journal was recycled before its output was durable"
        redo = s.out[:base] + self.image(journal(s))
        if len(redo) < len(s.seen) or redo[:len(s.seen)] != s.seen:
            return "a seen line is withdrawn"
        return None

    def bad_ids(self, s):
        """An id never names two pages, and no URL that was accepted is forgotten."""
        if not s.fed <= set(self.view(s)[0]):
            return "an accepted URL is not in the frontier"
        if self.scenario.restore:
            return None
        names = dict(enumerate(s.ids))
        for i, url, _ in tuple(s.results) + journal(s) + commits_of(s.pending):
            if names.setdefault(i, url) != url:
                return "id %d names two pages" % i
        return None

    @staticmethod
    def bad_done(s):
        """Done in the frontier: durable in the journal or the output."""
        durable = {commit[:2] for commit in journal(s)} | {token[:2] for token in s.out[:s.segments[0][0]]}
        for i in bits(s.done):
            if (i, s.ids[i]) not in durable:
                return "page %d is done, and its records are not durable" % i
        return None

    def bad_letters(self, s):
        for i, _, content in tuple(s.results) + journal(s) + commits_of(s.pending):
            if content == DEAD and len({said for said in s.tries if said[0] == i}) < self.scenario.retries:
                return "page %d is dead before its attempts were used up" % i
        return None

    def goal(self, s):
        """All that was fed and followed is done and in the output once, and the journal is let go of."""
        if s.link == "stopped":
            return self.scenario.restore  # an operator has been told what to do
        wanted = set(self.scenario.feed) | set(self.scenario.child.values()) | ({JOB} if self.scenario.job else set())
        made = wanted - self.scenario.slow
        return (set(self.scenario.feed) <= s.fed and set(s.ids) == wanted and not s.wal
                and all((s.done >> i & 1) == (url in made) for i, url in enumerate(s.ids))
                and {token[1] for token in s.out} == made and len(s.out) == len(self.halves) * len(made)
                and (not self.scenario.segments or len(s.segments) == 1))
