#!/usr/bin/env python3
"""Publishes with confirms and consumes over AMQPS: pika, with the broker's certificate checked against an authority.

tls.py --ca FILE [--count N] --uri amqps://...     Prints PASS or FAIL per check, exits with 1 if one failed.
"""
import argparse
import ssl
import sys

try:
    import pika
    import pika.exceptions
except ImportError:
    print("tls.py: this python3 has no pika: apt-get install python3-pika, or pip install pika", file=sys.stderr)
    sys.exit(2)

QUEUE = "pika-tls-check"
failed = []


def check(name, ok, seen):
    print(("PASS " if ok else "FAIL ") + f"{name}: {seen}", flush=True)
    if not ok:
        failed.append(name)


def connect(uri, context):
    parameters = pika.URLParameters(uri)
    parameters.ssl_options = pika.SSLOptions(context, parameters.host)
    return pika.BlockingConnection(parameters)


def confirmed(connection, count):
    channel = connection.channel()
    channel.queue_declare(QUEUE, durable=True)
    channel.queue_purge(QUEUE)
    channel.confirm_delivery()
    for i in range(count):
        channel.basic_publish("", QUEUE, b"%d" % i, pika.BasicProperties(delivery_mode=2), mandatory=True)
    check("published with confirms", True, f"{count} over {connection._impl._transport._sock.version()}")


def consumed(connection, count):
    channel = connection.channel()
    channel.basic_qos(prefetch_count=100)
    bodies = []
    for method, _, body in channel.consume(QUEUE, inactivity_timeout=30):
        if method is None:
            break
        bodies.append(int(body))
        channel.basic_ack(method.delivery_tag)
        if len(bodies) == count:
            break
    channel.cancel()
    left = channel.queue_delete(QUEUE).method.message_count
    check("consumed", bodies == list(range(count)) and left == 0, f"{len(bodies)} in order, {left} are left")


def stranger(uri):
    """Who does not know the authority does not come in by mistake."""
    try:
        connect(uri, ssl.create_default_context()).close()
    except (pika.exceptions.AMQPConnectionError, ssl.SSLError) as error:
        return check("an unknown authority is refused by the client", True, type(error).__name__)
    return check("an unknown authority is refused by the client", False, "it connected")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--ca", required=True)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--uri", action="append", required=True)
    args = parser.parse_args()
    for uri in args.uri:
        context = ssl.create_default_context(cafile=args.ca)
        connection = connect(uri, context)
        confirmed(connection, args.count)
        connection.close()
        connection = connect(uri, context)
        consumed(connection, args.count)
        connection.close()
        stranger(uri)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
