#!/usr/bin/env python3
"""An upstream that lies, and clients that ask for it through a proxy all the while.

    lying_upstream.py lie PORT           serves lies on 127.0.0.1:PORT until it is stopped
    lying_upstream.py tell PORT          serves a small page instead, as it should be
    lying_upstream.py ask PORT PATH      asks 127.0.0.1:PORT for that path, 32 at a time
"""
import asyncio
import functools
import itertools
import sys

CLIENTS = 32
PAUSE = 0.05                    # between two questions of a client: this is no load test
HEAD = b"HTTP/1.1 200 OK\r\n"


async def drip(writer, text):
    """Slow enough to hold a connection for seconds, and no load by the number of its bytes."""
    for byte in text:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(0.1)


async def silence(writer):
    await asyncio.sleep(20)


async def slow_head(writer):
    await drip(writer, HEAD + b"X-Slow: " + b"a" * 50)


async def slow_body(writer):
    writer.write(HEAD + b"Content-Length: 1000\r\n\r\n")
    await drip(writer, b"b" * 80)


async def reset(writer):
    writer.transport.abort()


async def cut(writer):
    writer.write(HEAD + b"Content-Length: 100000\r\n\r\n" + b"c" * 50000)


async def cut_chunks(writer):
    writer.write(HEAD + b"Transfer-Encoding: chunked\r\n\r\n8000\r\n" + b"d" * 30000)


async def two_lengths(writer):
    writer.write(HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef")


async def huge_head(writer):
    writer.write(HEAD + b"".join(b"X-%d: %s\r\n" % (i, b"e" * 500) for i in range(200)))


async def no_http(writer):
    writer.write(b"SSH-2.0-OpenSSH_9.2\r\n")


async def interim_flood(writer):
    writer.write(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 5000)


async def second_answer(writer):
    writer.write((HEAD + b"Content-Length: 2\r\n\r\nok") * 2)


async def truth(writer):
    writer.write(HEAD + b"Content-Length: 10000\r\n\r\n" + b"t" * 10000)


LIES = itertools.cycle((silence, slow_head, slow_body, reset, cut, cut_chunks, two_lengths, huge_head,
                        no_http, interim_flood, second_answer))


async def answer(kinds, reader, writer):
    try:
        await reader.readuntil(b"\r\n\r\n")
        await next(kinds)(writer)
        await writer.drain()
    except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        pass
    finally:
        writer.close()


async def listen(port, kinds):
    server = await asyncio.start_server(functools.partial(answer, kinds), "127.0.0.1", port)
    async with server:
        await server.serve_forever()


async def ask(port, path):
    while True:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"GET %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" % path)
            await reader.read()
            writer.close()
        except OSError:
            pass
        await asyncio.sleep(PAUSE)


async def ask_all(port, path):
    await asyncio.gather(*(ask(port, path) for _ in range(CLIENTS)))


if __name__ == "__main__":
    do, port = sys.argv[1], int(sys.argv[2])
    if do == "ask":
        asyncio.run(ask_all(port, sys.argv[3].encode()))
    else:
        asyncio.run(listen(port, LIES if do == "lie" else itertools.repeat(truth)))
