"""Real, small file systems for tests: mounted where nobody else sees them, gone with the process."""
import os
import pathlib
import subprocess
import sys

MARK = "THRESH_TEST_MOUNTS"


def in_own_mounts():
    """Goes on in a mount namespace of our own: runs this very program again in one. Needs root."""
    if os.environ.get(MARK) == "1":
        return
    if os.geteuid() != 0:
        raise SystemExit("this mounts file systems: it needs root")
    os.environ[MARK] = "1"
    os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", sys.executable, *sys.argv])


def run(*command):
    """A command that must succeed; its output."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError("%s: %s" % (" ".join(map(str, command)), done.stderr.strip()))
    return done.stdout.strip()


class SmallDisk:
    """A file system of `mib` MiB at `folder`: tmpfs, or ext4 or xfs on a loop device, whose image is `image`."""

    def __init__(self, test, folder, mib, kind="tmpfs", image=None):
        self.folder, self._kind = pathlib.Path(folder), kind
        self.folder.mkdir(parents=True, exist_ok=True)
        test.addCleanup(self.unmount)
        if kind == "tmpfs":
            run("mount", "-t", "tmpfs", "-o", "size=%dm" % mib, "thresh-test", self.folder)
            return
        self.image = pathlib.Path(image or str(self.folder) + ".image")
        with open(self.image, "wb") as file:
            file.truncate(mib << 20)
        run("mkfs." + kind, "-q", *(["-f"] if kind == "xfs" else ["-F"]), self.image)
        run("mount", "-o", "loop", self.image, self.folder)

    def unmount(self):
        """Safe to repeat. The files' users must have gone."""
        if os.path.ismount(self.folder):
            run("umount", "-l" if self._kind == "tmpfs" else "-d", self.folder)

    def fill(self, leave_bytes=0):
        """Takes all the room there is but `leave_bytes`."""
        with open(self.folder / "filler", "ab", buffering=0) as file:
            for size in (1 << 20, 1 << 12, 1):
                try:
                    while self.free_bytes() - leave_bytes >= size or leave_bytes == 0:
                        file.write(b"\0" * size)
                except OSError:
                    pass

    def free(self):
        """Gives back what `fill` took."""
        (self.folder / "filler").unlink()

    def free_bytes(self):
        space = os.statvfs(self.folder)
        return space.f_bavail * space.f_frsize
