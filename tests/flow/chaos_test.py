#!/usr/bin/python3
"""kill -9 of anything, at any time, any number of times: the output is that of an undisturbed crawl.

2,000 pages, 42,000 records in two files. THRESH_SEED repeats a storm, scripts/chaos makes longer ones.
"""
import os
import random
import unittest

from support.chaos import KINDS, Storm, assert_exact, plan_strikes, seed_of_environment
from support.flow import FlowTest
from support.labelled_site import LabelledSite

KILLS = int(os.environ.get("THRESH_KILLS") or 24)


class PlanTest(unittest.TestCase):
    def test_a_seed_gives_the_same_storm_again(self):
        first, second = (plan_strikes(random.Random(7), 60, 40_000) for _ in range(2))
        self.assertEqual(first, second)
        self.assertNotEqual(first, plan_strikes(random.Random(8), 60, 40_000))

    def test_a_storm_strikes_each_kind_equally_often_all_over_the_crawl_in_bursts_too(self):
        strikes = plan_strikes(random.Random(7), 60, 40_000)
        kinds = [kind for strike in strikes for kind in strike.kinds]
        self.assertEqual([kinds.count(kind) for kind in KINDS], [20, 20, 20])
        self.assertTrue(any(len(strike.kinds) == 3 for strike in strikes))
        self.assertGreater(len({strike.at_line * 10 // 40_001 for strike in strikes}), 7)


class ChaosTest(FlowTest):
    def test_nothing_is_lost_doubled_mixed_or_withdrawn_in_a_kill_storm(self):
        seed = seed_of_environment()
        with LabelledSite(200, self.tmp / "served") as site:
            outcome = Storm(self, site, KILLS, seed).run()
            assert_exact(self, outcome, site)
        self.assertEqual(sum(outcome.kills.values()), KILLS)
        self.assertEqual(sorted(outcome.kills), sorted(KINDS))


if __name__ == "__main__":
    unittest.main()
