#!/usr/bin/python3
"""No-op tasks per second of Dask distributed: one scheduler, two worker processes on this machine, nothing durable.

Usage: dask_noop.py [tasks]     prints one line: tasks, seconds, tasks per second (best of three, after a warm-up).
"""
import sys
import time


def main():
    from distributed import Client, LocalCluster

    tasks = int(sys.argv[1]) if len(sys.argv) > 1 else 5000
    with LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50) as cluster:
        with Client(cluster) as client:
            client.gather(client.map(int, range(200), pure=False))
            best = float("inf")
            for _ in range(3):
                start = time.perf_counter()
                client.gather(client.map(int, range(tasks), pure=False))
                best = min(best, time.perf_counter() - start)
    print(f"{tasks}\t{best:.3f}\t{tasks / best:.0f}")


if __name__ == "__main__":
    main()
