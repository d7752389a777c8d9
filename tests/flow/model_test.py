#!/usr/bin/python3
"""The model of the protocol: it holds in every small case, and every rule removed from it does harm."""
import contextlib
import io
import subprocess
import sys
import unittest

from support.flow import ROOT

MODEL = ROOT / "docs" / "protocol" / "model.py"
sys.path.insert(0, str(MODEL.parent))
import model  # noqa: E402, from docs/protocol

LIMIT_S = 540  # On a machine with much else to do; some 25 s of CPU.


class ModelTest(unittest.TestCase):
    def test_the_protocol_holds_and_every_mutant_is_caught(self):
        done = subprocess.run([sys.executable, str(MODEL), "--short"], capture_output=True, text=True, timeout=LIMIT_S)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        for name, case in model.SCENARIOS.items():
            if case.short >= 0:
                self.assertRegex(done.stdout, r"(?m)^%s +ok " % name)
        for name in model.MUTANTS:
            self.assertRegex(done.stdout, r"(?m)^without: %s +(violation|deadlock|lost) " % name)

    def check(self, name, **mutants):
        """What check_mutant says, with these mutants known."""
        known = dict(model.MUTANTS)
        self.addCleanup(lambda: (model.MUTANTS.clear(), model.MUTANTS.update(known)))
        model.MUTANTS.update(mutants)
        with contextlib.redirect_stdout(io.StringIO()):
            return model.check_mutant(name)

    def test_a_mutant_that_removes_nothing_is_said_to_escape(self):
        for name in ("no dedupe", "children apart", "recycle before journaled", "truncate on recovery"):
            self.assertFalse(self.check("nothing", nothing=model.MUTANTS[name]), name)
        self.assertFalse(self.check("nothing", nothing=model.Mutant("page", "")))

    def test_a_mutant_that_does_other_harm_than_expected_is_said_to_escape(self):
        self.assertFalse(self.check("show before sync", **{"show before sync": model.Mutant("page", model.TWICE)}))


if __name__ == "__main__":
    unittest.main()
