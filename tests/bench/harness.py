"""What `run` and `instructions` share: building, starting a server, loading it, counting."""

import json
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
# Where the binaries lie: ours, and those of this folder's workspace.
OURS = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
BENCH = Path(os.environ.get("CARGO_TARGET_DIR", HERE / "target"))


class Failed(Exception):
    """Something that the user is told in one line."""


def cargo_build(folder, *options):
    print("building:", *options, file=sys.stderr, flush=True)
    command = ["cargo", "build", "--quiet", "--locked", *options]
    if subprocess.run(command, cwd=folder).returncode != 0:
        raise Failed(f"`{' '.join(command)}` failed in {folder}")


def example(name):
    return str(OURS / "release" / name)


def build_ours(*names):
    bins = [word for name in names for word in ("--bin", name)]
    cargo_build(ROOT, "--release", "-p", "wsframe-examples", *bins)


def many_files(connections):
    """Raises the limit of open files as far as is allowed; both sides inherit it."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if hard != resource.RLIM_INFINITY and hard < connections + 200:
        raise Failed(f"{connections} connections need `ulimit -Hn` above {connections + 200}; it is {hard}")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A server's process, up once its port answers. `core` pins it; `wrap` is what it runs under."""

    def __init__(self, argv, path, core=None, wrap=(), env=None):
        self.path = path
        self.port = free_port()
        argv = [word.replace("{port}", str(self.port)) for word in argv]
        pin = ["taskset", "-c", str(core)] if core is not None else []
        self.log = tempfile.TemporaryFile()
        # One worker: what several of them steal from each other differs from run to run.
        env = {**os.environ, "TOKIO_WORKER_THREADS": "1", **(env or {})}
        self.process = subprocess.Popen([*pin, *wrap, *argv], stdout=self.log, stderr=self.log, env=env)
        deadline = time.monotonic() + 30
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    self.stop()
                    raise Failed(f"{argv[0]} did not start: {self.said()}")
                time.sleep(0.05)

    def said(self):
        self.log.seek(0)
        return self.log.read().decode(errors="replace")[-1000:].strip()

    def stop(self):
        """Ends it; a tracer ends, and reports, when the process does that it traces."""
        pid = self.process.pid
        try:
            traced = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
            for victim in traced or [pid]:
                os.kill(int(victim), signal.SIGTERM)
        except (ProcessLookupError, FileNotFoundError):
            pass
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def load(server, mode, *options, profile="release", core=None, pid=True):
    """One run of the generator: its report, or `{"error": …}`."""
    pin = ["taskset", "-c", str(core)] if core is not None else []
    command = [*pin, BENCH / profile / "wsload", mode, "--addr", f"127.0.0.1:{server.port}", "--path", server.path]
    if pid:
        command += ["--pid", server.process.pid]
    command = [str(word) for word in (*command, *options)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    if done.returncode != 0:
        return {"error": done.stderr.strip().splitlines()[-1][:160] if done.stderr else "the generator failed"}
    return json.loads(done.stdout)


def per_message(argv, path, wrap, read, counts, in_flight, connections=50, profile="release"):
    """What a tool counts per message: the difference of a long and a short run, so that start,
    handshakes and end cancel out. `wrap(file)` is the tool's command, `read(file)` its total."""
    runs = []
    for messages in counts:
        with tempfile.NamedTemporaryFile() as report:
            server = Server(argv, path, wrap=wrap(report.name))
            try:
                done = load(
                    server, "echo", "--conns", connections, "--size", 125, "--pipeline", in_flight,
                    "--messages", messages, "--warmup", 0, "--timeout", 60, profile=profile, pid=False,
                )
            finally:
                server.stop()
            if "error" in done:
                raise Failed(done["error"])
            runs.append((done["messages"], read(report.name)))
    (few, less), (many, more) = runs
    return (more - less) / (many - few)


def instructions(argv, path, in_flight, counts=(20_000, 120_000), **options):
    """Instructions in user land per message, as callgrind counts them."""

    def wrap(report):
        return ["valgrind", "--tool=callgrind", f"--callgrind-out-file={report}"]

    def total(report):
        with open(report) as lines:
            for line in lines:
                if line.startswith(("summary:", "totals:")):
                    return int(line.split()[1])
        raise Failed("callgrind counted nothing")

    return per_message(argv, path, wrap, total, counts, in_flight, **options)


def system_calls(argv, path, in_flight):
    """System calls per message, as strace counts them."""

    def wrap(report):
        return ["strace", "-f", "-c", "-o", report]

    def total(report):
        with open(report) as lines:
            rows = [line.split() for line in lines]
        # % time, seconds, usecs/call, calls, [errors,] name
        counted = [int(row[3]) for row in rows if len(row) >= 5 and row[0][:1].isdigit() and row[-1] != "total"]
        if not counted:
            raise Failed("strace counted nothing")
        return sum(counted)

    return per_message(argv, path, wrap, total, (2_000, 12_000), in_flight)
