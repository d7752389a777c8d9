"""The crawls that are measured, a file each. WORKLOADS: name -> function of how many times the work is wished for."""
from . import w1, w2, w3, w4, w5

WORKLOADS = {module.__name__.rpartition(".")[2].upper(): module.workload for module in (w1, w2, w3, w4, w5)}


def make(name, times=1.0, **changes):
    """The workload of this name with `times` as many pages as it has by itself (at least one, or one chain)."""
    return WORKLOADS[name](times, **changes)
