"""The encodings of the web and their names, and which one a page is in.

As the native parser has it: Encoding standard 4.2 and 6, HTML 13.2.3.2, MIME Sniffing 4.4.
"""
from __future__ import annotations

import re
from dataclasses import dataclass

_LABELS = {
    "UTF-8":
        "utf-8 utf8 unicode-1-1-utf-8 unicode11utf8 unicode20utf8 x-unicode20utf8",
    "windows-1252":
        "iso-8859-1 windows-1252 latin1 us-ascii ascii ansi_x3.4-1968 cp1252 cp819 csisolatin1 ibm819 iso- "
        "ir-100 iso8859-1 iso88591 iso_8859-1 iso_8859-1:1987 l1 x-cp1252",
    "IBM866":
        "866 cp866 csibm866 ibm866",
    "ISO-8859-2":
        "csisolatin2 iso-8859-2 iso-ir-101 iso8859-2 iso88592 iso_8859-2 iso_8859-2:1987 l2 latin2",
    "ISO-8859-3":
        "csisolatin3 iso-8859-3 iso-ir-109 iso8859-3 iso88593 iso_8859-3 iso_8859-3:1988 l3 latin3",
    "ISO-8859-4":
        "csisolatin4 iso-8859-4 iso-ir-110 iso8859-4 iso88594 iso_8859-4 iso_8859-4:1988 l4 latin4",
    "ISO-8859-5":
        "csisolatincyrillic cyrillic iso-8859-5 iso-ir-144 iso8859-5 iso88595 iso_8859-5 iso_8859-5:1988",
    "ISO-8859-6":
        "arabic asmo-708 csiso88596e csiso88596i csisolatinarabic ecma-114 iso-8859-6 iso-8859-6-e "
        "iso-8859-6-i iso-ir-127 iso8859-6 iso88596 iso_8859-6 iso_8859-6:1987",
    "ISO-8859-7":
        "csisolatingreek ecma-118 elot_928 greek greek8 iso-8859-7 iso-ir-126 iso8859-7 iso88597 iso_8859-7 "
        "iso_8859-7:1987 sun_eu_greek",
    "ISO-8859-8":
        "csiso88598e csisolatinhebrew hebrew iso-8859-8 iso-8859-8-e iso-ir-138 iso8859-8 iso88598 iso_8859-8 "
        "iso_8859-8:1988 visual",
    "ISO-8859-8-I":
        "csiso88598i iso-8859-8-i logical",
    "ISO-8859-10":
        "csisolatin6 iso-8859-10 iso-ir-157 iso8859-10 iso885910 l6 latin6",
    "ISO-8859-13":
        "iso-8859-13 iso8859-13 iso885913",
    "ISO-8859-14":
        "iso-8859-14 iso8859-14 iso885914",
    "ISO-8859-15":
        "csisolatin9 iso-8859-15 iso8859-15 iso885915 iso_8859-15 l9",
    "ISO-8859-16":
        "iso-8859-16",
    "KOI8-R":
        "cskoi8r koi koi8 koi8-r koi8_r",
    "KOI8-U":
        "koi8-ru koi8-u",
    "macintosh":
        "csmacintosh mac macintosh x-mac-roman",
    "windows-874":
        "dos-874 iso-8859-11 iso8859-11 iso885911 tis-620 windows-874",
    "windows-1250":
        "cp1250 windows-1250 x-cp1250",
    "windows-1251":
        "cp1251 windows-1251 x-cp1251",
    "windows-1253":
        "cp1253 windows-1253 x-cp1253",
    "windows-1254":
        "cp1254 csisolatin5 iso-8859-9 iso-ir-148 iso8859-9 iso88599 iso_8859-9 iso_8859-9:1989 l5 latin5 "
        "windows-1254 x-cp1254",
    "windows-1255":
        "cp1255 windows-1255 x-cp1255",
    "windows-1256":
        "cp1256 windows-1256 x-cp1256",
    "windows-1257":
        "cp1257 windows-1257 x-cp1257",
    "windows-1258":
        "cp1258 windows-1258 x-cp1258",
    "x-mac-cyrillic":
        "x-mac-cyrillic x-mac-ukrainian",
    "GBK":
        "chinese csgb2312 csiso58gb231280 gb2312 gb_2312 gb_2312-80 gbk iso-ir-58 x-gbk",
    "gb18030":
        "gb18030",
    "Big5":
        "big5 big5-hkscs cn-big5 csbig5 x-x-big5",
    "EUC-JP":
        "cseucpkdfmtjapanese euc-jp x-euc-jp",
    "ISO-2022-JP":
        "csiso2022jp iso-2022-jp",
    "Shift_JIS":
        "csshiftjis ms932 ms_kanji shift-jis shift_jis sjis windows-31j x-sjis",
    "EUC-KR":
        "cseuckr csksc56011987 euc-kr iso-ir-149 korean ks_c_5601-1987 ks_c_5601-1989 ksc5601 ksc_5601 "
        "windows-949",
    "replacement":
        "csiso2022kr hz-gb-2312 iso-2022-cn iso-2022-cn-ext iso-2022-kr replacement",
    "UTF-16BE":
        "unicodefffe utf-16be",
    "UTF-16LE":
        "csunicode iso-10646-ucs-2 ucs-2 unicode unicodefeff utf-16 utf-16le",
    "x-user-defined":
        "x-user-defined",
}
_BY_LABEL = {label: name for name, labels in _LABELS.items() for label in labels.split()}
_SPACES = " \t\n\f\r"
_PRESCAN_BYTES = 1024
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+\-.^_`|~]+")
_JSON_TYPES = frozenset(("application/json", "text/json"))
_LINE_TYPES = frozenset((
    "application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines",
    "application/jsonlines", "application/json-seq", "application/x-jsonl", "text/x-ndjson"))


def charset_of_label(label: str) -> str | None:
    """The encoding's name, as windows-1252 for latin1; None for what is no label."""
    return _BY_LABEL.get(label.strip(_SPACES).lower()) if label.isascii() else None


# ---- What the server says: Content-Type ----------------------------------------------


def _listed_types(value: str) -> list[str]:
    """The types of a list: commas inside of quotes do not part them."""
    parts, begin, quoted, at = [], 0, False, 0
    while at < len(value):
        letter = value[at]
        if letter == '"':
            quoted = not quoted
        elif quoted and letter == "\\":
            at += 1
        elif letter == "," and not quoted:
            parts.append(value[begin:at])
            begin = at + 1
        at += 1
    return [*parts, value[begin:]]


def _quoted(text: str, at: int) -> tuple[str, int]:
    """The value of the quoted string that begins at `at`, and where it ends."""
    value, at = [], at + 1
    while at < len(text) and text[at] != '"':
        if text[at] == "\\" and at + 1 < len(text):
            at += 1
        value.append(text[at])
        at += 1
    return "".join(value), at + 1


def _until(text: str, at: int, ends: str) -> int:
    while at < len(text) and text[at] not in ends:
        at += 1
    return at


def _mime_type(text: str) -> tuple[str, str | None] | None:
    """Its essence and the label of its charset; None for what is no type."""
    text = text.strip(_SPACES)
    at = _until(text, 0, ";")
    essence = text[:at].strip(_SPACES)
    kind, slash, subtype = essence.partition("/")
    if not slash or not _TOKEN.fullmatch(kind) or not _TOKEN.fullmatch(subtype):
        return None
    charset = None
    while at < len(text):
        at += 1
        while at < len(text) and text[at] in _SPACES:
            at += 1
        end = _until(text, at, ";=")
        name = text[at:end]
        at = end
        if at == len(text) or text[at] == ";":
            continue
        at += 1
        if text[at:at + 1] == '"':
            value, at = _quoted(text, at)
            at = _until(text, at, ";")
        else:
            end = _until(text, at, ";")
            value, at = text[at:end].strip(_SPACES), end
            if not value:
                continue
        plain = all(letter == "\t" or (letter >= " " and letter != "\x7f") for letter in value)
        if charset is None and name.lower() == "charset" and plain:
            charset = value
    return essence, charset


def _charset_of_content_type(value: str) -> str | None:
    essence, charset = "", None
    for part in _listed_types(value) if value else ():
        found = _mime_type(part)
        if found is None or found[0] == "*/*":
            continue
        is_other = found[0].lower() != essence.lower()
        essence = found[0]
        if is_other or found[1] is not None:
            charset = found[1]
    return charset_of_label(charset) if charset is not None else None


# ---- What the page says: <meta>, and an XML declaration ---------------------------------


def _readable(name: str | None) -> str | None:
    """Whoever could read the declaration is not reading UTF-16."""
    return "UTF-8" if name in ("UTF-16BE", "UTF-16LE") else name


def _utf16_declaration(head: str) -> str | None:
    if head.startswith("<\0?\0x\0"):
        return "UTF-16LE"
    return "UTF-16BE" if head.startswith("\0<\0?\0x") else None


def _prescan_xml(head: str) -> str | None:
    if utf16 := _utf16_declaration(head):
        return utf16
    end = head.find(">")
    if not head.startswith("<?xml") or end < 0:
        return None
    found = re.search(r"encoding[\x00-\x20]*(=?)[\x00-\x20]*(['\"]?)", head[:end])
    if not found or not found[1] or not found[2]:
        return None
    close = head.find(found[2], found.end(), end)
    label = head[found.end():close]
    if close < 0 or any(letter <= " " for letter in label):
        return None
    return _readable(charset_of_label(label))


def _charset_in_content(content: str) -> str | None:
    """The `charset=…` within a `content` attribute (HTML 2.5.3)."""
    found = re.search(r"charset[ \t\n\f\r]*=[ \t\n\f\r]*", content, re.IGNORECASE | re.ASCII)
    if not found or found.end() == len(content):
        return None
    at = found.end()
    if content[at] in "\"'":
        end = content.find(content[at], at + 1)
        return None if end < 0 else charset_of_label(content[at + 1:end])
    return charset_of_label(content[at:_until(content, at, _SPACES + ";")])


class _Prescan:
    """"Prescan a byte stream to determine its encoding": the head as latin-1 letters."""

    def __init__(self, head: str) -> None:
        self._head, self._at = head, 0

    def run(self) -> str | None:
        head, size = self._head, len(self._head)
        while True:
            self._at = head.find("<", self._at)
            if self._at < 0:
                return None
            at = self._at
            if head.startswith("<!--", at):
                end = head.find("-->", at + 2)
                self._at = size if end < 0 else end + 2
            elif head[at:at + 5].lower() == "<meta" and head[at + 5:at + 6] in tuple(_SPACES + "/"):
                self._at += 5
                if charset := self._meta():
                    return charset
            elif re.match(r"</?[A-Za-z]", head[at:at + 3]):
                self._at = _until(head, at, _SPACES + ">")
                while self._attribute() is not None:
                    pass
            elif head[at + 1:at + 2] in ("!", "/", "?"):
                end = head.find(">", at)
                self._at = size if end < 0 else end
            if self._at >= size:
                return None
            self._at += 1

    def _meta(self) -> str | None:
        charset: str | None = None
        seen: set[str] = set()
        need_pragma = got_pragma = False
        while (attribute := self._attribute()) is not None:
            name, value = attribute
            if name in seen or name not in ("http-equiv", "content", "charset"):
                continue
            seen.add(name)
            if name == "http-equiv":
                got_pragma = value.lower() == "content-type"
            elif name == "content":
                said = _charset_in_content(value)
                if said is not None and "charset" not in seen and not need_pragma:
                    charset, need_pragma = said, True
            else:
                charset, need_pragma = charset_of_label(value), False
        if self._at >= len(self._head) or charset is None or (need_pragma and not got_pragma):
            return None
        return "windows-1252" if charset == "x-user-defined" else _readable(charset)

    def _attribute(self) -> tuple[str, str] | None:
        head, size = self._head, len(self._head)
        while self._at < size and head[self._at] in _SPACES + "/":
            self._at += 1
        if self._at >= size or head[self._at] == ">":
            return None
        begin = self._at
        self._at = _until(head, begin + 1 if head[begin] == "=" else begin, _SPACES + "/>=")
        name, value = head[begin:self._at].lower(), ""
        self._skip_spaces()
        if self._at < size and head[self._at] == "=":
            self._at += 1
            self._skip_spaces()
            value = self._value()
        return None if self._at >= size else (name, value)

    def _value(self) -> str:
        head, begin = self._head, self._at
        if begin >= len(head) or head[begin] == ">":
            return ""
        if head[begin] in "\"'":
            end = head.find(head[begin], begin + 1)
            self._at = len(head) if end < 0 else end + 1
            return "" if end < 0 else head[begin + 1:end]
        self._at = _until(head, begin, _SPACES + ">")
        return head[begin:self._at]

    def _skip_spaces(self) -> None:
        while self._at < len(self._head) and self._head[self._at] in _SPACES:
            self._at += 1


def _prescan_html(head: bytes) -> str | None:
    text = head.decode("latin-1")
    return _utf16_declaration(text) or _Prescan(text).run() or _prescan_xml(text)


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


# ---- What kind of page it is, and its encoding ------------------------------------------


def _kind_by_content(body: bytes, otherwise: str) -> str:
    text = body.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\n\f\r")[:1024]
    if text[:1] in (b"{", b"["):
        return "json"
    lower = text.lower()
    if text.startswith(b"<?xml"):
        return "html" if b"<html" in lower or b"<!doctype html" in lower else "xml"
    if text.startswith((b"<rss", b"<feed", b"<urlset", b"<sitemapindex")) or b"sitemaps.org/schemas/sitemap" in lower:
        return "xml"
    return "html" if text.startswith(b"<") else otherwise


def kind_of_body(content_type: str, body: bytes) -> str:
    """html, json, ndjson, xml or text, by the header and, where that says nothing, the first bytes."""
    essence = content_type.partition(";")[0].strip(" \t\r\n").lower()
    if essence in ("text/html", "application/xhtml+xml"):
        return "html"
    if essence in _LINE_TYPES:
        return "ndjson"
    if essence in _JSON_TYPES or essence.endswith("+json"):
        return "json"
    if essence in ("text/xml", "application/xml") or essence.endswith("+xml"):
        return "xml"
    return _kind_by_content(body, "text" if essence == "text/plain" else "html")


@dataclass(frozen=True)
class BodyRules:
    """A recipe's `body.as` and `body.charset`."""

    kind: str = "auto"
    charset: str = ""


def sniff(body: bytes, content_type: str, rules: BodyRules = BodyRules()) -> str:
    """The name of the body's encoding: by its byte order mark, the recipe, the Content-Type, what the page
    itself says, else UTF-8."""
    for mark, name in ((b"\xef\xbb\xbf", "UTF-8"), (b"\xfe\xff", "UTF-16BE"), (b"\xff\xfe", "UTF-16LE")):
        if body.startswith(mark):
            return name
    said = charset_of_label(rules.charset) or _charset_of_content_type(content_type)
    if said:
        return said
    kind = kind_of_body(content_type, body) if rules.kind == "auto" else rules.kind
    if kind == "xml":
        return _prescan_xml(body[:_PRESCAN_BYTES].decode("latin-1")) or "UTF-8"
    if kind != "html":
        return "UTF-8"
    if found := _prescan_html(body[:_PRESCAN_BYTES]):
        return found
    if len(body) <= _PRESCAN_BYTES or (b"\x1b" not in body and _is_utf8(body)):
        return "UTF-8"
    return _prescan_html(body) or "UTF-8"
