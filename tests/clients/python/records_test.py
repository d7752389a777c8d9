#!/usr/bin/python3
"""Records: what may be in one, what is refused, and with which words."""
import datetime
import fractions
import unittest

import msgpack
from package import ROOT  # noqa: F401
from thresh.records import BadResult, Budget, RecordBook, TooLarge, check_item


def packed(*records, item="page"):
    book = RecordBook(item, Budget())
    for record in records:
        book.add(record)
    unpacker = msgpack.Unpacker()
    unpacker.feed(book.packed())
    return book.rows(), list(unpacker)


def nested(levels):
    value = {}
    for _ in range(levels - 1):
        value = {"a": value}
    return value


class RecordsTest(unittest.TestCase):
    def refused(self, record, words):
        with self.assertRaisesRegex(BadResult, words):
            packed(record)

    def test_what_json_can_say_comes_through(self):
        record = {"z": 1, "a": [None, True, 1.5, "é", {"b": ()}], "big": (1 << 64) - 1, "small": -(1 << 63)}
        self.assertEqual(packed(record), ([("page", 1)], [{**record, "a": [None, True, 1.5, "é", {"b": []}]}]))
        self.assertEqual(list(packed(record)[1][0]), list(record))  # In their order.

    def test_dates_and_other_numbers(self):
        record = {"d": datetime.date(2024, 2, 3), "t": datetime.datetime(2024, 2, 3, 4, 5, tzinfo=datetime.timezone.utc),
                  "f": fractions.Fraction(1, 4)}
        self.assertEqual(packed(record)[1], [{"d": "2024-02-03", "t": "2024-02-03T04:05:00+00:00", "f": 0.25}])

    def test_subclasses_are_what_they_are_made_of(self):
        class Text(str):
            pass

        class Number(int):
            pass
        self.assertEqual(packed({Text("k"): Text("v"), "n": Number(7)})[1], [{"k": "v", "n": 7}])

    def test_halves_of_pairs_become_what_utf8_has_for_them(self):
        self.assertEqual(packed({"a\ud800": "\udc00x\ud83d\ude00"})[1], [{"a\ufffd": "\ufffdx\U0001f600"}])

    def test_items_and_their_rows(self):
        rows, records = packed({"a": 1}, {"_item": "other", "a": 2}, {"a": 3})
        self.assertEqual(rows, [("page", 2), ("other", 1)])
        self.assertEqual([record["a"] for record in records], [1, 3, 2])

    def test_keys_of_the_sink_are_renamed_as_in_native_parsers(self):
        self.assertEqual(packed({"_id": 1, "__x": 2, "_": 3, "a": {"_id": 4}})[1], [{"id_": 1, "x__": 2, "value_": 3, "a": {"_id": 4}}])
        self.refused({"_id": 1, "id_": 2}, "'id_' twice")

    def test_what_is_no_record(self):
        for rubbish in (7, "text", None, [1], object()):
            self.refused(rubbish, "record 0: expected a dict, found ")

    def test_what_json_cannot_say_is_told_with_its_place(self):
        self.refused({"a": {"b": [float("nan")]}}, r"record 0\.a\.b\[\]: expected a finite number, found float nan")
        self.refused({"a": float("-inf")}, "finite")
        self.refused({"a": 1 << 64}, "64 bits, found one of 65 bits")
        self.refused({"a": b"x"}, r"found bytes b'x'")
        self.refused({"a": {1}}, r"found set \{1\}")
        self.refused({1: 2}, "a key that is a string, found int 1")

    def test_a_value_whose_own_words_fail(self):
        class Odd:
            def __repr__(self):
                raise RuntimeError
        self.refused({"a": Odd()}, "found Odd …")

    def test_64_levels_and_no_more(self):
        self.assertEqual(len(packed(nested(64))[1]), 1)
        self.refused(nested(65), "at most 64 levels")
        loop = {}
        loop["a"] = loop
        self.refused(loop, "at most 64 levels")

    def test_a_page_has_a_budget(self):
        book = RecordBook("page", Budget(1000))
        book.add({"a": "x" * 500})
        with self.assertRaises(TooLarge):
            book.add({"a": "x" * 500})
        wide = "x" * 1000
        for _ in range(40):
            wide = [wide, wide]
        with self.assertRaises(TooLarge):
            packed({"a": wide})

    def test_names_of_items_are_names_of_files(self):
        self.assertEqual(check_item("a-B_9"), "a-B_9")
        for name in ("", "../x", "a b", "a" * 65, "dead", "jobs", "é", "a\n", 7):
            with self.assertRaises(BadResult):
                check_item(name)


if __name__ == "__main__":
    unittest.main()
