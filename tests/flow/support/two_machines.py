"""Two machines in one: this process's network, and another, joined by a cable that can be pulled out.

Both are namespaces that nobody else sees, gone with the process; they reach nothing else. Needs root.
"""
import os
import subprocess
import sys

MARK = "THRESH_TEST_NETWORKS"
HERE, THERE = "10.184.7.1", "10.184.7.2"
NAME = "there"


def in_own_network():
    """Goes on in network and mount namespaces of our own: runs this very program again in them. Needs root."""
    if os.environ.get(MARK) == "1":
        return
    if os.geteuid() != 0:
        raise SystemExit("this makes networks: it needs root")
    os.environ[MARK] = "1"
    os.execvp("unshare", ["unshare", "--net", "--mount", "--propagation", "private", sys.executable, *sys.argv])


def run(*command):
    """A command that must succeed."""
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise AssertionError("%s: %s" % (" ".join(command), done.stderr.strip()))


class TwoMachines:
    """The other machine is there from `start` on. Made once a process."""

    _made = False

    @classmethod
    def start(cls):
        if not cls._made:
            cls._made = True
            os.makedirs("/run/netns", exist_ok=True)
            run("mount", "-t", "tmpfs", "thresh-test", "/run/netns")
            run("ip", "netns", "add", NAME)
            run("ip", "link", "add", "cable0", "type", "veth", "peer", "name", "cable1", "netns", NAME)
            run("ip", "link", "set", "lo", "up")
            run("ip", "addr", "add", HERE + "/24", "dev", "cable0")
            run("ip", "link", "set", "cable0", "up")
            run("ip", "-n", NAME, "link", "set", "lo", "up")
            run("ip", "-n", NAME, "addr", "add", THERE + "/24", "dev", "cable1")
            run("ip", "-n", NAME, "link", "set", "cable1", "up")
        cls.plug_in()

    @staticmethod
    def pull_out():
        """From now on nothing gets through; neither end is told."""
        run("ip", "link", "set", "cable0", "down")

    @staticmethod
    def plug_in():
        run("ip", "link", "set", "cable0", "up")

    @staticmethod
    def command_there(*command):
        """The command line that runs a command on the other machine, as the same process."""
        return ["/usr/bin/nsenter", "--net=/run/netns/" + NAME, *map(str, command)]
