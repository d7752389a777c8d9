"""What every workload has, and the pages on disk that are made once and kept."""
import hashlib
import json
import pathlib
import shutil

import digest

BENCH = pathlib.Path(__file__).resolve().parent.parent


class Workload:
    """One kind of crawl. A subclass says what it is by these, and by the methods that raise NotImplementedError.

    name         "W2"; also the first part of the path of its URLs
    title        a line for people
    kind         what its pages are: "waiting", "reviews" or "places"; peers choose their extraction by it
    pages        how many pages a whole crawl fetches
    at_once      connections, the same for all
    cpu_ms       milliseconds of CPU that each page's extraction is to burn on top
    parsers      parsers of thresh; None: one a core
    recipe       path of the recipe
    item         name of its records, so that they stand in OUT/ITEM.ndjson
    sources      files that decide what the pages are
    nginx        lines for nginx's server { }
    limit        (words, pages/s or None if it is what the quickest program that only fetches does in the same run)
    """
    cpu_ms, parsers, at_once, nginx = 0, None, 100, ""
    limit = ("fetching alone", None)

    def parameters(self):
        """What the pages depend on, besides `sources`; JSON. `count`: so many of them, and fewer are the first of more."""
        raise NotImplementedError

    def write_pages(self, folder):
        """Writes what nginx is to serve below its root `folder`."""
        raise NotImplementedError

    def truth(self):
        """Every record of the workload, as a dict."""
        raise NotImplementedError

    def seeds(self, base):
        """The URLs a crawl begins with, on the server at `base` (http://host:port)."""
        raise NotImplementedError

    def every_url(self, base):
        """The URLs of all pages."""
        return self.seeds(base)

    @staticmethod
    def canonical(record):
        """The words that make a record what it is."""
        raise NotImplementedError

    def differences(self, path):
        """Examples, in words, of how the records in a file differ from the truth."""
        return []

    def generate(self, root):
        """Writes the pages below `root`, unless they stand there from before. Gives the digest of their records."""
        mark, made_of = root / (self.name + ".json"), self._made_of()
        if not mark.exists() or not _holds(json.loads(mark.read_text()), made_of):
            mark.unlink(missing_ok=True)
            shutil.rmtree(root / self.name, ignore_errors=True)
            (root / self.name).mkdir(parents=True)
            self.write_pages(root)
            mark.write_text(json.dumps(made_of))  # last: there only if all else is
        return self.expected(root)

    def expected(self, root):
        """The digest of all records, worked out once and kept in `root`."""
        kept, made_of = root / ("%s-%d.json" % (self.name, self.pages)), self._made_of()
        if kept.exists():
            found = json.loads(kept.read_text())
            if found["made_of"] == made_of:
                return digest.Digest(found["records"], found["value"])
        truth = digest.of_records(self.truth(), self.canonical)
        kept.write_text(json.dumps({"made_of": made_of, "records": truth.records, "value": truth.value}))
        return truth

    def _made_of(self):
        sources = b"".join((BENCH / name).read_bytes() for name in self.sources)
        return {"parameters": self.parameters(), "sources": hashlib.sha256(sources).hexdigest()[:16]}


def _holds(there, wanted):
    """True if pages made of `there` are those made of `wanted`, or more."""
    more = there["parameters"].get("count", 0) >= wanted["parameters"]["count"]
    return more and {**there["parameters"], "count": 0} == {**wanted["parameters"], "count": 0} and there["sources"] == wanted["sources"]
