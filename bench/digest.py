"""Are the records of a crawl those of the site? One number for a whole file, whatever the order of its lines.

A digest is how many records there are and the sum, modulo 2**64, of the 64-bit BLAKE2b of each one's canonical words:
a record lost, doubled or altered changes it, another order does not. Fields whose names begin with `_` are the
program's own and do not count.
"""
import concurrent.futures
import dataclasses
import hashlib
import json
import os

MASK = (1 << 64) - 1
PART_BYTES = 8_000_000  # a file longer than this is read by as many processes as there are cores


@dataclasses.dataclass(frozen=True)
class Digest:
    """Of a set of records; `bad_lines` counts lines that are none."""
    records: int = 0
    value: int = 0
    bad_lines: int = 0

    def __add__(self, other):
        return Digest(self.records + other.records, (self.value + other.value) & MASK, self.bad_lines + other.bad_lines)

    def difference(self, expected):
        """"exact", or in words how these records differ from the expected ones."""
        if self == expected:
            return "exact"
        words = ["%d bad lines" % self.bad_lines] if self.bad_lines else []
        if self.records != expected.records:
            words.append("%d records, expected %d" % (self.records, expected.records))
        return ", ".join(words) or "as many records, not the same"


def hash_of(words):
    """The 64-bit hash of a record's canonical words."""
    return int.from_bytes(hashlib.blake2b("\x1f".join(words).encode(), digest_size=8).digest(), "big")


def of_records(records, canonical):
    """Digest of an iterable of dicts; `canonical` gives a record's words, and KeyError, TypeError or ValueError for none."""
    count, value = 0, 0
    for record in records:
        count, value = count + 1, value + hash_of(canonical(record))
    return Digest(count, value & MASK)


def of_file(path, canonical):
    """Digest of an NDJSON file; of no records if it does not exist."""
    if not path.exists():
        return Digest()
    size = path.stat().st_size
    if size < PART_BYTES:
        return _of_part(path, canonical, 0, size)
    cuts = [size * part // os.cpu_count() for part in range(os.cpu_count() + 1)]
    with concurrent.futures.ProcessPoolExecutor() as pool:
        parts = [pool.submit(_of_part, path, canonical, *ends) for ends in zip(cuts, cuts[1:])]
        return sum((part.result() for part in parts), Digest())


def _of_part(path, canonical, start, end):
    """Digest of the lines that begin at `start` or later and before `end`."""
    count, value, bad = 0, 0, 0
    with open(path, "rb") as lines:
        lines.seek(max(0, start - 1))
        if start > 0:
            lines.readline()  # the rest of a line that began before `start`
        while lines.tell() < end:
            try:
                value += hash_of(canonical(json.loads(lines.readline())))
                count += 1
            except (ValueError, KeyError, TypeError, AttributeError):
                bad += 1
    return Digest(count, value & MASK, bad)
