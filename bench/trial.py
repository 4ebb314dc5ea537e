"""A server of its own for a measurement: on free ports, in a folder that goes with it."""
import contextlib
import json
import pathlib
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

from servers import BenchError, free_port


class Trial:
    def __init__(self, portal, folder, types):
        self.port = free_port()
        self.operations = free_port()
        self.folder = pathlib.Path(folder)
        self.portal = portal
        self.config = self.folder / "config.json"
        self.config.write_text(json.dumps({
            "security": {"mode": "open"},
            "data": {"folder": str(self.folder / "data")},
            "news": {"types": types},
            "http": {"listen": f"127.0.0.1:{self.port}"},
            "operations": {"listen": f"127.0.0.1:{self.operations}"}}))

    def get(self, target):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{target}", timeout=60) as answer:
            return json.load(answer)

    def bring_in(self, file):
        ended = subprocess.run([self.portal, "import", "news", str(file), "--config", self.config],
                               capture_output=True, text=True)
        if ended.returncode not in (0, 3):
            raise BenchError(f"The import failed: {ended.stderr[-500:]}")

    def backlog(self):
        """Events that the index has not yet; nothing while the server does not answer."""
        with contextlib.suppress(urllib.error.URLError, ConnectionError):
            url = f"http://127.0.0.1:{self.operations}/metrics"
            with urllib.request.urlopen(url, timeout=60) as answer:
                lines = answer.read().decode().splitlines()
            return sum(float(line.split()[-1]) for line in lines
                       if line.startswith("portal_listener_backlog_events{") and 'module="search"' in line)
        return None

    def wait(self, wanted):
        until = time.monotonic() + 3600
        while not wanted(self.backlog()):
            if time.monotonic() > until:
                raise BenchError("The index does not come to its end.")
            time.sleep(0.2)


@contextlib.contextmanager
def trial(portal, types, files):
    """A server that has these items in it and in its index."""
    with tempfile.TemporaryDirectory(dir=pathlib.Path(portal).parent) as folder:
        it = Trial(portal, folder, types)
        server = subprocess.Popen([portal, "--config", it.config], stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL)
        try:
            it.wait(lambda backlog: backlog is not None)
            for file in files:
                it.bring_in(file)
            it.wait(lambda backlog: backlog == 0)
            yield it
        finally:
            server.terminate()
            server.wait(60)
