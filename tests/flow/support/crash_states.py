"""What a disk may hold after a power cut, made from the log of a program's operations.

The rules are those that file systems keep: what was synced is there. Of what was written after a
file's last sync each write may be there, or not, or a part of its sectors. Names made, changed or
removed are there up to some point in their order, at least to the last sync of their folder.
"""
import copy
import os
import pathlib

SECTOR = 512


class File:
    """One inode: `durable` bytes, and the changes since its last sync, in order."""

    def __init__(self):
        self.durable, self.pending = bytearray(), []

    def sync(self):
        for change in self.pending:
            apply(self.durable, change)
        self.pending.clear()

    def content(self, choose=None):
        """The bytes with those pending changes that `choose(n, change)` gives (None: left out)."""
        data = bytearray(self.durable)
        for n, change in enumerate(self.pending):
            kept = change if choose is None else choose(n, change)
            if kept is not None:
                apply(data, kept)
        return data


def apply(data, change):
    """Changes are (`write`, offset, bytes) and (`size`, bytes, may shrink)."""
    if change[0] == "write":
        _, offset, written = change
        if len(data) < offset:
            data.extend(bytes(offset - len(data)))
        data[offset:offset + len(written)] = written
        return
    _, size, may_shrink = change
    if len(data) < size:
        data.extend(bytes(size - len(data)))
    elif may_shrink:
        del data[size:]


def torn(change, rng):
    """A write of which only some sectors came to the disk; other changes are whole or not at all."""
    if change[0] != "write" or len(change[2]) < 2:
        return change
    _, offset, data = change
    first_edge = SECTOR - offset % SECTOR
    edges = [0, *range(first_edge, len(data), SECTOR), len(data)]
    if len(edges) < 3:
        return None
    start, end = sorted(rng.sample(range(len(edges)), 2))
    if rng.random() < 0.7:
        start = 0  # most often the first part
    return ("write", offset + edges[start], data[edges[start]:edges[end]])


class Disk:
    """Files by name, as the program sees them, and what of them would survive."""

    def __init__(self):
        self.names, self.durable_names, self.pending_names = {}, {}, []

    def step(self, op):
        """Takes one DiskOperation that has been done."""
        if op.result < 0 or op.path.endswith(" (gone)"):
            return
        if op.name == "open":
            self._open(op)
        elif op.name == "write" and op.result > 0:
            self.names[op.path].pending.append(("write", op.offset, op.data))
        elif op.name == "truncate":
            self.names[op.path].pending.append(("size", op.offset, True))
        elif op.name == "fallocate" and op.to == "0":
            self.names[op.path].pending.append(("size", op.offset + op.size, False))
        elif op.name in ("fsync", "fdatasync"):
            self._sync(op.path)
        elif op.name == "rename":
            self._rename(op.path, op.to)
        elif op.name == "unlink":
            self.names.pop(op.path, None)
            self.pending_names.append(("remove", op.path, None))

    def _open(self, op):
        if op.path in self.names:
            if op.offset & os.O_TRUNC:
                self.names[op.path].pending.append(("size", 0, True))
        elif op.offset & os.O_CREAT:
            self.names[op.path] = File()
            self.pending_names.append(("add", op.path, self.names[op.path]))

    def _rename(self, old, new):
        if old in self.names:
            self.names[new] = self.names.pop(old)
            self.pending_names.append(("rename", old, new))

    def _sync(self, path):
        if path in self.names:
            return self.names[path].sync()
        # A folder: all changes up to the last that is in it, as journals keep them in order.
        mine = [n for n, (_, name, to) in enumerate(self.pending_names)
                if path in (os.path.dirname(name), os.path.dirname(to) if isinstance(to, str) else None)]
        count = mine[-1] + 1 if mine else 0
        self.durable_names = self._named(self.pending_names[:count])
        del self.pending_names[:count]

    def _named(self, changes):
        names = dict(self.durable_names)
        for kind, name, what in changes:
            if kind == "add":
                names[name] = what
            elif kind == "rename" and name in names:
                names[what] = names.pop(name)
            elif kind == "remove":
                names.pop(name, None)
        return names

    def seen(self):
        """What a reader sees: name to bytes."""
        return {name: bytes(file.content()) for name, file in self.names.items()}

    def after_cut(self, kind, rng):
        """One of the states that a power cut may leave: name to bytes.

        kind: `none` nothing that was not synced, `all` everything, `one_lost`, `one_kept`, `torn` the
        last write is torn, `any` each change for itself.
        """
        changes = len(self.pending_names)
        names = self._named(self.pending_names[:{"none": 0, "all": changes, "one_lost": changes}.get(kind, rng.randint(0, changes))])
        files = {id(file): file for file in names.values()}
        pending = [(key, n) for key, file in sorted(files.items(), key=lambda pair: min(
            name for name, other in names.items() if other is pair[1])) for n in range(len(file.pending))]
        chosen = rng.choice(pending) if pending else None
        return {name: bytes(file.content(self._chooser(kind, id(file), chosen, rng))) for name, file in names.items()}

    @staticmethod
    def _chooser(kind, key, chosen, rng):
        def choose(n, change):
            is_chosen = chosen == (key, n)
            if kind in ("none", "all"):
                return change if kind == "all" else None
            if kind == "one_lost":
                return None if is_chosen else change
            if kind == "one_kept":
                return change if is_chosen else None
            if kind == "torn":
                return torn(change, rng) if is_chosen else change
            return rng.choice((change, None, torn(change, rng)))
        return choose

    def copy(self):
        return copy.deepcopy(self)


class SameInodes:
    """Puts states into a folder again and again; the files in `kept` stay the inodes they are.

    (A program may know its files again by their inode.) Names not in a state are parked elsewhere.
    """

    def __init__(self, roots, kept, parking):
        self._roots = [pathlib.Path(root) for root in roots]
        self._parking = pathlib.Path(parking)
        self._parking.mkdir()
        self._kept = {str(path): self._parking / str(n) for n, path in enumerate(kept)}
        self._inodes = {path: os.stat(path).st_ino for path in self._kept}

    def put(self, state):
        """Makes the folders hold exactly `state`."""
        self._park()
        for root in self._roots:
            for path in sorted(root.rglob("*"), reverse=True):
                if not path.is_dir() or path.is_symlink():
                    path.unlink()
        for name, data in state.items():
            if name in self._kept:
                os.rename(self._kept[name], name)
            else:
                pathlib.Path(name).parent.mkdir(parents=True, exist_ok=True)
            with open(name, "r+b" if name in self._kept else "wb") as file:
                file.truncate(0)
                file.write(data)

    def _park(self):
        for name, parked in self._kept.items():
            if os.path.exists(name) and os.stat(name).st_ino == self._inodes[name]:
                os.rename(name, parked)
