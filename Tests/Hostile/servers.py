"""Starts the servers that are attacked, with NATS and Redis where they form a cluster. All on free ports of loopback."""

import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time


def free_port():
    while True:
        # Below the range from which the system takes the ports of clients.
        port = random.randint(21000, 31000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def until(condition, seconds, what):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.05)
    raise SystemExit(f"hostile: {what} took longer than {seconds} s")


def is_listening(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Servers:
    """One embedded server, or two that share NATS and Redis."""

    def __init__(self, executables, backend, is_encrypted):
        self.directory = tempfile.mkdtemp(prefix="hostile-")
        self.processes = []
        self.servers = []
        self.ports = []
        self.logs = []
        settings = {"RATE_LIMIT_MESSAGES": "100", "MAX_CONNECTIONS": "5000", "INSTANCE_NAME": ""}
        try:
            if backend == "clustered":
                settings.update(self.stores())
            if is_encrypted:
                settings.update(self.certificate())
            for number in range(2 if backend == "clustered" else 1):
                self.serve(executables, number, settings, is_encrypted)
        except BaseException:
            self.__exit__()
            raise

    def start(self, name, arguments, environment=None):
        log = os.path.join(self.directory, name + ".log")
        process = subprocess.Popen(
            arguments, env=environment, stdin=subprocess.DEVNULL, stdout=open(log, "wb"), stderr=subprocess.STDOUT,
            cwd=self.directory)
        self.processes.append(process)
        return process, log

    def stores(self):
        nats, redis = free_port(), free_port()
        self.start("nats", ["nats-server", "-a", "127.0.0.1", "-p", str(nats), "-js", "-sd", self.directory + "/nats"])
        self.start("redis", [
            "redis-server", "--bind", "127.0.0.1", "--port", str(redis), "--save", "", "--dir", self.directory])
        for port in (nats, redis):
            until(lambda: is_listening(port), 10, "a store's start")
        return {"NATS_URL": f"nats://127.0.0.1:{nats}", "REDIS_URL": f"redis://127.0.0.1:{redis}"}

    def certificate(self):
        key, certificate = self.directory + "/key.pem", self.directory + "/certificate.pem"
        subprocess.run([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
            "-keyout", key, "-out", certificate, "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1",
        ], check=True, stderr=subprocess.DEVNULL)
        return {"TLS_CERTIFICATE_FILE": certificate, "TLS_PRIVATE_KEY_FILE": key}

    def serve(self, executables, number, settings, is_encrypted):
        port = free_port()
        environment = {
            "PATH": os.environ["PATH"], "HOST": "127.0.0.1", "PORT": str(port),
            "DATA_DIRECTORY": f"{self.directory}/data-{number}", **settings, "INSTANCE_NAME": f"server-{number + 1}",
        }
        process, log = self.start(f"server-{number + 1}", [os.path.abspath(executables) + "/server"], environment)
        self.servers.append(process)
        self.ports.append(port)
        self.logs.append(log)
        until(lambda: is_listening(port) or process.poll() is not None, 40, "a server's start")
        if process.poll() is not None:
            raise SystemExit("hostile: a server did not start:\n" + open(log).read()[-2000:])
        until(lambda: "ready" in open(log).read() or is_listening(port), 10, "a server's start")

    def memory(self):
        """Of all servers, resident, in MiB."""
        pages = 0
        for server in self.servers:
            with open(f"/proc/{server.pid}/statm") as statistics:
                pages += int(statistics.read().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 2**20

    def memory_once_it_is_back(self, before, margin, seconds):
        deadline = time.monotonic() + seconds
        while self.memory() > before + margin and time.monotonic() < deadline:
            time.sleep(0.5)
        return self.memory()

    def log_lines(self):
        return sum(open(log, "rb").read().count(b"\n") for log in self.logs)

    def alive(self):
        return all(server.poll() is None for server in self.servers)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in reversed(self.processes):
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
            process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)
