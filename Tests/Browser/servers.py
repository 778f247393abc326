"""Starts what the tests talk to, on free ports below the ephemeral range, and ends it again. Kills only what it started."""

import base64
import hashlib
import hmac
import json
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request

from devserver import PageServer

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("CHAT_BIN", ROOT / ".build/debug"))
SERVER = pathlib.Path(os.environ.get("CHAT_SERVER", BIN / "server"))
_next = 21000 + os.getpid() % 800 * 10


def free_port():
    global _next
    while True:
        _next += 1
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", _next))
                return _next
            except OSError:
                continue


def until(condition, what, seconds=15):
    """Waits until `condition()` is true, and returns its value."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            if value := condition():
                return value
        except (OSError, urllib.error.URLError):
            pass
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s for: {what}")
        time.sleep(0.02)


def token(secret, **claims):
    """A JSON Web Token by HS256."""
    encode = lambda value: base64.urlsafe_b64encode(value).rstrip(b"=")
    text = encode(b'{"alg":"HS256","typ":"JWT"}') + b"." + encode(json.dumps(claims).encode())
    return (text + b"." + encode(hmac.new(secret.encode(), text, hashlib.sha256).digest())).decode()


class Chat:
    """One instance, and in front of it a page server that can cut the way to it."""

    def __init__(self, directory, stubs=None, **settings):
        self.port, self.directory = free_port(), directory
        self.settings = {
            "HOST": "127.0.0.1", "PORT": self.port, "DATA_DIRECTORY": f"{directory}/data", "LOG_LEVEL": "warning",
            "INSTANCE_NAME": f"server-{self.port}", "LOG_SYNC": "interval", "RATE_LIMIT_MESSAGES": "0", **settings,
        }
        self.process = None
        self.start()
        self.pages = PageServer(("127.0.0.1", free_port()), ("127.0.0.1", self.port), stubs, self._serves_pages())
        threading.Thread(target=self.pages.serve_forever, daemon=True).start()
        self.url = f"http://localhost:{self.pages.server_address[1]}"

    def start(self):
        environment = {**os.environ, **{key: str(value) for key, value in self.settings.items()}}
        self.process = subprocess.Popen([SERVER], env=environment, cwd=self.directory, stdout=subprocess.DEVNULL,
                                        stderr=open(f"{self.directory}/server.log", "ab"))
        until(lambda: urllib.request.urlopen(f"http://127.0.0.1:{self.port}/readyz", timeout=2).status == 200, "the server")

    def _serves_pages(self):
        """Whether the pages come from the server. If not, they come from their folder."""
        try:
            return b"<chat-app>" in urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=2).read()
        except urllib.error.HTTPError:
            return False

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.pages.shutdown()
        if self.process.poll() is None:
            self.kill()


class Stage:
    """What one test has started. `with Stage() as stage:` ends all of it."""

    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="chat-browser-")
        self.ends = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for end in reversed(self.ends):
            end()
        shutil.rmtree(self.directory, ignore_errors=True)

    def _process(self, *arguments, **options):
        process = subprocess.Popen([str(argument) for argument in arguments], **options)
        self.ends.append(lambda: (process.kill(), process.wait()))
        return process

    def chat(self, stubs=None, **settings):
        directory = tempfile.mkdtemp(dir=self.directory)
        chat = Chat(directory, stubs, **settings)
        self.ends.append(chat.stop)
        return chat

    def cluster(self, count=2, **settings):
        """Instances on a NATS and a Redis of their own."""
        nats, redis = free_port(), free_port()
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self._process("nats-server", "-js", "-sd", f"{self.directory}/nats", "-a", "127.0.0.1", "-p", nats, **quiet)
        self._process("redis-server", "--port", redis, "--bind", "127.0.0.1", "--save", "", "--dir", self.directory, **quiet)
        for port in (nats, redis):
            until(lambda: socket.create_connection(("127.0.0.1", port), 1).close() is None, "NATS and Redis")
        urls = {"NATS_URL": f"nats://127.0.0.1:{nats}", "REDIS_URL": f"redis://127.0.0.1:{redis}"}
        return [self.chat(**urls, **settings) for _ in range(count)]

    def terminal(self, chat, name, *arguments, lines=None):
        """The terminal client without a screen. Its lines go to the list `lines`."""
        process = self._process(BIN / "chat-client", "-addr", f"127.0.0.1:{chat.port}", "-username", name, *arguments,
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                                env={**os.environ, "HOME": self.directory})
        if lines is not None:
            threading.Thread(target=lambda: [lines.append(line) for line in process.stdout], daemon=True).start()
        return process
