"""A TCP connection's way through a process that can lose what passes, and cut it."""
import contextlib
import socket
import threading


class TcpCable:
    """Listens at `endpoint`; each connection goes on to `target`, both as tcp://HOST:PORT."""

    def __init__(self, target):
        host, port = target.removeprefix("tcp://").rsplit(":", 1)
        self.lost_bytes, self._victims = 0, set()
        self._target, self._loses, self._ends = (host, int(port)), None, []
        self._lock = threading.Lock()
        self._listener = socket.create_server((host, 0))
        self.endpoint = "tcp://%s:%d" % self._listener.getsockname()
        threading.Thread(target=self._accept, daemon=True).start()

    def lose(self, backwards=False):
        """From now on what the connecting end sends (or is sent) arrives nowhere; nobody is told. `lost_bytes` counts.
        A connection that comes later is whole."""
        with self._lock:
            self.lost_bytes, self._victims = 0, set(self._ends)
            self._loses = "back" if backwards else "forth"

    def cut(self):
        """Ends all connections; those that come now are whole again."""
        self._loses = None
        with self._lock:
            ends, self._ends = self._ends, []
        for end in ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def stop(self):
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def _accept(self):
        while True:
            try:
                near, _ = self._listener.accept()
                far = socket.create_connection(self._target)
            except OSError:
                return
            with self._lock:
                self._ends += [near, far]
            threading.Thread(target=self._pass, args=(near, far, "forth"), daemon=True).start()
            threading.Thread(target=self._pass, args=(far, near, "back"), daemon=True).start()

    def _pass(self, source, sink, way):
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                if way == self._loses and source in self._victims:
                    self.lost_bytes += len(data)
                    continue
                sink.sendall(data)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        source.close()
