#!/usr/bin/env python3
"""Publishes without waiting and keeps account of sequence numbers in callbacks for ack and nack, multiple included.

Every sequence number from 1 on must be answered exactly once.
"""
import argparse
import sys

import pika


class Publisher:
    """One connection; run() returns what is wrong, or None."""

    def __init__(self, uri, count):
        self.uri = uri
        self.count = count
        self.queue = "tutorial-async-confirms"
        self.waiting = set()
        self.acked = self.nacked = self.multiple = 0
        self.problem = "the connection never opened"
        self.connection = None
        self.channel = None

    def run(self, seconds):
        self.connection = pika.SelectConnection(
            pika.URLParameters(self.uri),
            on_open_callback=lambda connection: connection.channel(on_open_callback=self.on_channel),
            on_open_error_callback=lambda _, error: self.end(f"can not connect: {error!r}"),
            on_close_callback=lambda connection, _: connection.ioloop.stop(),
        )
        self.connection.ioloop.call_later(seconds, lambda: self.end(f"{len(self.waiting)} unanswered after {seconds} s"))
        self.connection.ioloop.start()
        return self.problem

    def end(self, problem):
        self.problem = problem
        if self.connection.is_open:
            self.connection.close()
        else:
            self.connection.ioloop.stop()

    def on_channel(self, channel):
        self.channel = channel
        self.problem = "the connection was closed before everything was answered"
        channel.add_on_close_callback(self.on_channel_closed)
        channel.confirm_delivery(ack_nack_callback=self.on_answer, callback=lambda _: self.declare())

    def on_channel_closed(self, _, reason):
        if self.problem is not None and self.connection.is_open:
            self.end(f"the channel was closed: {reason!r}")

    def declare(self):
        self.channel.queue_declare(self.queue, durable=True, callback=lambda _: self.publish())

    def publish(self):
        properties = pika.BasicProperties(delivery_mode=2)
        for sequence in range(1, self.count + 1):
            self.waiting.add(sequence)
            self.channel.basic_publish("", self.queue, f"message {sequence}".encode(), properties)

    def on_answer(self, frame):
        answer = frame.method
        settled = {answer.delivery_tag}
        if answer.multiple:
            self.multiple += 1
            settled = {sequence for sequence in self.waiting if sequence <= answer.delivery_tag}
        if not settled <= self.waiting:
            self.end(f"sequence number {answer.delivery_tag} was answered twice or never published")
            return
        self.waiting -= settled
        if isinstance(answer, pika.spec.Basic.Ack):
            self.acked += len(settled)
        else:
            self.nacked += len(settled)
        if self.acked + self.nacked == self.count:
            self.channel.queue_delete(self.queue, callback=self.on_deleted)

    def on_deleted(self, frame):
        stored = frame.method.message_count
        self.end(None if stored == self.acked else f"{self.acked} acks, but the queue held {stored} messages")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--uri", action="append", help="an AMQP URI, may be repeated (default: local-cluster's nodes)")
    parser.add_argument("--count", type=int, default=5000, help="messages per node (default: 5000)")
    parser.add_argument("--timeout", type=float, default=60, help="seconds per node (default: 60)")
    args = parser.parse_args()
    uris = args.uri or [f"amqp://guest:guest@127.0.0.1:{port}/%2F" for port in (5672, 5673, 5674)]
    for index, uri in enumerate(uris):
        publisher = Publisher(uri, args.count)
        problem = publisher.run(args.timeout)
        if problem:
            sys.exit(f"FAIL node {index + 1}: {problem}")
        print(
            f"PASS node {index + 1}: {publisher.acked} acked, {publisher.nacked} nacked,"
            f" {publisher.multiple} answers for several at once"
        )


if __name__ == "__main__":
    main()
