#!/usr/bin/env python3
"""Runs Celery as it is against a broker: workers, results, tasks for later, retries, priorities, late acks, remote control, events, purge.

check.py --uri URI     Debian: apt-get install python3-celery. Prints PASS or FAIL per check, and exits with 1 if one failed.
"""
import argparse
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
WAIT = 60
failed = []


def check(name, ok, seen):
    print(("PASS " if ok else "FAIL ") + f"{name}: {seen}", flush=True)
    if not ok:
        failed.append(name)


def until(what, condition):
    """What the condition gives, once that is true."""
    deadline = time.monotonic() + WAIT
    while time.monotonic() < deadline:
        seen = condition()
        if seen:
            return seen
        time.sleep(0.05)
    raise TimeoutError(f"{what}: not within {WAIT} s")


def inspect(app, timeout=5):
    """Remote control that is answered by one worker."""
    return app.control.inspect(timeout=timeout, limit=1)


class Worker:
    """One worker process and its children, a process group of their own."""

    def __init__(self, app, log):
        command = [sys.executable, "-m", "celery", "-A", "tasks", "worker", "-c", "1", "-E", "--loglevel", "WARNING"]
        self.process = subprocess.Popen(command, cwd=HERE, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
        self.serves = False
        deadline = time.monotonic() + WAIT
        while not self.serves and time.monotonic() < deadline and self.process.poll() is None:
            self.serves = bool(inspect(app, 1).ping())

    def kill(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(WAIT)

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(WAIT)


def results(tasks):
    from celery import chain, group

    check("result", tasks.add.delay(2, 3).get(timeout=WAIT) == 5, "2 + 3")
    check("retry", tasks.flaky.delay().get(timeout=WAIT) == 2, "succeeds at the third try")
    many = [tasks.add.delay(i, i) for i in range(200)]
    check("many", sum(r.get(timeout=WAIT) for r in many) == 39800, "200 tasks")
    one = chain(tasks.add.s(1, 2), tasks.add.s(3))().get(timeout=WAIT)
    each = group(tasks.add.s(i, i) for i in range(10))().get(timeout=WAIT)
    check("chain and group", one == 6 and each == [2 * i for i in range(10)], f"{one}, {each}")


def later(app, tasks):
    sent = time.time()
    waited = tasks.now.apply_async(countdown=2).get(timeout=WAIT) - sent
    check("eta", 1.5 < waited < 20, f"waited {waited:.1f} s for a task in 2 s")
    # The worker takes each of them off the queue and raises its prefetch by one, so that there is room for others.
    waiting = [tasks.add.apply_async((1, 1), countdown=600) for _ in range(10)]
    scheduled = lambda: [t["request"]["id"] for w in (inspect(app).scheduled() or {}).values() for t in w]
    until("tasks in the worker's schedule", lambda: len(scheduled()) == len(waiting))
    check("others beside tasks for later", tasks.add.delay(2, 3).get(timeout=WAIT) == 5, f"{len(waiting)} wait in the worker")
    return waiting


def revokes(app, tasks, waiting):
    from celery.exceptions import TaskRevokedError

    def outcome(result):
        try:
            return result.get(timeout=WAIT)
        except TaskRevokedError as error:
            return f"revoked: {error}"

    soon = tasks.add.apply_async((1, 1), countdown=2)
    soon.revoke()
    seen = outcome(soon)
    check("revoke", str(seen).startswith("revoked"), seen)
    running = tasks.sleep.delay(600)
    active = lambda: [t["id"] for w in (inspect(app).active() or {}).values() for t in w]
    until("a running task", lambda: running.id in active())
    running.revoke(terminate=True)
    seen = outcome(running)
    check("revoke what runs", str(seen).startswith("revoked"), seen)
    for result in waiting:
        result.revoke()
    ids = {result.id for result in waiting}
    revoked = lambda: {i for w in (inspect(app).revoked() or {}).values() for i in w}
    check("inspect revoked", until("the revoked tasks", lambda: ids <= revoked()), f"{len(ids)} tasks")


def control(app):
    pings = app.control.ping(timeout=1)
    check("ping", len(pings) == 1 and list(pings[0].values()) == [{"ok": "pong"}], pings)
    remote = inspect(app)
    queues = sorted(q["name"] for worker in (remote.active_queues() or {}).values() for q in worker)
    check("inspect queues", queues == ["celery", "urgent"], queues)
    registered = [t for worker in (remote.registered() or {}).values() for t in worker]
    totals = [s["total"] for s in (remote.stats() or {}).values()]
    check("inspect tasks", "tasks.add" in registered and totals[0].get("tasks.add", 0) > 200, totals)


def priorities(app, tasks, notes):
    app.control.cancel_consumer("urgent", reply=True, timeout=5, limit=1)
    for i in range(30):
        tasks.note.apply_async((i,), priority=i % 10, ignore_result=True)
    app.control.add_consumer("urgent", reply=True, timeout=5, limit=1)
    until("30 notes", lambda: len(notes.read_text().split()) == 30)
    order = [int(n) % 10 for n in notes.read_text().split()]
    # What the worker has prefetched when the queue opens it works on first, in the order in which it came.
    rest = order[2:]
    check("priorities", rest == sorted(rest, reverse=True), order)


def events(app, tasks):
    seen = []
    with app.connection_for_read() as connection:
        receiver = app.events.Receiver(connection, handlers={"task-succeeded": seen.append})

        def capture():
            try:
                receiver.capture(limit=None, timeout=WAIT, wakeup=False)  # a limit counts others' events, too
            except OSError:
                pass

        # Events come only from when the receiver's queue is there, so tasks go on until one does.
        thread = threading.Thread(target=capture, daemon=True)
        thread.start()
        until("an event", lambda: tasks.add.delay(1, 1).get(timeout=WAIT) and seen)
        receiver.should_stop = True
        thread.join(WAIT)
    check("events", seen[0]["type"] == "task-succeeded", f"{seen[0]['type']} of {seen[0]['hostname']}")


def late_acks(app, tasks, worker, scratch, log):
    """A worker is killed in the middle of a task: the task comes to the next one."""
    begun = pathlib.Path(scratch, "begun")
    result = tasks.survives.delay(str(begun))
    until("the task to begin", begun.exists)
    worker.kill()
    second = Worker(app, log)
    seen = result.get(timeout=WAIT)
    check("late acks", second.serves and seen == "again", f"its worker was killed, it ran {seen}")
    return second


def checks(app, tasks, notes, scratch, log, worker):
    results(tasks)
    waiting = later(app, tasks)
    control(app)
    revokes(app, tasks, waiting)
    priorities(app, tasks, notes)
    events(app, tasks)
    return late_acks(app, tasks, worker, scratch, log)


def run(app, tasks, notes, scratch, log):
    app.control.purge()
    worker = Worker(app, log)
    try:
        if not worker.serves:
            check("worker", False, "it does not start")
            return
        worker = checks(app, tasks, notes, scratch, log, worker)
    except Exception as error:  # whatever it is: it is said, and the worker's log is shown
        check("all of it", False, repr(error))
    finally:
        worker.stop()
    tasks.add.delay(1, 1)
    check("purge", app.control.purge() >= 1, "the queues are empty")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--uri", default="amqp://guest:guest@127.0.0.1:5672//")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        notes = pathlib.Path(scratch, "notes")
        notes.touch()
        os.environ.update(BROKER=args.uri, NOTES=str(notes))
        sys.path.insert(0, str(HERE))
        try:
            import tasks
        except ImportError as missing:
            print(f"check.py: {missing}: apt-get install python3-celery, or pip install celery", file=sys.stderr)
            return 2
        with open(pathlib.Path(scratch, "worker.log"), "w+", encoding="utf-8") as log:
            run(tasks.app, tasks, notes, scratch, log)
            if failed:
                log.seek(0)
                print(log.read(), file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
