"""Targets of webhooks for a measurement: one that takes everything and says when, one that hangs."""
import contextlib
import http.client
import http.server
import json
import socket
import statistics
import threading
import time

from load import Sample, Watch
from servers import BenchError


class Target:
    """Answers 204 at once, and remembers when each item came first."""

    def __init__(self):
        self.came = {}
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                now = time.monotonic()
                outer.came.setdefault(json.loads(body)["data"]["news"]["id"], now)
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/"

    def __enter__(self):
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()


class HangingTarget:
    """Takes connections and never says anything."""

    def __init__(self):
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/"
        self.taken = []

    def __enter__(self):
        threading.Thread(target=self._take, daemon=True).start()
        return self

    def _take(self):
        with contextlib.suppress(OSError):
            while True:
                self.taken.append(self._listener.accept()[0])

    def __exit__(self, *_):
        self._listener.close()
        for connection in self.taken:
            connection.close()


def register(server, url):
    """A webhook for all that is published."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request("POST", "/v1/webhooks", json.dumps({"url": url, "events": ["published"]}),
                       {"Content-Type": "application/json"})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    if answer.status != 201:
        raise BenchError(f"No webhook for {url}: {body[:300]!r}")


def measure(server, target, bodies, seconds, per_second):
    """Posts items at that rate; the time from each 201 until the target had it."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    made = {}
    with Watch(server) as watch:
        begin = time.monotonic()
        for number in range(int(seconds * per_second)):
            time.sleep(max(0.0, begin + number / per_second - time.monotonic()))
            connection.request("POST", "/v1/news/sports", next(bodies),
                               {"Content-Type": "application/json"})
            answer = connection.getresponse()
            body = answer.read()
            if answer.status != 201:
                raise BenchError(f"A create was answered {answer.status}: {body[:300]!r}")
            made[json.loads(body)["news"]["id"]] = time.monotonic()
        ends = time.monotonic() + 60
        while not made.keys() <= target.came.keys():
            if time.monotonic() > ends:
                raise BenchError(f"{len(made.keys() - target.came.keys())} of {len(made)} items did "
                                 "not come within a minute.")
            time.sleep(0.01)
    connection.close()
    took = sorted((target.came[item] - at) * 1000 for item, at in made.items())
    percentiles = statistics.quantiles(took, n=100)
    return watch.complete(Sample(len(took) / watch.seconds, percentiles[49], percentiles[98]),
                          len(took))
