"""WARC files read by the letter of ISO 28500:2017 (WARC 1.1), without any of thresh's code.

`read_warc(path)` gives the records of a file, or raises `NotWarc` with the place and the rule that is
broken there.
"""
import base64
import gzip
import hashlib
import pathlib
import re
import struct
import zlib

TYPES = {"warcinfo", "response", "resource", "request", "metadata", "revisit", "conversion", "continuation"}
TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")
DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z\Z")  # 5.4
ID = re.compile(r"<urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}>\Z")


class NotWarc(Exception):
    pass


class Record:
    """`fields` in lower case, `block` as bytes."""

    def __init__(self, fields, block, offset):
        self.fields, self.block, self.offset = fields, block, offset

    @property
    def type(self):
        return self.fields["warc-type"]

    @property
    def payload(self):
        """Of an HTTP message: what comes behind its head."""
        return self.block.partition(b"\r\n\r\n")[2]


def members(data):
    """The gzip members of a file: where each begins, what it says of its length, its bytes unpacked."""
    at = 0
    while at < len(data):
        if data[at:at + 3] != b"\x1f\x8b\x08":
            raise NotWarc("byte %d: expected a gzip member (annex D)" % at)
        stream = zlib.decompressobj(31)
        try:
            unpacked = stream.decompress(data[at:])
        except zlib.error as damage:
            raise NotWarc("byte %d: %s" % (at, damage)) from None
        if not stream.eof:
            raise NotWarc("byte %d: the member is torn" % at)
        end = len(data) - len(stream.unused_data)
        if data[at + 3] & 4:  # RFC 1952, 2.3.1.1; `sl` is annex D's.
            size, = struct.unpack_from("<H", data, at + 10)
            extra = data[at + 12:at + 12 + size]
            if extra[:2] == b"sl" and struct.unpack("<HII", extra[2:12]) != (8, end - at, len(unpacked)):
                raise NotWarc("byte %d: the lengths in its head are wrong" % at)
        yield at, unpacked
        at = end


def parse_record(bytes_, offset):
    """One record and nothing else (4)."""
    def check(holds, rule):
        if not holds:
            raise NotWarc("record at byte %d: %s" % (offset, rule))

    head, blank, rest = bytes_.partition(b"\r\n\r\n")
    check(blank, "a head ends in an empty line")
    lines = head.split(b"\r\n")
    check(lines[0] == b"WARC/1.1", "it begins with WARC/1.1")
    check(b"\n" not in head.replace(b"\r\n", b"") and b"\r" not in head.replace(b"\r\n", b""), "lines end in CRLF")
    fields = {}
    for line in lines[1:]:
        name, colon, value = line.partition(b":")
        check(colon and TOKEN.match(name), "a field is `token: value`: %r" % line)
        name = name.decode().lower()
        check(name not in fields or name == "warc-concurrent-to", "%s comes once" % name)
        fields[name] = value.strip(b" \t").decode("utf-8")
    for name in ("warc-record-id", "content-length", "warc-date", "warc-type"):
        check(name in fields, "%s is mandatory (5.1)" % name)
    check(re.fullmatch(r"\d+", fields["content-length"]), "Content-Length is digits")
    length = int(fields["content-length"])
    check(rest[length:] == b"\r\n\r\n", "two line ends are behind the block, and nothing else")
    record = Record(fields, rest[:length], offset)
    check(fields["warc-type"] in TYPES, "a WARC-Type of 6")
    check(DATE.match(fields["warc-date"]), "WARC-Date is UTC")
    check(ID.match(fields["warc-record-id"]), "WARC-Record-ID is a URI in < >, here a UUID")
    if record.type == "warcinfo":
        check("warc-target-uri" not in fields, "warcinfo has no target (5.6)")
        check(fields.get("content-type") == "application/warc-fields", "warcinfo is of warc-fields (6.2)")
    else:
        check(re.match(r"[a-z][a-z0-9+.-]*:[!-~]+\Z", fields.get("warc-target-uri", "")), "WARC-Target-URI is a URI (5.6)")
        check("warc-filename" not in fields, "WARC-Filename is of warcinfo (5.15)")
    check(length == 0 or "content-type" in fields, "a block has a Content-Type (5.9)")
    if record.type in ("response", "request"):
        check(fields["content-type"] == "application/http;msgtype=" + record.type, "an HTTP message (6.3, 6.4)")
        first = record.block.split(b"\r\n")[0]
        form = rb"HTTP/1\.1 \d{3} [ -~]*\Z" if record.type == "response" else rb"[A-Z]+ /[!-~]* HTTP/1\.1\Z"
        check(re.match(form, first), "an HTTP message begins with its line: %r" % first)
        check(not re.search(rb"\r\ntransfer-encoding:", record.block.partition(b"\r\n\r\n")[0], re.I), "no chunks are said to be there")
    for name, of in (("warc-block-digest", record.block), ("warc-payload-digest", record.payload)):
        if name in fields:
            found = "sha1:" + base64.b32encode(hashlib.sha1(of).digest()).decode()
            check(fields[name] == found, "%s is %s, found %s (5.8)" % (name, found, fields[name]))
    return record


def read_warc(path):
    """All records of a packed file, checked one by one and against each other."""
    path = pathlib.Path(path)
    if not path.name.endswith(".warc.gz"):
        raise NotWarc("%s: annex D wants .warc.gz" % path.name)
    records = [parse_record(unpacked, at) for at, unpacked in members(path.read_bytes())]
    ids = [record.fields["warc-record-id"] for record in records]
    if len(set(ids)) != len(ids):
        raise NotWarc("%s: a record's id comes twice (5.2)" % path.name)
    if records and (records[0].type != "warcinfo" or records[0].fields["warc-filename"] != path.name):
        raise NotWarc("%s: warcinfo comes first, and names the file" % path.name)
    for record in records:
        other = record.fields.get("warc-concurrent-to")
        if other is not None and other not in ids:
            raise NotWarc("%s: %s is not there (5.7)" % (path.name, other))
    return records


def responses(folder):
    """{URL: the payloads of its response records} of all WARC files of a folder, unpacked."""
    found = {}
    for path in sorted(pathlib.Path(folder).glob("*.warc.gz")):
        for record in read_warc(path):
            if record.type == "response":
                payload = record.payload
                if b"content-encoding: gzip" in record.block.partition(b"\r\n\r\n")[0].lower():
                    payload = gzip.decompress(payload)
                found.setdefault(record.fields["warc-target-uri"], []).append(payload)
    return found
