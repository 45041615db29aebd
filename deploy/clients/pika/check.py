#!/usr/bin/env python3
"""Runs pika's BlockingConnection with confirms against a broker: what is confirmed, what is refused and why, what nobody takes.

check.py [--uri URI]...     Debian: apt-get install python3-pika. Prints PASS or FAIL per check and node, exits with 1 if one failed.
"""
import argparse
import sys
import traceback

try:
    import pika
    import pika.exceptions
except ImportError:
    print("check.py: this python3 has no pika: apt-get install python3-pika, or pip install pika", file=sys.stderr)
    sys.exit(2)

failed = []


def check(name, ok, seen):
    print(("PASS " if ok else "FAIL ") + f"{name}: {seen}", flush=True)
    if not ok:
        failed.append(name)


def refusal(channel, exchange, key, body, mandatory=True):
    """The exception that publishing ends with, None if it was confirmed."""
    try:
        channel.basic_publish(exchange, key, body, pika.BasicProperties(delivery_mode=2), mandatory=mandatory)
    except (pika.exceptions.NackError, pika.exceptions.UnroutableError) as error:
        return error
    return None


def told(error):
    """Kind of the refusal, and code, text and body of what came back with it."""
    if error is None:
        return "confirmed"
    returns = [f"{m.method.reply_code} {m.method.reply_text} ({m.body.decode()})" for m in error.messages]
    return f"{type(error).__name__} {', '.join(returns) or 'without a reason'}"


def full_queue(channel, kind):
    queue = f"pika-check-full-{kind}"
    limits = {"x-queue-type": kind, "x-max-length": 2, "x-overflow": "reject-publish"}
    channel.queue_delete(queue)
    channel.queue_declare(queue, durable=True, arguments=limits)
    first = [refusal(channel, "", queue, b"%d" % i) for i in range(2)]
    third = refusal(channel, "", queue, b"third")
    ok = first == [None, None] and isinstance(third, pika.exceptions.NackError) and len(third.messages) == 1
    ok = ok and third.messages[0].method.reply_code == 506 and queue in third.messages[0].method.reply_text
    check(f"NackError with the reason, {kind} queue", ok and third.messages[0].body == b"third", told(third))
    silent = refusal(channel, "", queue, b"fourth", mandatory=False)
    ok = isinstance(silent, pika.exceptions.NackError) and not silent.messages
    check(f"NackError of one that is not mandatory, {kind} queue", ok, told(silent))
    # Neither of the refused ones is there, and with room the queue takes the next one.
    method, _, body = channel.basic_get(queue, auto_ack=True)
    after = refusal(channel, "", queue, b"fifth")
    left = [channel.basic_get(queue, auto_ack=True)[2] for _ in range(3)]
    ok = method is not None and body == b"0" and after is None and left == [b"1", b"fifth", None]
    check(f"what was refused is not there, {kind} queue", ok, [body, *left])
    channel.queue_delete(queue)


def fan_out(channel):
    """One of two queues has no room: a nack says that the message is in neither."""
    exchange, full, open_one = "pika-check-fan", "pika-check-fan-full", "pika-check-fan-open"
    channel.exchange_delete(exchange)
    channel.exchange_declare(exchange, "fanout", durable=True)
    for queue, limits in ((full, {"x-max-length": 0, "x-overflow": "reject-publish"}), (open_one, {})):
        channel.queue_delete(queue)
        channel.queue_declare(queue, durable=True, arguments=limits)
        channel.queue_bind(queue, exchange)
    error = refusal(channel, exchange, "", b"both or none")
    ok = isinstance(error, pika.exceptions.NackError) and full in error.messages[0].method.reply_text
    count = channel.queue_declare(open_one, passive=True).method.message_count
    check("a fan-out is refused as a whole", ok and count == 0, f"{told(error)}; {count} in the other queue")
    for queue in (full, open_one):
        channel.queue_delete(queue)
    channel.exchange_delete(exchange)


def unroutable(channel):
    exchange, queue = "pika-check-topic", "pika-check-topic-queue"
    channel.exchange_declare(exchange, "topic", durable=True)
    channel.queue_declare(queue, durable=True)
    channel.queue_bind(queue, exchange, "orders.*")
    error = refusal(channel, exchange, "invoices.new", b"nobody")
    ok = isinstance(error, pika.exceptions.UnroutableError) and len(error.messages) == 1
    ok = ok and error.messages[0].method.reply_code == 312 and error.messages[0].method.routing_key == "invoices.new"
    check("UnroutableError", ok and error.messages[0].body == b"nobody", told(error))
    dropped = refusal(channel, exchange, "invoices.new", b"nobody", mandatory=False)
    check("unroutable, not mandatory", dropped is None, told(dropped))
    routed = refusal(channel, exchange, "orders.new", b"somebody")
    got = channel.basic_get(queue, auto_ack=True)[2]
    check("the channel goes on", routed is None and got == b"somebody", f"{told(routed)}; got {got}")
    channel.queue_delete(queue)
    channel.exchange_delete(exchange)


def too_few_queues(channel):
    """TallyMQ's own: fewer queues than a publish asks for is a refusal, with its own reason."""
    queue = "pika-check-one"
    channel.queue_declare(queue, durable=True)
    properties = pika.BasicProperties(headers={"x-min-queues": 2})
    error = None
    try:
        channel.basic_publish("", queue, b"two or none", properties, mandatory=True)
    except pika.exceptions.NackError as refused:
        error = refused
    ok = error is not None and len(error.messages) == 1 and error.messages[0].method.reply_code == 312
    check("x-min-queues", ok and channel.queue_delete(queue).method.message_count == 0, told(error))


def no_exchange(connection):
    channel = connection.channel()
    channel.confirm_delivery()
    try:
        channel.basic_publish("pika-check-no-such-exchange", "", b"")
        seen = "confirmed"
    except pika.exceptions.ChannelClosedByBroker as closed:
        seen = f"{closed.reply_code} {closed.reply_text}"
    check("an exchange that is not there closes the channel", seen.startswith("404 NOT_FOUND"), seen)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--uri", action="append", help="an AMQP URI, may be repeated (default: local-cluster's nodes)")
    args = parser.parse_args()
    uris = args.uri or [f"amqp://guest:guest@127.0.0.1:{port}/%2F" for port in (5672, 5673, 5674)]
    for index, uri in enumerate(uris):
        print(f"== node {index + 1}")
        try:
            connection = pika.BlockingConnection(pika.URLParameters(uri))
            channel = connection.channel()
            channel.confirm_delivery()
            for kind in ("classic", "quorum"):
                full_queue(channel, kind)
            fan_out(channel)
            unroutable(channel)
            too_few_queues(channel)
            no_exchange(connection)
            connection.close()
        except (pika.exceptions.AMQPError, OSError) as error:
            traceback.print_exc()
            check("all of it", False, repr(error))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
