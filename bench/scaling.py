"""How much more do more parsers do? W5's pages, 20 ms of CPU each, with 1, 2, 4 and 8 parsers.

Efficiency is what a parser adds for what it is given: pages/s by those of one parser, by the cores that the parsers have.
With more parsers than cores none can be added; what shows then is what too many of them cost.
"""
import os
import statistics

import report
import workloads

PARSERS = (1, 2, 4, 8)


def measure(served, options, runs):
    """The Markdown section, and whether all records were exact."""
    workload = workloads.make("W5", options.times)
    served.warm(workload)
    of = {count: [] for count in PARSERS}
    for _ in range(runs):
        for count in PARSERS:
            given = type(options)(**{**vars(options), "parsers": count})
            of[count].append(served.thresh(workload, given, memory=False))
    rates = {count: statistics.median(run["pages_per_s"] for run in _counted(all_of)) for count, all_of in of.items()}
    rows = [["parsers", "pages/s", "of one parser", "cores for them", "efficiency", "CPU ms/page", "runs"]]
    for count, rate in rates.items():
        cores = min(count, os.cpu_count())
        disturbed = sum(run["disturbed"] for run in of[count])
        mark = "~" if disturbed == runs else ""
        cpu_ms = statistics.median(1000 * run["cpu_s"] / run["pages"] for run in _counted(of[count]))
        rows.append([str(count), mark + "%.1f" % rate, mark + report.times(rate / rates[1] if rates[1] else 0.0), str(cores),
                     mark + "%.0f %%" % (100 * rate / (rates[1] or 1) / cores), mark + "%.2f" % cpu_ms,
                     "%d" % runs + (", %d disturbed" % disturbed if disturbed else "")])
    text = "## Scaling: W5 with 1, 2, 4 and 8 parsers on %d cores\n\n%s" % (os.cpu_count(), report.markdown(rows))
    return text, all(run["exact"] for all_of in of.values() for run in all_of)


def _counted(runs):
    return [run for run in runs if not run["disturbed"]] or runs
