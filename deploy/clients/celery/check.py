#!/usr/bin/env python3
"""Runs Celery as it is against a broker: a worker, results, ETA, retries, priorities, remote control, purge.

check.py --uri URI     Debian: apt-get install python3-celery. Prints PASS or FAIL per check, and exits with 1 if one failed.
"""
import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
WAIT = 60
failed = []


def check(name, ok, seen):
    print(("PASS " if ok else "FAIL ") + f"{name}: {seen}", flush=True)
    if not ok:
        failed.append(name)


def started(app, worker):
    deadline = time.monotonic() + WAIT
    while time.monotonic() < deadline and worker.poll() is None:
        if app.control.ping(timeout=1):
            return True
    return False


def checks(app, tasks, notes):
    check("result", tasks.add.delay(2, 3).get(timeout=WAIT) == 5, "2 + 3")
    sent = time.time()
    waited = tasks.now.apply_async(countdown=3).get(timeout=WAIT) - sent
    check("eta", 2.5 < waited < 20, f"waited {waited:.1f} s for a task in 3 s")
    check("retry", tasks.flaky.delay().get(timeout=WAIT) == 2, "succeeds at the third try")
    results = [tasks.add.delay(i, i) for i in range(200)]
    check("many", sum(r.get(timeout=WAIT) for r in results) == 39800, "200 tasks")
    queues = app.control.inspect(timeout=3).active_queues() or {}
    names = sorted(q["name"] for worker in queues.values() for q in worker)
    check("remote control", names == ["celery", "urgent"], names)
    app.control.cancel_consumer("urgent")
    time.sleep(2)
    results = [tasks.note.apply_async((i,), priority=i % 10) for i in range(30)]
    time.sleep(1)
    app.control.add_consumer("urgent")
    for r in results:
        r.get(timeout=WAIT)
    order = [int(n) % 10 for n in notes.read_text().split()]
    # What the worker has prefetched when the queue opens it works on first, in the order in which it came.
    rest = order[2:]
    check("priorities", rest == sorted(rest, reverse=True), order)
    late = tasks.add.apply_async((1, 1), countdown=600)
    late.revoke()
    check("purge", app.control.purge() is not None, "the queues are empty")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--uri", default="amqp://guest:guest@127.0.0.1:5672//")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        notes = pathlib.Path(scratch, "notes")
        notes.touch()
        os.environ.update(BROKER=args.uri, NOTES=str(notes))
        sys.path.insert(0, str(HERE))
        import tasks

        with open(pathlib.Path(scratch, "worker.log"), "w+", encoding="utf-8") as log:
            command = [sys.executable, "-m", "celery", "-A", "tasks", "worker", "-c", "1", "--loglevel", "WARNING"]
            worker = subprocess.Popen(command, cwd=HERE, stdout=log, stderr=subprocess.STDOUT)
            try:
                if started(tasks.app, worker):
                    checks(tasks.app, tasks, notes)
                else:
                    check("worker", False, "it does not start")
            finally:
                worker.terminate()
                worker.wait(WAIT)
            if failed:
                log.seek(0)
                print(log.read(), file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
