"""Tables of what was measured, in Markdown: a run's numbers are medians, a ratio is the median of the ratios of its rounds.

A round is thresh and then each peer, so that what drifts on a machine meets both. Disturbed runs are left out where there
are others; where there are none, the number bears a `~`.
"""
import statistics

# What is promised of thresh: (workload, words, what is looked at, the least or the most it may be). `than NAME`: a ratio.
PROMISES = (
    ("W1", "from the first request to the last answer", "served_s", "at most", 1.03, "s"),
    ("W2", "pages", "pages_per_s", "at least", 4000, "pages/s"),
    ("W2", "as quick as Go with goquery", "than goquery", "at least", 5.0, "times"),
    ("W2", "as quick as aiohttp + pool + lxml", "than aiohttp+pool", "at least", 10.0, "times"),
    ("W2", "as quick as Scrapy", "than scrapy", "at least", 58.0, "times"),
    ("W2", "memory of all processes", "peak_mb", "at most", 150, "MB"),
    ("W2", "CPU of the fetcher a page, its start included", "fetcher_us", "at most", 60, "µs"),
    ("W3", "pages", "pages_per_s", "at least", 2000, "pages/s"),
    ("W4", "pages", "pages_per_s", "at least", 12000, "pages/s"),
    ("W4", "as quick as aiohttp in one process", "than aiohttp", "at least", 3.6, "times"),
    ("W5", "pages", "pages_per_s", "at least", 95, "pages/s"))


class Results:
    """All runs of a report, by workload and program. A run is a dict of measured.run with a `round` number."""

    def __init__(self, runs):
        self.runs = runs

    def workloads(self):
        return sorted({run["workload"] for run in self.runs})

    def programs(self, workload):
        """thresh first, then the others from the quickest to the slowest."""
        names = {run["program"] for run in self.runs if run["workload"] == workload}
        return sorted(names, key=lambda name: (name != "thresh", -self.number(workload, name, "pages_per_s")))

    def of(self, workload, program):
        return [run for run in self.runs if (run["workload"], run["program"]) == (workload, program)]

    def counted(self, workload, program, memory=False):
        """The runs whose numbers count: the undisturbed ones, or all if there are none. Those whose memory was watched
        count for their memory; for the rest only if there are no others."""
        runs = self.of(workload, program)
        runs = [run for run in runs if run["memory_watched"] == memory] or runs
        return [run for run in runs if not run["disturbed"]] or runs

    def number(self, workload, program, key):
        return statistics.median(_value(run, key) for run in self.counted(workload, program, key == "peak_mb"))

    def ratio(self, workload, program):
        """How many times as quick as `program` thresh is: the median over rounds; against its median if it ran but once."""
        theirs = {run["round"]: run for run in self.counted(workload, program)}
        ours = {run["round"]: run for run in self.counted(workload, "thresh")}
        common = ours.keys() & theirs.keys()
        if len(theirs) == 1 or not common:
            return _quotient(self.number(workload, "thresh", "pages_per_s"), self.number(workload, program, "pages_per_s"))
        return statistics.median(_quotient(ours[n]["pages_per_s"], theirs[n]["pages_per_s"]) for n in common)

    def disturbed(self, workload, program):
        """True if there is no undisturbed run."""
        return all(run["disturbed"] for run in self.counted(workload, program))


def _quotient(ours, theirs):
    """Of two speeds; a program without a speed (its records were wrong) cannot be compared: 0."""
    return ours / theirs if theirs else 0.0


def _value(run, key):
    values = {"cpu_ms_per_page": lambda: 1000 * run["cpu_s"] / run["pages"], "peak_mb": lambda: run["peak_pss_bytes"] / 1e6,
              "served_s": lambda: run.get("served_s", run["wall_s"]),
              "fetcher_us": lambda: 1e6 * run["cpu_by_process"].get("thresh-fetcher", 0.0) / run["pages"]}
    return values[key]() if key in values else run[key]


def table(results, workload):
    """The Markdown table of a workload."""
    name = workload.name
    served = workload.kind == "waiting"
    head = ["program", *(["first request to last answer s"] if served else []), "wall s", "pages/s", "thresh is",
            "CPU s", "CPU ms/page", "server CPU s", "peak MB", "runs", "records"]
    rows = [_row(results, workload, program, served) for program in results.programs(name)]
    return markdown([head, *rows, *_limit_row(results, workload, head)])


def _row(results, workload, program, served):
    runs, name = results.of(workload.name, program), workload.name
    mark = "~" if results.disturbed(name, program) else ""

    def number(key, form):
        return mark + form % results.number(name, program, key)
    disturbed = sum(run["disturbed"] for run in runs)
    part = "" if runs[0]["pages"] == workload.pages else " (%d pages)" % runs[0]["pages"]
    return [program + part, *([number("served_s", "%.3f")] if served else []), number("wall_s", "%.2f"),
            number("pages_per_s", _rate_form(results.number(name, program, "pages_per_s"))),
            "" if program == "thresh" else mark + times(results.ratio(name, program)),
            number("cpu_s", "%.2f"), number("cpu_ms_per_page", "%.3f"), number("server_cpu_s", "%.2f"),
            number("peak_mb", "%.0f"), "%d" % len(runs) + (", %d disturbed" % disturbed if disturbed else ""),
            ", ".join(sorted({run["records"] for run in runs}))]


def limit(results, workload):
    """(words, pages/s) of what cannot be passed, or None if nothing in these runs says."""
    words, rate = workload.limit
    if rate is None:
        rates = {program: results.number(workload.name, program, "pages_per_s") for program in results.programs(workload.name)
                 if results.of(workload.name, program)[0]["records"] == "not taken"}
        if not rates:
            return None
        best = max(rates, key=rates.get)
        words, rate = "%s: %s" % (words, best), rates[best]
        if not rate:
            return None
    return words, rate


def _limit_row(results, workload, head):
    found = limit(results, workload)
    if not found or not results.of(workload.name, "thresh"):
        return []
    words, rate = found
    share = results.number(workload.name, "thresh", "pages_per_s") / rate
    row = dict.fromkeys(head, "")
    row.update({"program": "*limit (%s)*" % words, "pages/s": _rate_form(rate) % rate, "thresh is": times(share)})
    return [list(row.values())]


def times(ratio):
    """A ratio in words: 12.3×, or a dash for what could not be compared."""
    return "%.*f×" % (_digits(ratio), ratio) if ratio else "–"


def _digits(value):
    return 0 if value >= 20 else 1 if value >= 2 else 2


def _rate_form(rate):
    return "%.0f" if rate >= 100 else "%.1f"


def processes(results):
    """The Markdown table of where the CPU of thresh goes: seconds by process, and of the server."""
    names = sorted({name for run in results.runs if run["program"] == "thresh" for name in run["cpu_by_process"]})
    rows = [["", *("%s s" % name for name in names), "nginx s", "all cores s", "of it used"]]
    for workload in results.workloads():
        runs = results.counted(workload, "thresh")
        by_name = [statistics.median(run["cpu_by_process"].get(name, 0.0) for run in runs) for name in names]
        counts = [max(run["processes_count"].get(name, 0) for run in runs) for name in names]
        server = statistics.median(run["server_cpu_s"] for run in runs)
        there = statistics.median(run["cores"] * run["wall_s"] for run in runs)
        rows.append([workload, *("%.2f%s" % (s, " (×%d)" % n if n > 1 else "") for s, n in zip(by_name, counts)),
                     "%.2f" % server, "%.2f" % there, "%.0f %%" % (100 * (sum(by_name) + server) / there)])
    return markdown(rows)


def promises(results):
    """The Markdown table of promises: what was to be reached, what was, and whether it holds."""
    rows = [["", "promise", "to reach", "measured", ""]]
    for workload, words, what, way, bound, unit in PROMISES:
        program = what[len("than "):] if what.startswith("than ") else "thresh"
        if not results.of(workload, "thresh") or not results.of(workload, program):
            continue
        value = results.ratio(workload, program) if program != "thresh" else results.number(workload, "thresh", what)
        held = value <= bound if way == "at most" else value >= bound
        mark = "~" if results.disturbed(workload, program) or results.disturbed(workload, "thresh") else ""
        rows.append([workload, words, "%s %g %s" % (way, bound, unit), mark + "%.*f %s" % (3 if unit == "s" else _digits(value), value, unit),
                     "held" if held else "missed"])
    return markdown(rows)


def markdown(rows):
    """Rows of cells as a table; the first is its head."""
    head, *rest = rows
    aligned = ["---" if number == 0 else "---:" for number in range(len(head))]
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, aligned, *rest)) + "\n"
