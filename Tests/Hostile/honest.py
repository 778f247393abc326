"""Honest clients of both dialects. They chat, and measure what becomes of their messages.

Runs in a process of its own, so that its clock is not slowed down by what the hostile clients do.
"""

import asyncio
import collections
import json
import time

from wire import CLOSE, PING, PONG, TEXT, Target, frame, read_frame

MEMBERS_PER_ROOM = 10
SECONDS_BETWEEN_MESSAGES = 2.0


class Client:
    """One client in one room. Every other client of the room is to get each of its messages once, in order."""

    def __init__(self, number, is_v2, record):
        self.name = f"honest-{number}"
        self.room = f"calm-{number // MEMBERS_PER_ROOM}"
        self.is_v2 = is_v2
        self.record = record
        self.sent = 0
        self.latest = collections.Counter()

    async def run(self, target, everybody_is_there, stop):
        path = f"/ws?username={self.name}&room={self.room}"
        reader, writer = await target.websocket(path, subprotocol="chat.v2" if self.is_v2 else None)
        opcode, payload = await read_frame(reader)
        if self.is_v2:
            writer.write(frame(TEXT, json.dumps({"type": "join_room", "room": self.room}).encode()))
            while json.loads(payload)["type"] != "joined":
                opcode, payload = await read_frame(reader)
        reading = asyncio.create_task(self.read(reader, writer))
        try:
            await everybody_is_there.wait()
            while not stop.is_set():
                await self.send(writer)
                await asyncio.sleep(SECONDS_BETWEEN_MESSAGES)
            await asyncio.sleep(3)  # what is under way arrives, or is lost
        finally:
            reading.cancel()
            writer.close()

    async def send(self, writer):
        self.sent += 1
        content = f"{self.name} {self.sent} {time.monotonic_ns()} {self.record.phase}"
        message = {"type": "chat_message", "content": content}
        if self.is_v2:
            message.update(id=f"{self.name}-{self.sent}-{self.record.run}", room=self.room)
        writer.write(frame(TEXT, json.dumps(message).encode()))
        await writer.drain()

    async def read(self, reader, writer):
        try:
            while True:
                opcode, payload = await read_frame(reader)
                if opcode == PING:
                    writer.write(frame(PONG, payload))
                elif opcode == CLOSE:
                    self.record.faults.append(f"{self.name} was closed: {payload!r}")
                    return
                elif opcode == TEXT:
                    self.take(json.loads(payload))
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            self.record.faults.append(f"{self.name} lost its connection: {error!r}")

    def take(self, message):
        if message.get("type") == "error" or "too many" in message.get("content", ""):
            self.record.faults.append(f"{self.name} was told {message}")
        if message.get("type") != "chat_message" or message.get("sender") == self.name:
            return
        words = message["content"].split()
        if len(words) != 4 or not words[0].startswith("honest-"):
            return
        sender, number, sent_at, phase = words[0], int(words[1]), int(words[2]), words[3]
        if number != self.latest[sender] + 1:
            self.record.faults.append(f"{self.name} got {sender} {number} after {self.latest[sender]}")
        self.latest[sender] = number
        self.record.latencies[phase].append((time.monotonic_ns() - sent_at) / 1e6)


class Record:
    def __init__(self, run):
        self.run = run
        self.phase = "calm"
        self.faults = []
        self.latencies = collections.defaultdict(list)


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("nan")


async def chat(ports, is_encrypted, count, pipe):
    """Half of the clients speak each dialect, spread over the servers.

    The pipe brings the name of each phase, and "end"; it takes "ready" and the outcome.
    """
    record = Record(run=time.time_ns())
    clients = [Client(number, number % 2 == 0, record) for number in range(count)]
    targets = [Target(port, is_encrypted) for port in ports]
    everybody_is_there, stop = asyncio.Event(), asyncio.Event()
    # Rooms are filled one client at a time, so that nobody misses the first messages.
    tasks = []
    for number, client in enumerate(clients):
        tasks.append(asyncio.create_task(client.run(targets[number % len(targets)], everybody_is_there, stop)))
        await asyncio.sleep(0.02)
    await asyncio.sleep(2)
    everybody_is_there.set()
    pipe.send("ready")
    loop = asyncio.get_running_loop()
    while (phase := await loop.run_in_executor(None, pipe.recv)) != "end":
        record.phase = phase
    stop.set()
    ended = await asyncio.gather(*tasks, return_exceptions=True)
    record.faults += [f"a client failed: {error!r}" for error in ended if isinstance(error, Exception)]
    for client in clients:
        for other in clients:
            if other is not client and other.room == client.room and client.latest[other.name] != other.sent:
                record.faults.append(
                    f"{client.name} has {client.latest[other.name]} of {other.sent} messages of {other.name}")
    pipe.send({
        "faults": record.faults,
        "phases": {
            phase: {"count": len(values), "p50": percentile(values, 0.5), "p99": percentile(values, 0.99)}
            for phase, values in record.latencies.items()
        },
    })


def run(ports, is_encrypted, count, pipe):
    asyncio.run(chat(ports, is_encrypted, count, pipe))
