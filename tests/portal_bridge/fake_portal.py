"""An HTTP server that speaks portal's side of the bridge, on a free port, in this process.

It holds to the protocol more strictly than it must: a sequence that does not grow within a request,
a body over the limit or a wrong key fail the test, by `complaints`."""

import json
import os
import signal
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

KEY = "pk_" + "a" * 43


class FakePortal:
    def __init__(self):
        self.lock = threading.RLock()
        self.heard = threading.Condition(self.lock)  # of changes
        self.body_bytes_max = 4 * 1024 * 1024
        self.rows = {}  # (model, pk as JSON) -> record: what it knows of Django
        self.last = {}  # source -> the highest sequence it has had
        self.applied = []  # every change that it did not ignore, in order
        self.requests = []  # (method, path, fields)
        self.bodies = []  # of POST changes, as dicts
        self.refuse = {}  # model -> code
        self.failures = []  # answers to give first: (status, fields, body), "close" or "cut"
        self.take_at_most = None  # changes of one request
        self.feed = []
        self.lag_s = None  # of the feed; None: it is not said
        self.current = {}  # (model, pk as text) -> record, for what is asked anew
        self.keys = []
        self.accounts = {}  # token -> what /v1/auth/me says
        self.ended = []
        self.kill = None  # (when: "before", "after" or "answered", process)
        self.complaints = []
        outer = self

        class Handler(_Handler):
            portal = outer

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def told(self):
        """Of each change that was applied: operation, model and key."""
        return [(change["operation"], change["model"], change["pk"]) for change in self.applied]

    def asked(self, path):
        return [fields for _, asked, fields in self.requests if asked.split("?")[0] == path]

    def wait_for_bodies(self, count):
        """Whether that many requests with changes came, at once or within a minute."""
        with self.heard:
            return self.heard.wait_for(lambda: len(self.bodies) >= count, 60)

    def add_to_feed(self, **change):
        self.feed.append({"position": len(self.feed) + 1, **change})

    def changes(self, body):
        request = json.loads(body)
        with self.lock:
            self.bodies.append(request)
            self.heard.notify_all()
            last = self.last.get(request["source"], 0)
            before, accepted, refused = 0, 0, []
            for change in request["changes"][: self.take_at_most]:
                if change["sequence"] <= before:
                    self.complaints.append(f"{change['sequence']} comes after {before}")
                before = change["sequence"]
                if before <= last:
                    continue
                last = before
                if change["model"] in self.refuse:
                    code = self.refuse[change["model"]]
                    refused.append({"sequence": before, "code": code, "message": "No."})
                    continue
                accepted += 1
                self.applied.append(change)
                key = (change["model"], json.dumps(change["pk"]))
                if change["operation"] == "save":
                    self.rows[key] = change["record"]
                else:
                    if "record" in change:
                        self.complaints.append("a delete with a record")
                    self.rows.pop(key, None)
            self.last[request["source"]] = last
        return {"last_sequence": last, "accepted": accepted, "refused": refused}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    portal: FakePortal

    def log_message(self, *_):
        pass

    def handle(self):
        try:
            super().handle()
        except ConnectionError:
            pass  # who asked was killed

    def answer(self, status, body=None, fields=()):
        text = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.send_header("Connection", "close")
        for name, value in dict(fields).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)
        self.close_connection = True

    def fail(self, status, code):
        self.answer(status, {"status": "fail", "error": code, "message": "So it is."})

    def noted(self):
        """Whether an answer that the test wants first was given."""
        portal = self.portal
        with portal.lock:
            portal.requests.append((self.command, self.path, dict(self.headers)))
            failure = portal.failures.pop(0) if portal.failures else None
        if failure in ("close", "cut"):
            self.close_connection = True
        if failure == "cut":
            self.wfile.write(b'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"last_sequence": 1')
        elif failure not in (None, "close"):
            status, fields, body = failure
            self.answer(status, body, fields)
        return failure is not None

    def kill_at(self, when):
        kill = self.portal.kill
        if kill is not None and kill[0] == when:
            os.kill(kill[1].pid, signal.SIGKILL)
            kill[1].wait()

    def has_key(self):
        if self.headers.get("Authorization") == f"Bearer {KEY}":
            return True
        self.fail(401, "invalid_token")
        return False

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.noted() or not self.has_key():
            return
        if self.path != "/v1/migration/changes":
            return self.fail(404, "unknown_route")
        if len(body) > self.portal.body_bytes_max:
            return self.fail(413, "body_too_large")
        self.kill_at("before")
        answer = self.portal.changes(body)
        self.kill_at("after")
        self.answer(200, answer)
        self.kill_at("answered")

    def do_DELETE(self):
        if self.noted():
            return
        cookie = self.headers.get("Cookie", "")
        self.portal.ended.append(cookie.partition("=")[2])
        self.answer(204)

    def do_GET(self):
        if self.noted():
            return
        portal, parts = self.portal, urlsplit(self.path)
        if parts.path == "/.well-known/jwks.json":
            return self.answer(200, {"keys": portal.keys})
        if parts.path == "/v1/auth/me":
            token = self.headers.get("Authorization", "")[7:]
            token = token or self.headers.get("Cookie", "").partition("=")[2]
            if token not in portal.accounts:
                return self.fail(401, "invalid_token")
            return self.answer(200, portal.accounts[token])
        if not self.has_key():
            return
        if parts.path == "/v1/migration/feed":
            query = parse_qs(parts.query)
            after, limit = int(query["after"][0]), int(query["limit"][0])
            page = [change for change in portal.feed if change["position"] > after][:limit]
            following = page[-1]["position"] if page else after
            answer = {"changes": page, "next": following}
            if portal.lag_s is not None:
                answer["lag_s"] = portal.lag_s
            return self.answer(200, answer)
        if parts.path.startswith("/v1/migration/feed/"):
            key = tuple(unquote(part) for part in parts.path.split("/")[4:])
            if key not in portal.current:
                return self.fail(404, "row_not_found")
            return self.answer(200, {"record": portal.current[key]})
        self.fail(404, "unknown_route")
