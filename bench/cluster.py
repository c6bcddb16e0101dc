#!/usr/bin/python3
"""Three servers, four workers and PostgreSQL as processes on this machine: how fast they are together, and what becomes of a run while they are killed.

Usage: bench/cluster.py rate [items]              no-op items per second, every result durable in PostgreSQL, one run and four at once
       bench/cluster.py chaos [items] [seconds]   a run of no-op items and the limb recipe while servers, workers and the database die; the data set
                                                  must be that of the embedded farm, and no item may have two accepted results

Needs Debian's postgresql. Workers have folders of their own and reach the servers by HTTP alone; the servers share a folder of artifacts.
"""
import glob
import json
import os
import random
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PROGRAM = os.environ.get("MLFARM_PROGRAM") or os.path.join(ROOT, "src/Farm/bin/Release/net10.0/linux-x64/mlfarm")
NOOP = "recipe: 1\nname: noop\nparams: { count: { type: int, default: 1000 } }\nnodes:\n  items: { generate: \"${{ params.count }}\", uses: no_op, cache: ignore }\n"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def as_postgres(*command):
    """PostgreSQL refuses to run as root."""
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", *command] if os.getuid() == 0 else list(command)


class Database:
    def __init__(self, folder):
        self.bin = sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1]
        self.port, self.data = free_port(), os.path.join(folder, "database")
        os.mkdir(self.data)
        os.chmod(folder, 0o755)
        if os.getuid() == 0:
            shutil.chown(self.data, "postgres")
        subprocess.run(as_postgres(f"{self.bin}/initdb", "-D", self.data, "-U", "farm", "-A", "trust", "-E", "UTF8"), check=True, stdout=subprocess.DEVNULL)
        with open(os.path.join(self.data, "postgresql.conf"), "a") as conf:
            conf.write(f"\nlisten_addresses = '127.0.0.1'\nport = {self.port}\nunix_socket_directories = ''\nmax_connections = 200\n")
        self.start()

    def start(self):
        self.process = subprocess.Popen(as_postgres(f"{self.bin}/postgres", "-D", self.data), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while subprocess.run([f"{self.bin}/pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port), "-U", "farm"]).returncode:
            time.sleep(0.1)

    def stop(self):
        """As an administrator restarts it: connections are cut, what is written is safe."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait()

    @property
    def connection(self):
        return f"Host=127.0.0.1;Port={self.port};Database=postgres;Username=farm;Maximum Pool Size=20"


class Cluster:
    def __init__(self, folder, servers=3, workers=4):
        self.folder = folder
        self.database = Database(folder)
        self.ports = [free_port() for _ in range(servers)]
        self.servers, self.workers = [None] * servers, [None] * workers
        for i in range(servers):
            self.serve(i)
        for i in range(servers):
            self.await_server(i)
        for i in range(workers):
            self.work(i)

    def url(self, first=0):
        n = len(self.ports)
        return ",".join(f"http://127.0.0.1:{self.ports[(first + i) % n]}" for i in range(n))

    def serve(self, i):
        home = os.path.join(self.folder, f"server-{i}")
        os.makedirs(home, exist_ok=True)
        log = open(os.path.join(self.folder, f"server-{i}.log"), "a")
        self.servers[i] = subprocess.Popen([PROGRAM, "server", "start", "--listen", f"http://127.0.0.1:{self.ports[i]}", "--database", self.database.connection,
                                            "--artifacts", os.path.join(self.folder, "artifacts")], cwd=home, stdout=log, stderr=log)

    def await_server(self, i):
        for _ in range(600):
            with socket.socket() as s:
                if s.connect_ex(("127.0.0.1", self.ports[i])) == 0:
                    return
            if self.servers[i].poll() is not None:
                sys.exit(f"server {i} ended: {open(os.path.join(self.folder, f'server-{i}.log')).read()}")
            time.sleep(0.05)
        sys.exit(f"server {i} does not answer")

    def work(self, i):
        state = os.path.join(self.folder, f"worker-{i}")
        log = open(os.path.join(self.folder, f"worker-{i}.log"), "a")
        self.workers[i] = subprocess.Popen([PROGRAM, "worker", "start", "--server", self.url(i), "--slots", "1", "--state", state], stdout=log, stderr=log)

    def command(self, *arguments, folder=None, check=True, first=0):
        done = subprocess.run([PROGRAM, *arguments, "--url", self.url(first)], cwd=folder or self.folder, capture_output=True, text=True)
        if check and done.returncode:
            sys.exit(f"mlfarm {' '.join(arguments)} ended with {done.returncode}:\n{done.stderr}")
        return done

    def submit(self, *arguments, folder=None):
        return json.loads(self.command("submit", *arguments, "--json", folder=folder).stdout)["run"]

    def runs(self):
        return {r["run"]: r for r in json.loads(self.command("runs", "--json").stdout)}

    def query(self, sql):
        return subprocess.run([f"{self.database.bin}/psql", "-h", "127.0.0.1", "-p", str(self.database.port), "-U", "farm", "-d", "postgres", "-Atc", sql], capture_output=True, text=True).stdout.strip()

    def end(self):
        for process in [*self.workers, *self.servers]:
            if process and process.poll() is None:
                process.kill()
                process.wait()
        self.database.stop()


def write(folder, name, text):
    with open(os.path.join(folder, name), "w") as file:
        file.write(text)


def rate(items):
    with tempfile.TemporaryDirectory() as folder:
        cluster = Cluster(folder)
        try:
            write(folder, "noop.yaml", NOOP)
            for together in (1, 4):
                best = 0
                for _ in range(3):
                    runs = [cluster.submit("noop.yaml", "-p", f"count={items // together}") for _ in range(together)]
                    cluster.command("wait", *map(str, runs))
                    rows = cluster.runs()
                    # The runs overlap but for the start of the commands that submit them; the longest counts for all.
                    best = max(best, items / max(rows[r]["seconds"] for r in runs))
                print(f"{together} {'run ' if together == 1 else 'runs'}  {items:,} no-op items, three servers, four workers, PostgreSQL: {best:,.0f}/s")
        finally:
            cluster.end()


def embedded_limb(recipe):
    with tempfile.TemporaryDirectory() as folder:
        write(folder, "small.yaml", recipe)
        subprocess.run([PROGRAM, "run", "small.yaml"], cwd=folder, check=True, capture_output=True)
        return json.load(open(os.path.join(folder, "out/small-1/dataset/dataset.json")))["sha256"]


def limb_recipe():
    text = open(os.path.join(ROOT, "tests/EndToEnd/Recipes.cs")).read()
    body = text[text.index('"""') + 3:text.rindex('"""')]
    return "\n".join(line[8:] for line in body.split("\n")).replace("BATCH", "1").lstrip("\n")


def chaos(items, seconds):
    recipe = limb_recipe()
    expected = embedded_limb(recipe)
    seed = random.Random(1)
    gaps, counts = [], {"server": 0, "worker": 0, "database": 0, "cut off": 0}
    with tempfile.TemporaryDirectory() as folder:
        cluster = Cluster(folder)
        try:
            write(folder, "noop.yaml", NOOP.replace("uses: no_op,", "uses: no_op, batch: 20, "))
            write(folder, "small.yaml", recipe)
            noop = cluster.submit("noop.yaml", "-p", f"count={items}")
            limb = [cluster.submit("small.yaml")]
            over = threading.Event()
            death = [None]

            def progress():
                """Events of runs as the database has them: how long after a server's death the next one is accepted."""
                last = ""
                while not over.is_set():
                    now = cluster.query("select count(*) from event")
                    if now and now != last:
                        if death[0] is not None:
                            gaps.append(time.monotonic() - death[0])
                            death[0] = None
                        last = now
                    time.sleep(0.1)

            watching = threading.Thread(target=progress)
            watching.start()
            begun = time.monotonic()
            next_server, next_worker, next_database, cut = begun + 10, begun + 5, begun + seconds / 3, begun + seconds / 4
            while True:
                now = time.monotonic()
                if now >= next_server:
                    i = counts["server"] % len(cluster.servers)
                    cluster.servers[i].kill()
                    cluster.servers[i].wait()
                    death[0] = time.monotonic()
                    counts["server"] += 1
                    next_server = now + 20
                    time.sleep(1)
                    cluster.serve(i)
                if now >= next_worker:
                    i = seed.randrange(len(cluster.workers))
                    cluster.workers[i].kill()
                    cluster.workers[i].wait()
                    cluster.work(i)
                    counts["worker"] += 1
                    next_worker = now + 5
                if now >= next_database and counts["database"] < 2:
                    cluster.database.stop()
                    time.sleep(2)
                    cluster.database.start()
                    counts["database"] += 1
                    next_database = now + seconds / 3
                if now >= cut and counts["cut off"] == 0:
                    # A host without its network: its processes stand still for the others, and come back with what they have.
                    frozen = cluster.workers[0]
                    frozen.send_signal(signal.SIGSTOP)
                    threading.Timer(60 if seconds >= 180 else seconds / 4, lambda: frozen.send_signal(signal.SIGCONT)).start()
                    counts["cut off"] += 1
                done = cluster.command("wait", str(noop), *map(str, limb), "--timeout", "1s", check=False, first=counts["server"] % 3)
                if done.returncode != 12 and done.returncode != 20:
                    if done.returncode != 0:
                        sys.exit(f"a run failed ({done.returncode}):\n{done.stdout}{done.stderr}\n" + cluster.command("explain", f"{limb[-1]}@failed", check=False).stdout)
                    if time.monotonic() - begun >= seconds:
                        break
                    limb.append(cluster.submit("small.yaml", "--no-cache", "poses", "--no-cache", "capture"))
            over.set()
            watching.join()
            for run in limb:
                cluster.command("watch", str(run), folder=folder)
                found = json.load(open(os.path.join(folder, f"out/small-{run}/dataset/dataset.json")))["sha256"]
                print(f"run {run}: data set {'the same as embedded' if found == expected else f'DIFFERENT: {found} instead of {expected}'}")
                if found != expected:
                    sys.exit(1)
            print(f"{items:,} no-op items and {len(limb)} limb recipes in {time.monotonic() - begun:.0f} s; killed or cut: {counts}")
            if gaps:
                print(f"after a server's death the next event is accepted within {statistics.median(gaps):.1f} s (median), {max(gaps):.1f} s (worst of {len(gaps)})")
        finally:
            cluster.end()


if __name__ == "__main__":
    what, *numbers = sys.argv[1:] or [""]
    if what == "rate":
        rate(int(numbers[0]) if numbers else 1_000_000)
    elif what == "chaos":
        chaos(int(numbers[0]) if numbers else 200_000, float(numbers[1]) if len(numbers) > 1 else 420)
    else:
        sys.exit(__doc__)
