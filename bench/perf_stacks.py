"""The output of `perf script -F comm,pid,tid,ip,sym,dso`, as stacks that are counted."""
import collections
import pathlib
import re

KERNEL = "_[k]"  # behind a function of the kernel
HEAD = re.compile(r"(.+?)\s+(\d+)/(\d+)\s*$")
FRAME = re.compile(r"\s+[0-9a-f]+ (.*) \((.*)\)$")


def read(text):
    """{(process, outermost, ..., innermost): samples} of thresh's processes."""
    samples, names = [], {}
    for block in text.split("\n\n"):
        lines = block.strip("\n").split("\n")
        head = HEAD.match(lines[0].strip())
        if not head:
            continue
        thread, pid = head[1], head[2]
        if thread.startswith("thresh"):
            names[pid] = thread
        frames = [found for found in map(FRAME.match, lines[1:]) if found]
        samples.append((pid, tuple(_name(frame) for frame in reversed(frames))))
    counted = collections.Counter()
    for pid, frames in samples:
        if pid in names:
            counted[(names[pid],) + frames] += 1
    return counted


def _name(frame):
    """`function`, or [library] where it has no symbols; of the kernel `function_[k]`."""
    function, where = re.sub(r"\+0x[0-9a-f]+$", "", frame[1]), pathlib.Path(frame[2]).name
    if function == "[unknown]":
        return "[%s]" % re.sub(r"\.so[.\d]*$", "", where) if where != "[unknown]" else "[?]"
    return function + KERNEL if where.startswith("[kernel") or where.endswith(".ko") else function
