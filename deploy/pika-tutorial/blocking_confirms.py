#!/usr/bin/env python3
"""Publishes persistent messages one by one, each call returning only after the broker's ack, to every node in turn.

Afterwards the queue must hold exactly those messages, in order.
"""
import argparse
import sys

import pika


def publish(uri, queue, count):
    connection = pika.BlockingConnection(pika.URLParameters(uri))
    channel = connection.channel()
    channel.confirm_delivery()
    channel.queue_declare(queue, durable=True)
    channel.queue_purge(queue)
    for number in range(count):
        channel.basic_publish(
            exchange="",
            routing_key=queue,
            body=f"message {number}".encode(),
            properties=pika.BasicProperties(delivery_mode=2),
            mandatory=True,
        )
    connection.close()


def drain(uri, queue):
    connection = pika.BlockingConnection(pika.URLParameters(uri))
    channel = connection.channel()
    bodies = []
    while True:
        method, _, body = channel.basic_get(queue)
        if method is None:
            break
        bodies.append(body.decode())
        channel.basic_ack(method.delivery_tag)
    channel.queue_delete(queue)
    connection.close()
    return bodies


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--uri", action="append", help="an AMQP URI, may be repeated (default: local-cluster's nodes)")
    parser.add_argument("--count", type=int, default=50, help="messages per node (default: 50)")
    args = parser.parse_args()
    uris = args.uri or [f"amqp://guest:guest@127.0.0.1:{port}/%2F" for port in (5672, 5673, 5674)]
    for index, uri in enumerate(uris):
        publish(uri, "tutorial-confirms", args.count)
        bodies = drain(uris[(index + 1) % len(uris)], "tutorial-confirms")
        if bodies != [f"message {number}" for number in range(args.count)]:
            sys.exit(f"FAIL node {index + 1}: {len(bodies)} of {args.count} confirmed messages came back in order")
        print(f"PASS node {index + 1}: {args.count} messages, each confirmed before the next, all came back in order")


if __name__ == "__main__":
    main()
