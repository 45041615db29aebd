#!/usr/bin/env python3
"""A mandatory message that no queue takes must raise UnroutableError; without mandatory it is confirmed and gone."""
import argparse
import sys
import uuid

import pika
import pika.exceptions


def check(uri):
    """Returns what is wrong, or None."""
    connection = pika.BlockingConnection(pika.URLParameters(uri))
    channel = connection.channel()
    channel.confirm_delivery()
    nowhere = f"no-such-queue-{uuid.uuid4()}"
    try:
        channel.basic_publish("", nowhere, b"lost?", mandatory=True)
        return "a mandatory message to nowhere was confirmed without being returned"
    except pika.exceptions.UnroutableError as error:
        returned = error.messages[0]
        if returned.body != b"lost?" or returned.method.reply_code != 312:
            return f"returned with code {returned.method.reply_code} and body {returned.body!r}"
    channel.basic_publish("", nowhere, b"nobody wants it", mandatory=False)
    connection.close()
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--uri", action="append", help="an AMQP URI, may be repeated (default: local-cluster's nodes)")
    args = parser.parse_args()
    uris = args.uri or [f"amqp://guest:guest@127.0.0.1:{port}/%2F" for port in (5672, 5673, 5674)]
    for index, uri in enumerate(uris):
        problem = check(uri)
        if problem:
            sys.exit(f"FAIL node {index + 1}: {problem}")
        print(f"PASS node {index + 1}: mandatory to nowhere is UnroutableError (312), otherwise confirmed")


if __name__ == "__main__":
    main()
