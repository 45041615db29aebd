#!/usr/bin/env python3
"""Publishes numbered messages and writes down what was confirmed; later checks that every one of those is there.

ledger.py publish --ledger FILE --count N --uri URI...   goes on to the next URI when a node fails, repeats what was open
ledger.py verify  --ledger FILE --uri URI...             empties the queue and compares
"""
import argparse
import collections
import random
import sys
import time
import zlib

import pika
import pika.exceptions

FAILURES = (pika.exceptions.AMQPError, OSError)


def body_of(number):
    filler = random.Random(number).randbytes(200)
    return b"%d %d " % (number, zlib.crc32(filler)) + filler


def connect(uris, attempt):
    parameters = pika.URLParameters(uris[attempt % len(uris)])
    parameters.connection_attempts = 1
    parameters.socket_timeout = 5
    parameters.blocked_connection_timeout = 60
    return pika.BlockingConnection(parameters)


def with_nodes(uris, seconds, work):
    """Calls work(channel) on one node after the other until it returns without a failure of the node."""
    deadline = time.monotonic() + seconds
    attempt = 0
    while True:
        try:
            connection = connect(uris, attempt)
            result = work(connection.channel())
            connection.close()
            return result
        except FAILURES as failure:
            attempt += 1
            if time.monotonic() > deadline:
                sys.exit(f"FAIL no node served for {seconds:.0f} s; the last one said: {failure!r}")
            time.sleep(0.2)


def publish(args):
    done = 0
    sent = 0
    with open(args.ledger, "a", encoding="ascii", buffering=1) as ledger:

        def work(channel):
            nonlocal done, sent
            channel.confirm_delivery()
            channel.queue_declare(args.queue, durable=True)
            while done < args.count:
                number = args.first + done
                if sent > done:
                    # Its confirm was lost with the node: it may be stored already, and is published again.
                    ledger.write(f"repeated {number}\n")
                sent = done + 1
                channel.basic_publish(
                    "", args.queue, body_of(number), pika.BasicProperties(delivery_mode=2), mandatory=True
                )
                ledger.write(f"confirmed {number}\n")
                done += 1

        with_nodes(args.uri, args.timeout, work)
    print(f"PASS {done} messages confirmed")


def verify(args):
    confirmed, repeated = set(), collections.Counter()
    with open(args.ledger, encoding="ascii") as ledger:
        for line in ledger:
            word, number = line.split()
            if word == "confirmed":
                confirmed.add(int(number))
            else:
                repeated[int(number)] += 1
    seen = collections.Counter()

    def work(channel):
        channel.basic_qos(prefetch_count=500)
        for method, _, body in channel.consume(args.queue, inactivity_timeout=args.quiet):
            if method is None:
                break
            number = int(body.split(b" ", 1)[0])
            if body != body_of(number):
                sys.exit(f"FAIL message {number} came back with another body")
            # A redelivered message is one that an earlier, failed round of this loop had received already.
            if not (method.redelivered and seen[number]):
                seen[number] += 1
            channel.basic_ack(method.delivery_tag)
        channel.cancel()

    with_nodes(args.uri, args.timeout, work)
    lost = sorted(confirmed - set(seen))
    extra = sorted(n for n, times in seen.items() if times > 1 + repeated[n])
    foreign = sorted(n for n in seen if n not in confirmed and not repeated[n])
    if lost or extra or foreign:
        sys.exit(f"FAIL lost {lost[:10]} ({len(lost)}), duplicated {extra[:10]} ({len(extra)}), unknown {foreign[:10]}")
    print(f"PASS all {len(confirmed)} confirmed messages are there; {sum(repeated.values())} were repeated on purpose")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", choices=["publish", "verify"])
    parser.add_argument("--uri", action="append", required=True, help="an AMQP URI, may be repeated")
    parser.add_argument("--ledger", required=True, help="file that says what was confirmed; publish appends")
    parser.add_argument("--queue", default="ledger", help="queue (default: ledger)")
    parser.add_argument("--first", type=int, default=0, help="number of the first message (default: 0)")
    parser.add_argument("--count", type=int, default=1000, help="messages to publish (default: 1000)")
    parser.add_argument("--timeout", type=float, default=60, help="seconds without any node until it fails (default: 60)")
    parser.add_argument("--quiet", type=float, default=3, help="seconds without a message that end verify (default: 3)")
    args = parser.parse_args()
    {"publish": publish, "verify": verify}[args.action](args)


if __name__ == "__main__":
    main()
