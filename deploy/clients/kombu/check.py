#!/usr/bin/env python3
"""Runs kombu, the library below Celery, as it is against a broker.

check.py [--uri URI]...     Debian: apt-get install python3-kombu. Prints PASS or FAIL per check, exits with 1 if one failed.
"""
import argparse
import socket
import sys
import uuid

try:
    import amqp.exceptions
    import kombu
    import kombu.mixins
    import kombu.pools
    import kombu.simple
except ImportError as missing:
    print(f"check.py: {missing}: apt-get install python3-kombu, or pip install kombu", file=sys.stderr)
    sys.exit(2)

WAIT = 30
MANY = 200
RUN = f"kombu-check.{uuid.uuid4().hex[:8]}"
CONFIRMS = {"confirm_publish": True, "confirm_timeout": WAIT}
failed = []


def check(name, ok, seen):
    print(("PASS " if ok else "FAIL ") + f"{name}: {seen}", flush=True)
    if not ok:
        failed.append(name)


def queue(name, exchange=None, key=None, arguments=None):
    exchange = exchange or kombu.Exchange("")
    return kombu.Queue(f"{RUN}.{name}", exchange, key or f"{RUN}.{name}", queue_arguments=arguments)


def confirms(uri):
    """Publishing is confirmed, refused and returned."""
    with kombu.Connection(uri, transport_options=CONFIRMS) as connection:
        returned = []
        producer = connection.Producer(on_return=lambda error, exchange, key, message: returned.append(error))
        full = queue("full", arguments={"x-max-length": 1, "x-overflow": "reject-publish"})
        full.maybe_bind(connection.default_channel)
        full.declare()
        producer.publish("one", routing_key=full.name)
        try:
            producer.publish("two", routing_key=full.name)
            seen = "confirmed"
        except amqp.exceptions.MessageNacked as nack:
            seen = f"MessageNacked {nack}"
        check("confirm and nack", seen.startswith("MessageNacked"), seen)
        producer.publish("nobody", routing_key=f"{RUN}.nowhere", mandatory=True)
        check("mandatory", [e.reply_code for e in returned] == [312], [str(e) for e in returned])
        full.delete()


def simple(uri):
    with kombu.Connection(uri) as connection:
        with connection.SimpleQueue(queue("simple", arguments={"x-queue-type": "quorum"})) as box:
            for i in range(MANY):
                box.put({"number": i}, serializer="json", compression="zlib")
            got = []
            for i in range(MANY):
                message = box.get(timeout=WAIT)
                got.append(message.payload["number"])
                message.requeue() if i == 0 else message.ack()
            again = box.get(timeout=WAIT)
            again.ack()
            ok = got == list(range(MANY)) or sorted(got[1:] + [again.payload["number"]]) == list(range(MANY))
            check("SimpleQueue", ok, f"{len(got)} messages, one of them given back")
            try:
                box.get(block=False)
                seen = "a message"
            except box.Empty:
                seen = "Empty"
            check("SimpleQueue, empty", seen == "Empty", seen)
        box.queue(connection.default_channel).delete()


class Worker(kombu.mixins.ConsumerMixin):
    """Two queues on one channel; ends once it has seen enough."""

    def __init__(self, connection, queues, enough):
        self.connection = connection
        self.queues = queues
        self.enough = enough
        self.seen = []

    def get_consumers(self, Consumer, channel):
        return [Consumer([q], callbacks=[self.take], prefetch_count=5) for q in self.queues]

    def take(self, body, message):
        self.seen.append(body)
        if body == "reject" and not message.delivery_info["redelivered"]:
            message.requeue()
        elif body == "drop":
            message.reject()
        else:
            message.ack()
        self.should_stop = len(self.seen) >= self.enough


def mixin(uri):
    """A topic exchange, two bound queues, dead letters; published through a pool."""
    topic = kombu.Exchange(f"{RUN}.topic", "topic")
    dead = queue("dead")
    letters = {"x-dead-letter-exchange": "", "x-dead-letter-routing-key": dead.name}
    queues = [queue("eu", topic, "orders.eu.#", letters), queue("us", topic, "orders.us.#", letters)]
    with kombu.Connection(uri) as connection:
        with kombu.pools.producers[connection].acquire(block=True) as producer:
            for i in range(MANY):
                producer.publish(i, exchange=topic, routing_key=f"orders.{'eu' if i % 2 else 'us'}.new", declare=[dead, *queues])
            for body in ("reject", "drop"):
                producer.publish(body, exchange=topic, routing_key="orders.eu.new", retry=True)
        worker = Worker(connection.clone(), queues, MANY + 3)
        worker.run()
        with connection.SimpleQueue(dead) as box:
            letter = box.get(timeout=WAIT)
            letter.ack()
        numbers = [b for b in worker.seen if isinstance(b, int)]
        ok = sorted(numbers) == list(range(MANY)) and worker.seen.count("reject") == 2 and letter.payload == "drop"
        check("ConsumerMixin", ok, f"{len(worker.seen)} deliveries of two queues, dead letter: {letter.payload}")
        for each in (dead, *queues):
            each(connection.default_channel).delete()
        topic(connection.default_channel).delete()


def prefetch(uri):
    """A limit that is raised while a consumer runs and holds all it may: that of the channel, as kombu understands it."""
    box = queue("prefetch")
    with kombu.Connection(uri) as connection:
        held = []
        box(connection.default_channel).declare()
        producer = connection.Producer()
        for i in range(10):
            producer.publish(i, routing_key=box.name)
        consumer = connection.Consumer([box], callbacks=[lambda body, message: held.append(message)], auto_declare=False)
        consumer.qos(prefetch_count=2)
        seen = []
        with consumer:
            for limit in (2, 3, 7):
                consumer.qos(prefetch_count=limit)
                try:
                    while True:
                        connection.drain_events(timeout=WAIT if len(held) < limit else 0.5)
                except socket.timeout:
                    seen.append(len(held))
        check("a limit that is raised", seen == [2, 3, 7], f"holds {seen}")
        box(connection.default_channel).delete()


def failover(uris):
    """The first URI leads nowhere; the others are tried."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        nowhere = f"amqp://guest:guest@127.0.0.1:{unused.getsockname()[1]}//"
        with kombu.Connection([nowhere, *uris], failover_strategy="round-robin") as connection:
            connection.ensure_connection(max_retries=5, interval_start=0.1)
            name = queue("failover")(connection.default_channel).declare()
            count = connection.default_channel.queue_delete(name)
    check("failover", count == 0, f"connected, {name} declared")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--uri", action="append", help="an AMQP URI, may be repeated (default: local-cluster's nodes)")
    args = parser.parse_args()
    uris = args.uri or [f"amqp://guest:guest@127.0.0.1:{port}/%2F" for port in (5672, 5673, 5674)]
    for index, uri in enumerate(uris):
        print(f"== node {index + 1}")
        for part in (confirms, simple, mixin, prefetch):
            try:
                part(uri)
            except Exception as error:  # whatever it is: it is said, and the rest is tried
                check(part.__name__, False, repr(error))
    failover(uris)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
