"""Honest clients beside hostile ones: nothing of the honest ones is lost, they hardly notice, and the memory comes back.

Run by scripts/hostile, which says how. Standard library only.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import sys
import time

import attacks
import honest
import servers
from wire import Target

# p99 may be twice the calm one. Below this many milliseconds it is the machine that is measured, not the server.
NOISE_MS = 10
# Memory that stays: the allocator's, and windows of the rooms that were made.
MARGIN_MIB = 64
LINES_PER_SECOND = 20


def attack(ports, is_encrypted, count, single_source, pipe):
    """The process of the hostile clients. It yields to the others."""
    os.nice(10)

    async def run():
        targets = [Target(port, is_encrypted) for port in ports]
        tasks = []
        for number in range(count):
            source = "127.0.0.1" if single_source else f"127.1.{number // 250}.{number % 250 + 1}"
            one = attacks.Attack(targets[number % len(targets)], source, number)
            # Neighbours share the kind, so that each kind meets each server.
            kind = attacks.ALL[number // len(targets) % len(attacks.ALL)]
            tasks.append(asyncio.create_task(attacks.persist(one, kind)))
            if number % 20 == 0:
                await asyncio.sleep(0.02)
        pipe.send("attacking")
        await asyncio.get_running_loop().run_in_executor(None, pipe.recv)
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        broken = {repr(one) for one in ended if isinstance(one, Exception)}
        pipe.send(sorted(broken))

    asyncio.run(run())


def spawn(function, *arguments):
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.Process(target=function, args=(*arguments, theirs), daemon=True)
    process.start()
    return process, ours


def wait(pipe, seconds, what):
    if not pipe.poll(seconds):
        raise SystemExit(f"hostile: {what} took longer than {seconds} s")
    return pipe.recv()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True, help="folder of the executables")
    parser.add_argument("--hostile", type=int, default=1000)
    parser.add_argument("--honest", type=int, default=100)
    parser.add_argument("--seconds", type=int, default=30, help="of the attack")
    parser.add_argument("--calm", type=int, default=15, help="seconds before it")
    parser.add_argument("--backend", choices=["embedded", "clustered"], default="embedded")
    parser.add_argument("--tls", action="store_true")
    parser.add_argument("--single-source", action="store_true", help="all hostile clients come from one address")
    options = parser.parse_args()

    with servers.Servers(options.bin, options.backend, options.tls) as cluster:
        people, to_people = spawn(honest.run, cluster.ports, options.tls, options.honest)
        wait(to_people, 60, "the honest clients' arrival")
        time.sleep(options.calm)
        before = cluster.memory()
        lines = cluster.log_lines()
        villains, to_villains = spawn(
            attack, cluster.ports, options.tls, options.hostile, options.single_source)
        wait(to_villains, 60, "the beginning of the attack")
        to_people.send("attacked")
        time.sleep(options.seconds)
        lines = (cluster.log_lines() - lines) / options.seconds
        most = cluster.memory()
        to_people.send("after")
        to_villains.send("stop")
        broken = wait(to_villains, 60, "the end of the attack")
        # Sessions wait for their clients, then everything of theirs goes.
        after = cluster.memory_once_it_is_back(before, MARGIN_MIB, seconds=30)
        to_people.send("end")
        outcome = wait(to_people, 60, "the honest clients' end")
        alive = cluster.alive()

    failures = outcome["faults"][:20] + [f"an attack has a mistake of its own: {one}" for one in broken]
    calm, attacked = outcome["phases"]["calm"], outcome["phases"]["attacked"]
    allowed = max(2 * calm["p99"], NOISE_MS)
    if attacked["p99"] > allowed:
        failures.append(f"p99 {attacked['p99']:.1f} ms under attack, {calm['p99']:.1f} ms before")
    if after > before + MARGIN_MIB:
        failures.append(f"{after:.0f} MiB afterwards, {before:.0f} MiB before")
    if lines > LINES_PER_SECOND:
        failures.append(f"{lines:.0f} log lines a second")
    if not alive:
        failures.append("a server has ended")
    print(json.dumps({
        "backend": options.backend, "tls": options.tls, "hostile": options.hostile, "honest": options.honest,
        "milliseconds": outcome["phases"], "MiB": {"before": before, "under attack": most, "after": after},
        "log lines a second": round(lines, 1), "faults of honest clients": len(outcome["faults"]),
    }, indent=2))
    for failure in failures:
        print(f"hostile: {failure}", file=sys.stderr)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
