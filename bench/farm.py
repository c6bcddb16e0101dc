#!/usr/bin/python3
"""The program beside Dask distributed, xargs and GNU parallel, in one run on one machine.

Usage: bench/farm.py [small]      needs Debian's python3-distributed, xargs and parallel; what is missing is left out and said.

Every figure of ours is taken through the real command (`mlfarm run`): scheduler and worker are processes of their own, every result is durable before it
counts (journal with fsync). Dask keeps nothing. Seconds of a run are from submit to the last result, as `mlfarm runs` says; the start of the program
comes on top and is shown.
"""
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PROGRAM = os.path.join(ROOT, "src/Farm/bin/Release/net10.0/linux-x64/mlfarm")
SMALL = sys.argv[1:] == ["small"]

NOOP = """recipe: 1
name: noop
params: { count: { type: int, default: 1000 } }
nodes:
  items: { generate: "${{ params.count }}", uses: no_op, cache: CACHE }
"""
TRUE = """recipe: 1
name: programs
nodes:
  items: { generate: COUNT, run: "true", cache: ignore }
"""


def mlfarm(folder, *arguments, check=True):
    """Runs the program to its end; wall seconds and what it printed."""
    start = time.perf_counter()
    done = subprocess.run([PROGRAM, *arguments], cwd=folder, capture_output=True, text=True)
    if check and done.returncode != 0:
        sys.exit(f"mlfarm {' '.join(arguments)} ended with {done.returncode}:\n{done.stderr}")
    return time.perf_counter() - start, done.stdout


def seconds_of_last_run(folder):
    runs = json.loads(mlfarm(folder, "runs", "--json")[1])
    return max(runs, key=lambda r: r["run"])["seconds"]


def write(folder, name, text):
    with open(os.path.join(folder, name), "w") as file:
        file.write(text)


def noop(count, repeats=3):
    """Items per second through scheduler and worker process: best of three runs that cook everything anew."""
    best = float("inf")
    with tempfile.TemporaryDirectory() as folder:
        write(folder, "noop.yaml", NOOP.replace("CACHE", "ignore"))
        for _ in range(repeats):
            mlfarm(folder, "run", "noop.yaml", "-p", f"count={count}", "--workers", "2")
            best = min(best, seconds_of_last_run(folder))
    return count / best


def dask(tasks):
    try:
        line = subprocess.run(["/usr/bin/python3", os.path.join(ROOT, "bench/dask_noop.py"), str(tasks)], capture_output=True, text=True, check=True).stdout
        return float(line.split("\t")[2])
    except (subprocess.CalledProcessError, FileNotFoundError, IndexError):
        return None


def programs(count):
    """Seconds for `true`, count times, two at a time: ours, xargs, GNU parallel."""
    with tempfile.TemporaryDirectory() as folder:
        write(folder, "programs.yaml", TRUE.replace("COUNT", str(count)))
        ours = float("inf")
        for _ in range(3):
            mlfarm(folder, "run", "programs.yaml", "--workers", "2")
            ours = min(ours, seconds_of_last_run(folder))

    def shell(line):
        best = float("inf")
        for _ in range(3):
            start = time.perf_counter()
            subprocess.run(["sh", "-c", line], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            best = min(best, time.perf_counter() - start)
        return best

    xargs = shell(f"seq {count} | xargs -P2 -n1 true")
    # It starts so slowly that a sixth of the items says enough.
    parallel = 6 * shell(f"seq {count // 6} | parallel -j2 -n0 true") if shutil.which("parallel") else None
    return ours, xargs, parallel


def cached(count):
    """A second run of cached items: seconds of the plan alone, and of the run."""
    with tempfile.TemporaryDirectory() as folder:
        write(folder, "noop.yaml", NOOP.replace("CACHE", "automatic"))
        mlfarm(folder, "run", "noop.yaml", "-p", f"count={count}", "--workers", "2")
        plan, said = mlfarm(folder, "plan", "noop.yaml", "-p", f"count={count}", "--json")
        assert json.loads(said)[0]["cached"] == count, said
        run, _ = mlfarm(folder, "run", "noop.yaml", "-p", f"count={count}", "--workers", "2")
        return plan, run


def killed(count):
    """kill -9 of the whole tree in the middle: seconds from `mlfarm resume` until new results are durable, and items that were cooked twice."""
    with tempfile.TemporaryDirectory() as folder:
        write(folder, "noop.yaml", NOOP.replace("CACHE", "ignore").replace("uses: no_op", 'uses: no_op, with: { seconds: 0.00001 }'))
        first = subprocess.Popen([PROGRAM, "run", "noop.yaml", "-p", f"count={count}", "--workers", "2"], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        wait_for(folder, first, lambda done: done > count // 3)
        os.killpg(first.pid, signal.SIGKILL)
        first.wait()
        before = settled(folder)
        start = time.perf_counter()
        again = subprocess.Popen([PROGRAM, "resume", "--workers", "2"], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True)
        wait_for(folder, again, lambda done: done > before)
        seconds = time.perf_counter() - start
        again.communicate()
        return before, seconds


def settled(folder):
    """Items with a durable result, read from the farm's database beside the running program."""
    import sqlite3
    try:
        with sqlite3.connect(f"file:{folder}/.mlfarm/farm.db?mode=ro", uri=True, timeout=5) as database:
            row = database.execute("select settled from run order by id desc limit 1").fetchone()
            return row[0] if row else 0
    except sqlite3.OperationalError:
        return 0


def wait_for(folder, process, reached):
    while not reached(settled(folder)):
        if process.poll() is not None:
            sys.exit(f"the run in {folder} was over too soon (exit {process.returncode})")
        time.sleep(0.01)


def main():
    if not os.path.exists(PROGRAM):
        sys.exit("build first: dotnet build -c Release src/Farm")
    scale = 10 if SMALL else 1
    ours = noop(4_000_000 // scale)
    print(f"durable no-op items          {ours:12,.0f} /s   (asked: 200,000)", flush=True)
    theirs = dask(5000 // scale)
    if theirs:
        print(f"Dask distributed             {theirs:12,.0f} /s   ours is {ours / theirs:.0f} x (asked: 100)", flush=True)
    else:
        print("Dask distributed             not installed (python3-distributed)")
    count = 12_000 // scale
    mine, xargs, parallel = programs(count)
    print(f'run: "true"                  {count / mine:12,.0f} /s')
    print(f"xargs -P2 -n1                {count / xargs:12,.0f} /s   ours is {xargs / mine:.2f} x (asked: 0.8)")
    if parallel:
        print(f"GNU parallel -j2             {count / parallel:12,.0f} /s   ours is {parallel / mine:.2f} x (asked: 2)", flush=True)
    million = 1_000_000 // scale
    plan, run = cached(million)
    print(f"plan of {million:,} cached items: {plan:.1f} s with the program's start; their second run {run:.1f} s (asked: plan in 10)", flush=True)
    before, seconds = killed(million)
    print(f"{million:,} items, kill -9 at {before:,}: new results durable {seconds:.1f} s after `mlfarm resume` (asked: 5)", flush=True)
    huge = 10_000_000
    with tempfile.TemporaryDirectory() as folder:
        write(folder, "noop.yaml", NOOP.replace("CACHE", "ignore"))
        start = time.perf_counter()
        process = subprocess.Popen([PROGRAM, "run", "noop.yaml", "-p", f"count={huge}", "--workers", "2"], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        submitted = None
        while settled(folder) == 0:
            if submitted is None and os.path.exists(f"{folder}/.mlfarm/farm.db") and rows(folder):
                submitted = time.perf_counter() - start
            time.sleep(0.005)
        first = time.perf_counter() - start
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    print(f"{huge:,} items: submitted {submitted or first:.2f} s and first results durable {first:.2f} s after the command's start")


def rows(folder):
    import sqlite3
    try:
        with sqlite3.connect(f"file:{folder}/.mlfarm/farm.db?mode=ro", uri=True, timeout=5) as database:
            return database.execute("select count(*) from run").fetchone()[0]
    except sqlite3.OperationalError:
        return 0


if __name__ == "__main__":
    main()
