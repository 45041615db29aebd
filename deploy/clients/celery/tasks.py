"""The tasks of check.py: what Celery's users have, a queue with priorities among them."""
import os
import pathlib
import time

from celery import Celery
from kombu import Exchange, Queue

app = Celery("tasks", broker=os.environ["BROKER"], backend="rpc://")
app.conf.update(
    task_acks_late=True,
    worker_prefetch_multiplier=1,
    result_expires=60,
    task_default_queue="celery",
    task_queues=[
        Queue("celery"),
        Queue("urgent", Exchange("urgent"), routing_key="urgent", queue_arguments={"x-max-priority": 10}),
    ],
    task_routes={"tasks.note": {"queue": "urgent"}},
)


@app.task
def add(x, y):
    return x + y


@app.task
def now():
    return time.time()


@app.task(bind=True, max_retries=3)
def flaky(self):
    if self.request.retries < 2:
        raise self.retry(countdown=1)
    return self.request.retries


@app.task
def note(n):
    with open(os.environ["NOTES"], "a", encoding="utf-8") as notes:
        notes.write(f"{n}\n")
    time.sleep(0.02)
    return n


@app.task
def sleep(seconds):
    time.sleep(seconds)


@app.task(bind=True)
def survives(self, begun):
    """Does not end in its first worker."""
    if self.request.delivery_info["redelivered"]:
        return "again"
    pathlib.Path(begun).touch()
    time.sleep(600)
    return "at once"
