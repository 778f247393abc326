"""WebSocket frames by hand, so that every one of them can be wrong."""

import asyncio
import ssl
import struct

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
KEY = b"\x01\x02\x03\x04"


def frame(opcode, payload=b"", final=True, masked=True, reserved=0, announced=None):
    """One frame. `announced`: the length in its header, which may be a lie."""
    length = len(payload) if announced is None else announced
    head = bytes([(0x80 if final else 0) | reserved << 4 | opcode])
    mask_bit = 0x80 if masked else 0
    if length < 126:
        head += bytes([mask_bit | length])
    elif length < 65536:
        head += bytes([mask_bit | 126]) + struct.pack("!H", length)
    else:
        head += bytes([mask_bit | 127]) + struct.pack("!Q", length)
    if not masked:
        return head + payload
    key = (KEY * (len(payload) // 4 + 1))[: len(payload)]
    masked_payload = int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")
    return head + KEY + masked_payload.to_bytes(len(payload), "big")


def upgrade(path, subprotocol=None, extensions=None):
    lines = [
        f"GET {path} HTTP/1.1", "Host: localhost", "Upgrade: websocket", "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13",
    ]
    if subprotocol:
        lines.append(f"Sec-WebSocket-Protocol: {subprotocol}")
    if extensions:
        lines.append(f"Sec-WebSocket-Extensions: {extensions}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


class Target:
    """Where the server is, and from which addresses to come."""

    def __init__(self, port, is_encrypted):
        self.port = port
        self.context = None
        if is_encrypted:
            self.context = ssl.create_default_context()
            # The certificate was made for this run; what is tested is not the client's trust.
            self.context.check_hostname = False
            self.context.verify_mode = ssl.CERT_NONE

    async def connect(self, source="127.0.0.1", is_encrypted=True):
        """`is_encrypted` False: without TLS, also where the server wants it."""
        return await asyncio.open_connection(
            "127.0.0.1", self.port, local_addr=(source, 0), ssl=self.context if is_encrypted else None)

    async def websocket(self, path, source="127.0.0.1", subprotocol=None, extensions=None):
        """A connection after its upgrade.

        Raises ConnectionError where the server refuses it.
        """
        reader, writer = await self.connect(source)
        writer.write(upgrade(path, subprotocol, extensions))
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 101"):
            writer.close()
            raise ConnectionError(head.split(b"\r\n")[0].decode())
        return reader, writer


async def read_frame(reader):
    """The opcode and the payload of the next frame of a server."""
    first, second = await reader.readexactly(2)
    length = second & 0x7F
    if length == 126:
        (length,) = struct.unpack("!H", await reader.readexactly(2))
    elif length == 127:
        (length,) = struct.unpack("!Q", await reader.readexactly(8))
    return first & 0x0F, await reader.readexactly(length)
