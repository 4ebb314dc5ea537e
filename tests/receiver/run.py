"""Webhooks of the built server, as other programs receive them: run.py PORTAL PAGE [PYTHON]

The receivers of the page (docs/webhooks.md) are run as they stand there; then a target of our own
is down while the server is killed. PYTHON is one that has standardwebhooks, which reads a message
as well; where there is none, or no node, that is said and left out. Exit 1 if something does not
hold.
"""

import base64
import hashlib
import hmac
import http.server
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request

PATIENCE = 60


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def check(holds, sentence):
    if not holds:
        raise AssertionError(sentence)


def eventually(holds, sentence):
    until = time.monotonic() + PATIENCE
    while not holds():
        check(time.monotonic() < until, sentence)
        time.sleep(0.02)


class Portal:
    def __init__(self, program, folder):
        self.program, self.port, operations = program, free_port(), free_port()
        self.config = pathlib.Path(folder) / "config.json"
        self.config.write_text(json.dumps({
            "security": {"mode": "open"},
            "data": {"folder": str(pathlib.Path(folder) / "data")},
            "webhooks": {"allow": ["127.0.0.1"], "retry_first_ms": 100},
            "http": {"listen": f"127.0.0.1:{self.port}"},
            "operations": {"listen": f"127.0.0.1:{operations}"}}), encoding="utf-8")
        self.start()

    def start(self):
        self.process = subprocess.Popen([self.program, "--config", self.config],
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        eventually(self.answers, "portal does not answer")

    def answers(self):
        check(self.process.poll() is None, "portal has ended")
        try:
            self.ask("GET", "/v1/webhooks")
            return True
        except (urllib.error.URLError, ConnectionError):
            return False

    def ask(self, method, target, body=None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{target}", data,
                                         {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.loads(answer.read() or b"{}")

    def webhook(self, port, **more):
        body = {"url": f"http://127.0.0.1:{port}/hook"} | more
        return self.ask("POST", "/v1/webhooks", body)["webhook"]

    def publish(self, title):
        body = {"title": title, "content": "x", "author": "Ann", "tags": []}
        return self.ask("POST", "/v1/news/sports", body)["news"]

    def stop(self, how=signal.SIGTERM):
        self.process.send_signal(how)
        code = self.process.wait(PATIENCE)
        check(how == signal.SIGKILL or code == 0, "portal did not end well")


class Target:
    """One of our own: keeps what comes, and answers as it is told to."""

    def __init__(self, status):
        self.status, self.got = status, []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.got.append((dict(self.headers), body, outer.status))
                self.send_response(outer.status)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def taken(self):
        return [(fields, json.loads(body)) for fields, body, status in list(self.got)
                if status < 300]


def signed(secret, fields, body):
    key = base64.b64decode(secret.removeprefix("whsec_"))
    text = f"{fields['webhook-id']}.{fields['webhook-timestamp']}.".encode() + body
    made = base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
    return f"v1,{made}" in fields["webhook-signature"].split()


def run_receiver(portal, page, language, program, folder):
    code = re.search(rf"^```{language}\n(.*?)^```$", page, re.S | re.M).group(1)
    check(len(code.splitlines()) <= 24, f"the {language} receiver has grown long")
    file = pathlib.Path(folder) / f"receiver.{language}"
    file.write_text(code, encoding="utf-8")
    port = free_port()
    webhook = portal.webhook(port)
    process = subprocess.Popen([program, file, str(port)], stdout=subprocess.PIPE, text=True,
                               stderr=subprocess.DEVNULL,
                               env=os.environ | {"WEBHOOK_SECRET": webhook["secret"]})
    try:
        target = f"/v1/webhooks/{webhook['id']}/test"
        eventually(lambda: portal.ask("POST", target)["delivered"], f"{language} takes nothing")
        item = portal.publish(f"For {language}")
        check(process.stdout.readline().startswith("webhook.ping"), "no ping")
        line = process.stdout.readline().split()
        check(line[0] == "news.published", f"{language} has read {line}")
        listed = f"/v1/webhooks/{webhook['id']}/deliveries?state=delivered"
        eventually(lambda: portal.ask("GET", listed)["deliveries"], "nothing is delivered")
        delivery = portal.ask("GET", listed)["deliveries"][0]
        check(delivery["id"] == line[1] and delivery["news_id"] == item["id"], str(delivery))
        # Another secret fits nothing.
        portal.ask("POST", f"/v1/webhooks/{webhook['id']}/rotate-secret")
        check(portal.ask("POST", target)["delivered"], "the old secret does not sign any more")
        portal.ask("POST", f"/v1/webhooks/{webhook['id']}/rotate-secret")
        check(portal.ask("POST", target)["response_status"] == 401, "a wrong signature is taken")
    finally:
        process.kill()
        process.wait()
        portal.ask("DELETE", f"/v1/webhooks/{webhook['id']}")


def run_kill(portal, python):
    hangs = socket.create_server(("127.0.0.1", 0))
    portal.webhook(hangs.getsockname()[1])
    target = Target(503)
    webhook = portal.webhook(target.port)
    items = [portal.publish(f"Item {number}") for number in range(3)]
    for item in items:
        portal.ask("PUT", "/v1/news/sports",
                   {"id": item["id"], "version": 1, "title": item["title"] + " again"})
    eventually(lambda: len(target.got) >= 3, "nothing is tried")
    portal.stop(signal.SIGKILL)
    before = {fields["webhook-id"] for fields, _, _ in target.got}
    target.status = 204
    portal.start()
    eventually(lambda: len({fields["webhook-id"] for fields, _ in target.taken()}) >= 6,
               "not everything is told after a kill")
    check(before <= {fields["webhook-id"] for fields, _ in target.taken()}, "an id has changed")
    for item in items:
        words = [body["type"] for _, body in target.taken()
                 if body["data"]["news"]["id"] == item["id"]]
        check(words == sorted(words), f"{item['id']} was told out of order: {words}")
    for fields, body, _ in target.got:
        check(signed(webhook["secret"], fields, body), "a signature does not fit")
    portal.ask("DELETE", f"/v1/webhooks/{webhook['id']}")
    hangs.close()
    if not python:
        print("standardwebhooks is not there: a message is not read with it")
        return
    fields, body, _ = target.got[-1]
    program = ("import json, sys; from standardwebhooks import Webhook; "
               "secret, fields, body = json.load(sys.stdin); "
               "print(Webhook(secret).verify(body, fields)['type'])")
    fields = {name: value for name, value in fields.items() if name.startswith("webhook-")}
    read = subprocess.run([python, "-c", program], check=True, capture_output=True, text=True,
                          input=json.dumps([webhook["secret"], fields, body.decode()]))
    check(read.stdout.startswith("news."), f"standardwebhooks has read {read.stdout}")


def main(program, page, python=None):
    page = pathlib.Path(page).read_text(encoding="utf-8")
    if python and not pathlib.Path(python).exists():
        python = None
    with tempfile.TemporaryDirectory() as folder:
        portal = Portal(program, folder)
        try:
            run_receiver(portal, page, "python", sys.executable, folder)
            node = shutil.which("node")
            if node:
                run_receiver(portal, page, "javascript", node, folder)
            else:
                print("node is not there: its receiver is not run")
            run_kill(portal, python)
        finally:
            if portal.process.poll() is None:
                portal.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
