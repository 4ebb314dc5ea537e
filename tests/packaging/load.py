"""Asks a server without a pause, until SIGTERM, and then says as JSON what came of it:
load.py ADDRESS TOKEN [--new PER_SECOND] [--kept CONNECTIONS] [--writers CONNECTIONS]

New connections come at their rate, whether or not those before have been answered: while nobody
accepts them they pile up, as a site's do. Kept ones ask ten times a second each. Whoever loses a
connection before its answer, or gets one that is no success, has failed.
"""

import argparse
import asyncio
import json
import resource
import signal
import time

PAUSE = 0.1
PATIENCE = 60


class Load:
    def __init__(self, given):
        self.host, port = given.address.rsplit(":", 1)
        self.port = int(port)
        self.token = given.token
        self.ends = asyncio.Event()
        self.failures = []
        self.answered = {"new": 0, "kept": 0, "written": 0}
        self.longest = 0.0

    def request(self, writes, keeps):
        connection = "keep-alive" if keeps else "close"
        head = f"Host: load\r\nConnection: {connection}\r\n"
        if not writes:
            return f"GET /v1/news/all/1/10 HTTP/1.1\r\n{head}\r\n".encode()
        body = json.dumps({"title": "Under load", "content": "x", "author": "Ann", "tags": []})
        return (f"POST /v1/news/sports HTTP/1.1\r\n{head}Authorization: Bearer {self.token}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
                ).encode()

    async def exchange(self, streams, request):
        """True if the connection may be used again."""
        reader, writer = streams
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        status, *fields = head.split("\r\n")
        named = {name.lower(): value.strip()
                 for name, _, value in (field.partition(":") for field in fields)}
        await reader.readexactly(int(named.get("content-length", 0)))
        if status.split()[1] not in ("200", "201"):
            raise RuntimeError(status)
        return named.get("connection", "").lower() != "close"

    async def one(self, kind, streams, request):
        """The connection if it may be used again."""
        began = time.monotonic()
        try:
            if streams is None:
                streams = await asyncio.open_connection(self.host, self.port)
            stays = await asyncio.wait_for(self.exchange(streams, request), PATIENCE)
            self.answered[kind] += 1
        except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError, RuntimeError) as failed:
            self.failures.append(f"{kind}: {failed!r}")
            stays = False
        self.longest = max(self.longest, time.monotonic() - began)
        if stays:
            return streams
        if streams is not None:
            streams[1].close()
        return None

    async def keep(self, kind, delay):
        await asyncio.sleep(delay)
        streams = None
        request = self.request(kind == "written", True)
        while not self.ends.is_set():
            streams = await self.one(kind, streams, request)
            await asyncio.sleep(PAUSE)

    async def arrive(self, rate):
        under_way = set()
        request = self.request(False, False)
        due = time.monotonic()
        while not self.ends.is_set():
            due = max(due + 1 / rate, time.monotonic() - 0.05)
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            task = asyncio.create_task(self.one("new", None, request))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
        await asyncio.gather(*under_way)

    async def run(self, given):
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self.ends.set)
        began = time.monotonic()
        tasks = [self.arrive(given.new)]
        tasks += [self.keep("kept", PAUSE * i / given.kept) for i in range(given.kept)]
        tasks += [self.keep("written", PAUSE * i / given.writers) for i in range(given.writers)]
        await asyncio.gather(*tasks)
        seconds = time.monotonic() - began
        total = sum(self.answered.values())
        print(json.dumps({"seconds": round(seconds, 1), "rate": round(total / seconds),
                          **self.answered, "failed": len(self.failures),
                          "failures": self.failures[:5], "longest_s": round(self.longest, 2)}))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("address")
    parser.add_argument("token")
    parser.add_argument("--new", type=float, default=700)
    parser.add_argument("--kept", type=int, default=60)
    parser.add_argument("--writers", type=int, default=5)
    given = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))

    async def run():
        await Load(given).run(given)
    asyncio.run(run())


main()
