"""Twenty-four ways to misbehave. Each is a coroutine that does its worst until it is cancelled.

A server may end the connection at any time; then the attack begins anew, a tenth of a second later.
"""

import asyncio
import json
import random
import zlib

from wire import BINARY, CLOSE, PING, TEXT, frame, upgrade

PAUSE = 0.05


class Attack:
    """What an attack needs: the server, its own address and number, and chance."""

    def __init__(self, target, source, number):
        self.target = target
        self.source = source
        self.number = number
        self.random = random.Random(number)
        self.attempts = 0

    async def connect(self, is_encrypted=True):
        return await self.target.connect(self.source, is_encrypted)

    async def websocket(self, subprotocol=None, extensions=None):
        self.attempts += 1
        # Busy rooms, and some more than one: what is tested is not how fast a crowd can be served.
        path = f"/ws?username=bad-{self.number}-{self.attempts}&room=noise-{self.number % 8}"
        return await self.target.websocket(path, self.source, subprotocol, extensions)


async def until_closed(reader):
    while await reader.read(65536):
        pass


async def trickle(attack, data, pause=1.0):
    """One byte at a time."""
    reader, writer = await attack.connect()
    for byte in data:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(pause)
    await until_closed(reader)


async def repeat(attack, writer, make, pause=PAUSE):
    while True:
        writer.write(make())
        await writer.drain()
        await asyncio.sleep(pause)


# Before the upgrade

async def no_request(attack):
    reader, _ = await attack.connect()
    await until_closed(reader)


async def slow_request(attack):
    await trickle(attack, upgrade("/ws?username=slow"))


async def endless_headers(attack):
    reader, writer = await attack.connect()
    writer.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n")
    await repeat(attack, writer, lambda: b"X-More: %d\r\n" % attack.random.randrange(10**9), 0.2)


async def huge_header(attack):
    reader, writer = await attack.connect()
    writer.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Huge: " + b"x" * 200_000)
    await until_closed(reader)


async def endless_body(attack):
    reader, writer = await attack.connect()
    writer.write(b"POST /api/revocations HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n")
    await repeat(attack, writer, lambda: b"400\r\n" + b"x" * 1024 + b"\r\n")


async def bad_upgrade(attack):
    request = upgrade("/ws?username=bad").replace(b"Version: 13", b"Version: 8")
    reader, writer = await attack.connect()
    await repeat(attack, writer, lambda: request)


async def garbage(attack):
    """No HTTP at all, and where the server speaks TLS no TLS either."""
    reader, writer = await attack.connect(is_encrypted=False)
    writer.write(attack.random.randbytes(2000))
    await until_closed(reader)


async def stalled_hello(attack):
    """The first half of a TLS hello; to a server without TLS, bytes that are no request."""
    reader, writer = await attack.connect(is_encrypted=False)
    writer.write(bytes.fromhex("16030102000100"))
    await until_closed(reader)


async def connect_and_reset(attack):
    while True:
        reader, writer = await attack.connect()
        writer.write(upgrade(f"/ws?username=reset-{attack.number}"))
        writer.transport.abort()
        await asyncio.sleep(PAUSE * 4)


# Frames that break the rules

async def unmasked(attack):
    reader, writer = await attack.websocket()
    writer.write(frame(TEXT, b"{}", masked=False))
    await until_closed(reader)


async def reserved_bits(attack):
    reader, writer = await attack.websocket()
    writer.write(frame(attack.random.choice([3, 7, 11, 15, TEXT]), b"{}", reserved=attack.random.choice([1, 2, 4])))
    await until_closed(reader)


async def enormous_frame(attack):
    reader, writer = await attack.websocket()
    writer.write(frame(TEXT, b"x" * 1000, announced=2**63 - 1))
    await until_closed(reader)


async def invalid_utf8(attack):
    reader, writer = await attack.websocket("chat.v2")
    writer.write(frame(TEXT, b'{"type":"\xff\xfe"}'))
    await until_closed(reader)


async def binary_noise(attack):
    reader, writer = await attack.websocket()
    writer.write(frame(BINARY, attack.random.randbytes(1000)))
    await until_closed(reader)


async def bad_close(attack):
    reader, writer = await attack.websocket()
    writer.write(frame(CLOSE, b"\x03"))
    await until_closed(reader)


async def bomb(attack):
    """Sixteen megabytes of nothing, in sixteen kilobytes. Where nothing was negotiated it is a reserved bit."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = deflate.compress(bytes(16 << 20)) + deflate.flush(zlib.Z_SYNC_FLUSH)
    extensions = "permessage-deflate; client_no_context_takeover; server_no_context_takeover"
    reader, writer = await attack.websocket("chat.v2", extensions=extensions)
    writer.write(frame(TEXT, data[:-4], reserved=4))
    await until_closed(reader)


# Legal frames, too many or too slow

async def fragments_without_end(attack):
    reader, writer = await attack.websocket()
    writer.write(frame(TEXT, b"x", final=False))
    await repeat(attack, writer, lambda: frame(0, b"x", final=False) * 20)


async def pings(attack):
    reader, writer = await attack.websocket()
    reading = asyncio.create_task(until_closed(reader))
    try:
        await repeat(attack, writer, lambda: frame(PING, b"x" * 125) * 20)
    finally:
        reading.cancel()


async def never_reads(attack):
    """In a busy room; and it asks for more."""
    reader, writer = await attack.websocket("chat.v2")
    writer.transport.pause_reading()
    await repeat(attack, writer, lambda: frame(TEXT, b'{"type":"history","limit":100}'), 0.5)


async def reads_a_byte_a_second(attack):
    reader, writer = await attack.websocket()
    while await reader.read(1):
        writer.transport.pause_reading()
        await asyncio.sleep(1)
        writer.transport.resume_reading()


async def no_pongs(attack):
    reader, _ = await attack.websocket()
    await until_closed(reader)


async def no_json(attack):
    reader, writer = await attack.websocket(attack.random.choice([None, "chat.v2"]))
    reading = asyncio.create_task(until_closed(reader))
    try:
        await repeat(attack, writer, lambda: frame(TEXT, attack.random.choice([b"{", b"[]", b"null", b'{"a":' * 500])))
    finally:
        reading.cancel()


async def flood(attack):
    """Messages to a busy room, faster than the limit allows."""
    reader, writer = await attack.websocket(attack.random.choice([None, "chat.v2"]))
    reading = asyncio.create_task(until_closed(reader))
    message = json.dumps({"type": "chat_message", "content": "noise " * 30}).encode()
    try:
        await repeat(attack, writer, lambda: frame(TEXT, message) * 3)
    finally:
        reading.cancel()


async def comings_and_goings(attack):
    reader, writer = await attack.websocket("chat.v2")
    reading = asyncio.create_task(until_closed(reader))

    def move():
        room = f"hop-{attack.random.randrange(1000)}"
        return frame(TEXT, json.dumps({"type": attack.random.choice(["join_room", "leave_room"]), "room": room}).encode())

    try:
        await repeat(attack, writer, move)
    finally:
        reading.cancel()


async def letters_to_strangers(attack):
    reader, writer = await attack.websocket("chat.v2")
    reading = asyncio.create_task(until_closed(reader))

    def letter():
        to = f"stranger-{attack.random.randrange(10**6)}"
        return frame(TEXT, json.dumps({"type": "private_message", "to": to, "content": "hello", "id": to}).encode())

    try:
        await repeat(attack, writer, letter)
    finally:
        reading.cancel()


ALL = [
    no_request, slow_request, endless_headers, huge_header, endless_body, bad_upgrade, garbage, stalled_hello,
    connect_and_reset, unmasked, reserved_bits, enormous_frame, invalid_utf8, binary_noise, bad_close, bomb,
    fragments_without_end, pings, never_reads, reads_a_byte_a_second, no_pongs, no_json, flood, comings_and_goings,
    letters_to_strangers,
]


async def persist(attack, misbehave):
    """Misbehaves for ever, however often the server ends it."""
    while True:
        try:
            await misbehave(attack)
        except (OSError, EOFError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            pass
        await asyncio.sleep(0.1)
