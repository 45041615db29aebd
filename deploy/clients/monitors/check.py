#!/usr/bin/env python3
"""Asks a broker's HTTP API what programs ask that watch queues, in their words, and reads of the answers what they read.

check.py [--url URL]... [--uri URI]...     (default: local-cluster's nodes)

* KEDA's RabbitMQ scaler (2.x), over HTTP: a queue by virtual host and name; several by a regular expression, of which page_count may not be over 1.
  It reads messages, messages_ready, messages_unacknowledged, and the rates of message_stats.publish_details and deliver_get_details.
* Flower's page of brokers: the queues of a virtual host; it reads name, messages, messages_ready, messages_unacknowledged, consumers.

Needs Debian's python3-pika for the messages. Prints PASS or FAIL per check and node, exits with 1 if one failed.
"""
import argparse
import base64
import json
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

try:
    import pika
except ImportError:
    print("SKIP there is no python3 with pika: apt-get install python3-pika, or pip install pika")
    sys.exit(0)

WAIT = 30
RUN = f"monitors-check.{uuid.uuid4().hex[:8]}"
failed = []


def check(name, ok, seen):
    print(("PASS " if ok else "FAIL ") + f"{name}: {seen}", flush=True)
    if not ok:
        failed.append(name)


class Api:
    def __init__(self, url):
        parts = urllib.parse.urlsplit(url)
        self.root = f"{parts.scheme}://{parts.hostname}:{parts.port}"
        login = f"{parts.username or 'guest'}:{parts.password or 'guest'}"
        self.headers = {"Authorization": "Basic " + base64.b64encode(login.encode()).decode()}

    def get(self, path):
        """The status, and the JSON of a 200."""
        try:
            with urllib.request.urlopen(urllib.request.Request(self.root + path, headers=self.headers), timeout=WAIT) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, None


def keda_queue(info):
    """What the scaler takes of a queue: what is missing is 0 to it."""
    stats = info.get("message_stats", {})
    return {
        "messages": info.get("messages", 0),
        "messages_ready": info.get("messages_ready", 0),
        "messages_unacknowledged": info.get("messages_unacknowledged", 0),
        "publish_rate": stats.get("publish_details", {}).get("rate", 0),
        "deliver_rate": stats.get("deliver_get_details", {}).get("rate", 0),
    }


def keda_one(api, vhost, queue):
    status, info = api.get(f"/api/queues/{urllib.parse.quote_plus(vhost)}/{urllib.parse.quote_plus(queue)}")
    return keda_queue(info) if status == 200 else status


def keda_regex(api, vhost, regex, page_size=100):
    query = f"page=1&use_regex=true&pagination=false&name={urllib.parse.quote_plus(regex)}&page_size={page_size}"
    status, found = api.get(f"/api/queues/{urllib.parse.quote_plus(vhost)}?{query}")
    return (found["page_count"], sorted(q["name"] for q in found["items"]), [keda_queue(q) for q in found["items"]]) if status == 200 else status


def flower(api, vhost, names):
    status, found = api.get("/api/queues/" + urllib.parse.quote(vhost, ""))
    fields = ("name", "messages", "messages_ready", "messages_unacknowledged", "consumers")
    return {q["name"]: {f: q.get(f) for f in fields} for q in found if q["name"] in names} if status == 200 else status


def until(look, good):
    deadline = time.monotonic() + WAIT
    while not good(seen := look()) and time.monotonic() < deadline:
        time.sleep(0.2)
    return seen


def one_node(api, uri):
    names = [f"{RUN}.{part}" for part in ("orders", "mails", "other/ä")]
    connection = pika.BlockingConnection(pika.URLParameters(uri))
    channel = connection.channel()
    channel.confirm_delivery()
    for name in names:
        channel.queue_declare(name, durable=True)
    for _ in range(5):
        channel.basic_publish("", names[0], b"x")
    channel.basic_publish("", names[1], b"x")
    channel.basic_qos(prefetch_count=2)
    channel.basic_consume(names[0], lambda *_: None)
    connection.process_data_events(0)
    wanted = {"messages": 5, "messages_ready": 3, "messages_unacknowledged": 2}

    def lengths(info):
        return {k: info[k] for k in wanted} if isinstance(info, dict) else info

    seen = until(lambda: lengths(keda_one(api, "/", names[0])), lambda got: got == wanted)
    check("KEDA: a queue", seen == wanted, seen)
    seen = lengths(keda_one(api, "/", names[2]))
    check("KEDA: a queue whose name is quoted", seen == dict.fromkeys(wanted, 0), seen)
    check("KEDA: no such queue", (seen := keda_one(api, "/", RUN + ".none")) == 404, seen)

    def rates():
        channel.basic_publish("", names[1], b"x")
        channel.basic_get(names[1], auto_ack=True)
        return keda_one(api, "/", names[1])

    seen = until(rates, lambda got: got["publish_rate"] > 0 and got["deliver_rate"] > 0)
    check("KEDA: rates", seen["publish_rate"] > 0 and seen["deliver_rate"] > 0, seen)
    pages, found, infos = keda_regex(api, "/", f"^{RUN}\\.(orders|mails)$")
    check("KEDA: by a regular expression", (pages, found) == (1, sorted(names[:2])) and sum(i["messages"] for i in infos) >= 6, (pages, found))
    pages, found, _ = keda_regex(api, "/", RUN, page_size=1)
    check("KEDA: more than a page", (pages, len(found)) == (3, 1), (pages, found))
    pages, found, _ = keda_regex(api, "/", RUN + ".nothing")
    check("KEDA: an expression that nothing fits", (pages <= 1, found) == (True, []), (pages, found))
    seen = flower(api, "/", names)
    wanted = {"name": names[0], "messages": 5, "messages_ready": 3, "messages_unacknowledged": 2, "consumers": 1}
    check("Flower: the queues of a virtual host", set(seen) == set(names) and seen[names[0]] == wanted, seen.get(names[0]))
    for name in names:
        channel.queue_delete(name)
    connection.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", action="append", help="a node's HTTP API, may be repeated (default: local-cluster's nodes)")
    parser.add_argument("--uri", action="append", help="the same node's AMQP URI, as often")
    args = parser.parse_args()
    urls = args.url or [f"http://guest:guest@127.0.0.1:{port}" for port in (15672, 15673, 15674)]
    uris = args.uri or [f"amqp://guest:guest@127.0.0.1:{port}/%2F" for port in (5672, 5673, 5674)]
    if len(urls) != len(uris):
        parser.error("as many --url as --uri are expected")
    for index, (url, uri) in enumerate(zip(urls, uris)):
        print(f"== node {index + 1}")
        try:
            one_node(Api(url), uri)
        except Exception as error:  # whatever it is: it is said, and the next node is tried
            check("this check", False, repr(error))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
