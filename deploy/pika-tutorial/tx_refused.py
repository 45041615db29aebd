#!/usr/bin/env python3
"""tx.select on a channel with confirms must close the channel with 406, and leave the connection open."""
import argparse
import sys

import pika
import pika.exceptions


def check(uri):
    """Returns what is wrong, or None."""
    connection = pika.BlockingConnection(pika.URLParameters(uri))
    channel = connection.channel()
    channel.confirm_delivery()
    try:
        channel.tx_select()
        return "tx.select was accepted on a confirm channel"
    except pika.exceptions.ChannelClosedByBroker as error:
        if error.reply_code != 406:
            return f"the channel was closed with {error.reply_code} {error.reply_text}, not with 406"
    # The connection must have survived.
    connection.channel().close()
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
        print(f"PASS node {index + 1}: tx.select on a confirm channel is refused with 406")


if __name__ == "__main__":
    main()
