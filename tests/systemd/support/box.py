"""A throw-away machine: this machine's own systemd, booted over its own files.

    if __name__ == "__main__":
        box.go_inside("unified", "hybrid")    # comes back inside a box, once for each
        unittest.main()

The root of a box is an overlay: this machine's files below, read only, and a tmpfs above, so what
is installed, started or broken inside is gone at the end. It has mounts, processes, network, IPC,
host name and cgroups of its own; its first process is a real systemd, which starts nothing but its
basic target. The checkout and what `THRESH_BOX_BINDS` names (paths with colons between) can be read
at their usual places. Needs root, overlayfs and systemd; without them it fails and says what lacks.
"""
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

MARK = "THRESH_BOX"  # inside: which cgroups
ROOT = pathlib.Path(__file__).resolve().parents[3]
CGROUPS = pathlib.Path("/sys/fs/cgroup")
NAMESPACES = ("--mount", "--pid", "--uts", "--ipc", "--net", "--cgroup")
BOOT_S = 60
# What a box has no use for, or must not do to the machine that it runs on.
MASKED = """systemd-sysctl.service systemd-modules-load.service systemd-binfmt.service systemd-udevd.service
    systemd-remount-fs.service systemd-random-seed.service systemd-update-utmp.service kmod-static-nodes.service
    systemd-tmpfiles-setup-dev.service systemd-firstboot.service systemd-resolved.service systemd-networkd.service
    sys-kernel-debug.mount sys-kernel-tracing.mount sys-kernel-config.mount sys-fs-fuse-connections.mount
    dev-hugepages.mount dev-mqueue.mount proc-sys-fs-binfmt_misc.automount systemd-journald-audit.socket
    systemd-initctl.socket systemd-udevd-kernel.socket systemd-udevd-control.socket""".split()


def cgroups():
    """Inside: the kind of cgroups that this box has. None outside."""
    return os.environ.get(MARK)


def go_inside(*kinds):
    """Runs this very program in a box of each kind of cgroups; returns only inside."""
    if cgroups():
        return
    status = 0
    for kind in kinds:
        print("=== a box with %s cgroups" % kind, flush=True)
        try:
            with Box(kind) as box:
                status = max(status, box.run([sys.executable, os.path.abspath(sys.argv[0]), *sys.argv[1:]]))
        except CannotBox as why:
            raise SystemExit("cannot make a box to test systemd's units in: %s" % why) from None
    raise SystemExit(status)


def has_memory_controller(kind):
    """Whether MemoryMax= does anything in a box of this kind, on this machine."""
    if kind == "hybrid" and (CGROUPS / "memory").is_dir():
        return True
    top = CGROUPS if (CGROUPS / "cgroup.controllers").exists() else CGROUPS / "unified"
    try:
        return "memory" in (top / "cgroup.controllers").read_text().split()
    except OSError:
        return False


class CannotBox(Exception):
    pass


class Box:
    """Boots on entering; is gone, with all that ran in it, on leaving."""

    def __init__(self, kind):
        self._kind = kind
        self._cgroups, self._unshare, self._init = [], None, None

    def __enter__(self):
        if os.geteuid() != 0:
            raise CannotBox("it needs root (namespaces and mounts)")
        for program in ("unshare", "nsenter", "/lib/systemd/systemd"):
            if shutil.which(program) is None:
                raise CannotBox("%s is missing (apt: util-linux, systemd)" % program)
        shared_memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        self._folder = pathlib.Path(tempfile.mkdtemp(prefix="thresh-box.", dir=shared_memory))
        try:
            self._boot()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for pid in (self._init, self._unshare and self._unshare.pid):
            if pid:
                try:
                    os.kill(pid, signal.SIGKILL)  # With its first process the kernel ends all of a box.
                except ProcessLookupError:
                    pass
        if self._unshare:
            self._unshare.wait()
        for folder in self._cgroups:
            _remove_cgroup(folder)
        shutil.rmtree(self._folder, ignore_errors=True)

    def run(self, command):
        """The exit status of a command inside, with our own standard streams."""
        keep = {name: value for name, value in os.environ.items() if name.startswith("THRESH_") or name == "CI"}
        env = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root", "LANG": "C.UTF-8",
               "PYTHONDONTWRITEBYTECODE": "1", "SYSTEMD_PAGER": "cat", **keep, MARK: self._kind}
        return subprocess.run(self._enter(command, cwd=os.getcwd()), env=env, check=False).returncode

    def _enter(self, command, cwd="/"):
        return ["nsenter", "--target", str(self._init), *NAMESPACES, "--wdns=" + cwd, *command]

    def _boot(self):
        self._make_cgroups()
        with open(self._folder / "console", "wb") as console:
            self._unshare = subprocess.Popen(
                ["unshare", "--fork", "--kill-child=KILL", *NAMESPACES,
                 sys.executable, __file__, str(self._folder), self._kind],
                stdin=subprocess.DEVNULL, stdout=console, stderr=console, preexec_fn=self._join_cgroups,
                start_new_session=True, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
        begin = time.monotonic()
        while not self._is_up():
            if self._unshare.poll() is not None or time.monotonic() > begin + BOOT_S:
                words = (self._folder / "console").read_text(errors="replace").strip()
                raise CannotBox(words or "its systemd did not come up in %d s" % BOOT_S)
            time.sleep(0.02)

    def _is_up(self):
        try:
            child = pathlib.Path("/proc/%d/task/%d/children" % ((self._unshare.pid,) * 2)).read_text().split()
            if not child or pathlib.Path("/proc", child[0], "comm").read_text() != "systemd\n":
                return False
        except OSError:
            return False
        self._init = int(child[0])
        look = self._enter(["systemctl", "is-active", "--quiet", "box.target"])
        return subprocess.run(look, capture_output=True, check=False).returncode == 0

    # A cgroup of ours in each hierarchy there is: that is what the box sees as the root.

    def _make_cgroups(self):
        for hierarchy in (CGROUPS, *CGROUPS.iterdir()):
            if not os.access(hierarchy / "cgroup.procs", os.W_OK):
                continue
            folder = hierarchy / self._folder.name
            folder.mkdir()
            self._cgroups.append(folder)
            for name in ("cpuset.cpus", "cpuset.mems"):
                if (folder / name).exists() and (hierarchy / name).exists():
                    (folder / name).write_text((hierarchy / name).read_text())
        if not self._cgroups:
            raise CannotBox("no cgroup below %s can be written" % CGROUPS)

    def _join_cgroups(self):
        for folder in self._cgroups:
            (folder / "cgroup.procs").write_text("0")


def _remove_cgroup(folder):
    for _ in range(50):
        for below in sorted(folder.rglob("*"), reverse=True):
            if below.is_dir():
                try:
                    below.rmdir()
                except OSError:
                    pass  # Its processes are still ending.
        try:
            folder.rmdir()
            return
        except OSError:
            time.sleep(0.1)


# ---- Inside, before systemd is there --------------------------------------------------------------


def call(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit("%s: %s" % (" ".join(map(str, command)), (done.stderr or done.stdout).strip()))


def mount(kind, target, options=""):
    call("mount", "-t", kind, *(["-o", options] if options else []), kind, target)


def bind(source, target, read_only=False):
    target.mkdir(parents=True, exist_ok=True) if pathlib.Path(source).is_dir() else target.touch()
    call("mount", "--bind", source, target)
    if read_only:
        call("mount", "-o", "remount,ro,bind", target)


def make_root(folder):
    """The overlay, with file systems of its own where the kernel shows itself."""
    call("mount", "--make-rprivate", "/")
    mount("tmpfs", folder, "mode=755")
    for name in ("upper", "work", "root"):
        (folder / name).mkdir()
    root = folder / "root"
    mount("overlay", root, "lowerdir=/,upperdir=%s,workdir=%s" % (folder / "upper", folder / "work"))
    mount("proc", root / "proc")
    bind(root / "proc/sys", root / "proc/sys", read_only=True)  # This machine's settings are not ours to change.
    mount("sysfs", root / "sys", "ro,nosuid,noexec,nodev")
    mount("tmpfs", root / "run", "mode=755,nosuid,nodev")
    mount("tmpfs", root / "tmp", "mode=1777")
    return root


def make_devices(root):
    dev = root / "dev"
    mount("tmpfs", dev, "mode=755,nosuid")
    for name in ("null", "zero", "full", "random", "urandom", "tty"):
        bind("/dev/" + name, dev / name)
    (dev / "pts").mkdir()
    (dev / "shm").mkdir()
    mount("devpts", dev / "pts", "newinstance,ptmxmode=0666,mode=620,gid=5")
    mount("tmpfs", dev / "shm", "mode=1777")
    for name, target in (("ptmx", "pts/ptmx"), ("fd", "/proc/self/fd"), ("stdin", "fd/0"), ("stdout", "fd/1"),
                         ("stderr", "fd/2")):
        (dev / name).symlink_to(target)


def mount_cgroups(root, kind):
    """`unified`: version 2 alone. `hybrid`: version 1 with its controllers, and 2 beside it."""
    top = root / "sys/fs/cgroup"
    if kind == "unified":
        mount("cgroup2", top)
        return
    mount("tmpfs", top, "mode=755")
    (top / "unified").mkdir()
    mount("cgroup2", top / "unified")
    hierarchies = {"systemd": "none,name=systemd"}
    for line in pathlib.Path("/proc/self/cgroup").read_text().splitlines():
        number, controllers, _ = line.split(":", 2)
        if number != "0" and controllers != "name=systemd":
            hierarchies[controllers.removeprefix("name=")] = ("none," if "name=" in controllers else "") + controllers
    for name, options in hierarchies.items():
        (top / name).mkdir()
        mount("cgroup", top / name, options)


def make_services(root):
    """None of this machine's own; and packages may start theirs."""
    units = root / "etc/systemd/system"
    shutil.rmtree(units, ignore_errors=True)
    shutil.rmtree(root / "var/log/journal", ignore_errors=True)
    (root / "usr/sbin/policy-rc.d").unlink(missing_ok=True)
    units.mkdir(parents=True)
    (units / "box.target").write_text("[Unit]\nRequires=basic.target\nAfter=basic.target\n")
    for name in MASKED:
        (units / name).symlink_to("/dev/null")


def boot(folder, kind):
    """Never returns: this process becomes systemd."""
    root = make_root(folder)
    mount_cgroups(root, kind)
    make_devices(root)
    for path in (str(ROOT), *filter(None, os.environ.get("THRESH_BOX_BINDS", "").split(":"))):
        if pathlib.Path(path).exists():
            bind(path, root / path.lstrip("/"), read_only=True)
    make_services(root)
    (root / ".old").mkdir()
    os.chdir(root)
    call("pivot_root", ".", ".old")
    call("umount", "-l", "/.old")
    os.chdir("/")
    call("mount", "--make-rshared", "/")  # As a machine's: systemd hands credentials to services by mounts.
    os.execve("/lib/systemd/systemd", ["systemd", "--system", "--unit=box.target", "--show-status=0"],
              {"container": "thresh-box", "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"})


if __name__ == "__main__":
    boot(pathlib.Path(sys.argv[1]), sys.argv[2])
