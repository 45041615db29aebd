#!/usr/bin/env python3
"""Exactly once with pika: publishes messages that have names, loses its connections on purpose and before it has heard all
confirms, publishes again what had no answer, asks for the receipts, and proves that each message is in the queue once.

pika_receipts.py [--messages N] [--kill PID] --uri URI [--uri URI]...     Debian: apt-get install python3-pika. With --kill the process PID, the first
URI's node, is killed half-way. Prints PASS or FAIL per check, exits with 1 if one failed.
"""

import argparse
import itertools
import json
import os
import random
import signal
import sys
import uuid

import pika

WINDOW = 100  # publishes without an answer


class Publisher:
    """One producer: its numbers rise by one, whatever connection it has."""

    def __init__(self, uris, queue, victim):
        self.victim = victim  # the process that is killed half-way
        self.uris = itertools.cycle(uris)
        self.queue = queue
        self.producer = "recipe-" + uuid.uuid4().hex
        self.last = 0
        self.open = {}  # number -> body, of those that had no answer
        self.again = 0
        self.lost = 0

    def run(self, messages, random_numbers):
        while self.last < messages or self.open:
            try:
                self.session(messages, random_numbers.randrange(200, 900))
            except pika.exceptions.AMQPError:
                pass
            self.lost += bool(self.open)

    def session(self, messages, until):
        """On one connection, which is lost after so many publishes."""
        connection = pika.BlockingConnection(pika.URLParameters(next(self.uris)))
        channel = connection.channel()
        channel.queue_declare(self.queue, durable=True)
        tags = {}
        impl = channel._impl  # the blocking channel waits for each confirm by itself; here many are on their way

        def answered(frame):
            tag = frame.method.delivery_tag
            for t in [t for t in tags if t == tag or frame.method.multiple and t <= tag]:
                number = tags.pop(t)
                if isinstance(frame.method, pika.spec.Basic.Ack):
                    self.open.pop(number, None)

        impl.confirm_delivery(answered)
        todo = sorted(self.open)
        self.again += len(todo)
        published = 0
        while todo or self.last < messages or tags:
            while len(tags) < WINDOW and (todo or self.last < messages):
                if todo:
                    number = todo.pop(0)
                else:
                    self.last += 1
                    number = self.last
                    self.open[number] = b"%d" % number
                published += 1
                tags[published] = number
                headers = {"x-producer-id": self.producer, "x-publish-seq": number}
                properties = pika.BasicProperties(delivery_mode=2, headers=headers)
                impl.basic_publish("", self.queue, self.open[number], properties)
                if self.victim and self.last > messages / 2:
                    os.kill(self.victim, signal.SIGKILL)
                    self.victim = None
                if published == until and messages - self.last > WINDOW:
                    connection.process_data_events(0)
                    connection._impl._transport.abort()  # as if the cable was cut
                    return
            connection.process_data_events(0.05)
        connection.close()


def check(ok, what):
    print(("PASS " if ok else "FAIL ") + what, flush=True)
    return ok


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--messages", type=int, default=10_000)
    arguments.add_argument("--seed", type=int, default=random.randrange(1 << 30))
    arguments.add_argument("--kill", type=int, metavar="PID")
    arguments.add_argument("--uri", action="append", required=True, help="of a node; taken in turns")
    given = arguments.parse_args()
    queue = "receipts-" + uuid.uuid4().hex
    publisher = Publisher(given.uri, queue, given.kill)
    publisher.run(given.messages, random.Random(given.seed))
    print(f"{given.messages} published, connections lost {publisher.lost} times, {publisher.again} published again")

    connection = pika.BlockingConnection(pika.URLParameters(given.uri[-1]))
    channel = connection.channel()

    def receipt(number):
        _, _, body = channel.basic_get(f"amq.receipt.{publisher.producer}.{number}", auto_ack=True)
        return json.loads(body)

    good = check(publisher.again > 0, "some had no answer and were published again")
    last = receipt(given.messages)
    good &= check(last["outcome"] == "stored" and last["final"], "the receipt of the last one says that it is stored")
    good &= check(receipt(given.messages + 1)["outcome"] == "unseen", "that of the next one that it has not come")
    _, _, body = channel.basic_get(f"amq.receipt.{publisher.producer}", auto_ack=True)
    known = json.loads(body)
    good &= check(known["last"] == given.messages and all(to < 1 for _, to in known["gaps"]), "the producer has no gaps")
    seen = []
    for method, _, body in channel.consume(queue, auto_ack=True, inactivity_timeout=2):
        if method is None:
            break
        seen.append(int(body))
    good &= check(sorted(seen) == list(range(1, given.messages + 1)), "each message is in the queue once")
    channel.queue_delete(queue)
    connection.close()
    sys.exit(0 if good else 1)


main()
