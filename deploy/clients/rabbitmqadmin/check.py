#!/usr/bin/env python3
"""Runs rabbitmqadmin (version 1, the Python script of RabbitMQ's management plugin), as it is, against a broker's HTTP API.

check.py [--url URL]... [--uri URI]... [--rabbitmqadmin FILE]     (default: local-cluster's nodes)

Each subcommand at each node: what it prints is compared with what it was asked for, and with what the next node tells. It wants an AMQP URI of each
node, too, for connections to look at and to close: Debian's python3-pika. The script itself is taken from --rabbitmqadmin, from beside this file
(./fetch gets it), or from an installed RabbitMQ. Prints PASS or FAIL per check and node, exits with 1 if one failed; SKIP if there is no such script.
"""
import argparse
import base64
import contextlib
import hashlib
import io
import json
import os
import pathlib
import runpy
import shutil
import sys
import tempfile
import threading
import time
import urllib.parse

try:
    import pika
    import pika.exceptions
except ImportError:
    print("SKIP there is no python3 with pika: apt-get install python3-pika, or pip install pika")
    sys.exit(0)

HERE = pathlib.Path(__file__).resolve().parent
WAIT = 30
VHOST = "rabbitmqadmin-check/1"  # with a blank its own list and export would not find it: they write + into a path
USER, PASSWORD = "rabbitmqadmin-check", "a tally stick"
HASHED = "rabbitmqadmin-check-hashed"
LISTS = (
    "bindings", "channels", "connections", "consumers", "exchanges", "nodes", "operator_policies", "parameters", "permissions", "policies",
    "queues", "users", "vhost_limits", "vhosts",
)
FORMATS = ("table", "tsv", "long", "kvp", "bash", "raw_json", "pretty_json")

# What RabbitMQ tells of each thing that is of use to somebody who is not Erlang: asked for by name, as list NAME COLUMN... does.
COLUMNS = {
    "bindings": "vhost source destination destination_type routing_key arguments properties_key",
    "channels": "vhost name number user node consumer_count connection_details.name connection_details.peer_host connection_details.peer_port"
    " state prefetch_count confirm transactional messages_unacknowledged messages_unconfirmed messages_uncommitted"
    " acks_uncommitted",
    "connections": "vhost name user node protocol type auth_mechanism state channels channel_max frame_max timeout host port peer_host peer_port"
    " connected_at ssl recv_oct recv_cnt send_oct send_cnt send_pend client_properties.product client_properties.version"
    " client_properties.capabilities.publisher_confirms",
    "consumers": "queue.name queue.vhost consumer_tag ack_required exclusive prefetch_count active activity_status arguments"
    " channel_details.name channel_details.number channel_details.connection_name channel_details.node channel_details.peer_host"
    " channel_details.peer_port channel_details.user",
    "exchanges": "vhost name type durable auto_delete internal arguments",
    "nodes": "name type running uptime os_pid processors mem_used mem_limit mem_alarm fd_used fd_total disk_free disk_free_alarm",
    "operator_policies": "vhost name pattern apply-to definition priority",
    "parameters": "vhost name component value",
    "permissions": "vhost user configure write read",
    "policies": "vhost name pattern apply-to definition priority",
    "queues": "vhost name type durable auto_delete exclusive arguments node state consumers policy operator_policy effective_policy_definition"
    " messages messages_ready messages_unacknowledged message_bytes message_bytes_ready message_bytes_unacknowledged leader members online",
    "users": "name tags password_hash hashing_algorithm limits",
    "vhost_limits": "vhost value",
    "vhosts": "name description tags default_queue_type metadata tracing cluster_state messages messages_ready messages_unacknowledged"
    " protected_from_deletion",
    "overview": "rabbitmq_version management_version cluster_name product_name product_version node rates_mode exchange_types listeners"
    " object_totals.queues object_totals.exchanges object_totals.connections object_totals.channels object_totals.consumers"
    " queue_totals.messages queue_totals.messages_ready queue_totals.messages_unacknowledged churn_rates.connection_created message_stats.publish",
}

failed = []


def check(name, ok, seen):
    print(("PASS " if ok else "FAIL ") + f"{name}: {str(seen)[:600]}", flush=True)
    if not ok:
        failed.append(name)


def equal(name, wanted, seen):
    check(name, wanted == seen, seen if wanted == seen else f"{seen}, not {wanted}")


def find_script(given):
    """The script: the one that is given, the one that ./fetch got, or the one that is installed if that is of version 1. None if there is none."""
    if given:
        return given
    for found in (str(HERE / "rabbitmqadmin"), shutil.which("rabbitmqadmin")):
        if found and os.path.exists(found):
            with open(found, "rb") as script:
                if b"python" in script.readline():
                    return found
    return None


class Tool:
    """rabbitmqadmin at one node. The script runs in this process, from its first line to its end each time: a process of its own takes longer."""

    def __init__(self, script, url, directory, user=None, password=None, vhost=None):
        parts = urllib.parse.urlsplit(url)
        self.directory = directory
        self.script = script
        self.url = url
        self.options = [
            "-H", parts.hostname, "-P", str(parts.port or 15672), "-u", user or parts.username or "guest",
            "-p", password or parts.password or "guest",
        ]
        if vhost:
            self.options += ["-V", vhost]

    def at(self, vhost=None, user=None, password=None):
        return Tool(self.script, self.url, self.directory, user, password, vhost)

    def run(self, *args, stdin=""):
        """Its exit code, and what it printed."""
        printed = io.StringIO()
        code = 0
        before = sys.argv, sys.stdin
        sys.argv, sys.stdin = [self.script, *self.options, *args], io.StringIO(stdin)
        try:
            with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
                runpy.run_path(self.script, run_name="__main__")
        except SystemExit as end:
            code = end.code or 0
        except Exception as error:  # a process would end with its traceback
            code = 1
            printed.write(repr(error))
        finally:
            sys.argv, sys.stdin = before
        return code, printed.getvalue().strip()

    def said(self, *args, **kwargs):
        """What it printed; with the exit code if that is not 0."""
        code, printed = self.run(*args, **kwargs)
        return printed if code == 0 else f"{printed.splitlines()[-1] if printed else ''} [{code}]"

    def rows(self, thing, *columns, verb="list"):
        code, printed = self.run("-f", "raw_json", verb, thing, *columns)
        if code != 0:
            raise AssertionError(f"{verb} {thing}: {printed}")
        return json.loads(printed)


def declared(tool, *args, stdin=""):
    equal(f"declare {args[0]}" + (f" {args[1]}" if len(args) > 1 else ""), f"{args[0]} declared", tool.said("declare", *args, stdin=stdin))


def deleted(tool, *args):
    equal(f"delete {args[0]} {args[1]}", f"{args[0]} deleted", tool.said("delete", *args))


def subset(row, wanted):
    """What the row has where the wanted one has something."""
    return {key: row.get(key, "(missing)") for key in wanted}


def one(rows, **named):
    found = [row for row in rows if all(row.get(key) == value for key, value in named.items())]
    return found[0] if len(found) == 1 else {"found": len(found)}


def becomes(name, wanted, look):
    """What another node tells comes to be what was asked for here: it has it a moment later."""
    equal(name, wanted, until(look, lambda seen: seen == wanted))


def clean(tool):
    for args in (("vhost", f"name={VHOST}"), ("user", f"name={USER}"), ("user", f"name={HASHED}")):
        tool.run("delete", *args)


def rabbit_hash(password):
    salt = b"\x01\x02\x03\x04"
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


def users_and_vhosts(tool, other):
    declared(tool, "vhost", f"name={VHOST}")
    becomes("list vhosts name", VHOST, lambda: one(other.rows("vhosts", "name"), name=VHOST).get("name"))
    declared(tool, "user", f"name={USER}", f"password={PASSWORD}", "tags=monitoring,management")
    declared(
        tool, "user", f"name={HASHED}", f"password_hash={rabbit_hash(PASSWORD)}", "tags=administrator",
        "hashing_algorithm=rabbit_password_hashing_sha256",
    )
    becomes("list users", ["monitoring", "management"], lambda: one(other.rows("users"), name=USER).get("tags"))
    mine = {"vhost": VHOST, "user": USER, "configure": "^c", "write": ".*", "read": "^(c|q)"}
    declared(tool, "permission", *(f"{key}={value}" for key, value in mine.items()))
    declared(tool, "permission", f"vhost={VHOST}", "user=guest", "configure=.*", "write=.*", "read=.*")
    becomes("list permissions", mine, lambda: one(other.rows("permissions"), vhost=VHOST, user=USER))
    for user in (USER, HASHED):
        said = other.at(user=user, password=PASSWORD).said("-q", "-f", "tsv", "show", "overview", "rabbitmq_version")
        check(f"{user} logs in", said[:1].isdigit() and "[" not in said, said)
    equal("a wrong password", "*** Access refused: /api/overview?columns=rabbitmq_version [1]",
          other.at(user=USER, password="wrong").said("show", "overview", "rabbitmq_version"))
    said = other.at(vhost=VHOST, user=USER, password=PASSWORD).said("declare", "queue", "name=x")
    check("declare queue, without permission", "[1]" in said and "refused" in said.lower(), said)
    declared(other.at(vhost=VHOST, user=USER, password=PASSWORD), "queue", "name=c-of-user")
    deleted(tool.at(vhost=VHOST, user=USER, password=PASSWORD), "queue", "name=c-of-user")


EXCHANGES = {
    "x-direct": {"type": "direct"},
    "x-fanout": {"type": "fanout", "durable": "false"},
    "x-topic": {"type": "topic", "auto_delete": "true", "arguments": {"alternate-exchange": "x-fanout"}},
    "x headers/ä": {"type": "headers", "internal": "true"},
}
QUEUES = {
    "q": {"arguments": {"x-max-length": 1000, "x-message-ttl": 3600000, "x-overflow": "reject-publish"}},
    "q quorum/ü": {"queue_type": "quorum", "arguments": {"x-delivery-limit": 5, "x-dead-letter-exchange": "x-fanout"}},
    "q-stream": {"queue_type": "stream", "arguments": {"x-max-age": "1h"}},
    "q-auto": {"auto_delete": "true", "durable": "true"},
    "q-priority": {"arguments": {"x-max-priority": 5, "x-single-active-consumer": True}},
}
BINDINGS = [
    {"source": "x-direct", "destination": "q", "routing_key": "a key/with %"},
    {"source": "x-topic", "destination": "q quorum/ü", "routing_key": "orders.*.#"},
    {"source": "x headers/ä", "destination": "q-stream", "arguments": {"x-match": "any", "kind": "one", "size": 3, "big": True}},
    {"source": "x-topic", "destination": "x-fanout", "destination_type": "exchange", "routing_key": "#"},
    {"source": "x-fanout", "destination": "q"},
]


def typed(options):
    """The arguments of the command line, and what has to be in the row."""
    args = [f"{key}={json.dumps(value) if isinstance(value, dict) else value}" for key, value in options.items()]
    words = {"true": True, "false": False}
    row = {key: words.get(value, value) if isinstance(value, str) else value for key, value in options.items()}
    if "queue_type" in row:
        row["type"] = row.pop("queue_type")
        row["arguments"] = {**row.get("arguments", {}), "x-queue-type": row["type"]}
    return args, row


def typed_as_classic(row, wanted):
    """RabbitMQ 4 adds the type to the arguments of a queue that was declared without one."""
    arguments = dict(row.get("arguments", {}))
    if "x-queue-type" not in wanted.get("arguments", {}) and arguments.get("x-queue-type") == "classic":
        del arguments["x-queue-type"]
    return {**row, "arguments": arguments}


def topology(tool, other):
    for name, options in EXCHANGES.items():
        args, row = typed(options)
        declared(tool, "exchange", f"name={name}", *args)
        becomes(f"exchange {name}", row, lambda: subset(one(other.rows("exchanges"), name=name), row))
    for name, options in QUEUES.items():
        args, row = typed(options)
        declared(tool, "queue", f"name={name}", *args)
        becomes(f"queue {name}", row, lambda: subset(typed_as_classic(one(other.rows("queues"), name=name), row), row))
    said = tool.said("declare", "queue", "name=q", 'arguments={"x-max-length":5}')
    check("declare queue, otherwise", said.startswith("*** inequivalent arg 'x-m") and "[1]" in said, said)
    for binding in BINDINGS:
        args, row = typed(binding)
        declared(tool, "binding", *args)
        named = {"source": row["source"], "destination": row["destination"]}
        becomes(f"binding {named}", row, lambda: subset(one(other.rows("bindings"), **named), row))
    equal("its queues", sorted(QUEUES), sorted(row["name"] for row in other.rows("queues", "name")))
    becomes("its bindings, and those of the default exchange", len(BINDINGS) + len(QUEUES), lambda: len(other.rows("bindings")))
    equal("queues of a vhost that is not there", "*** Not found: /api/queues/no-such-vhost?columns=name,messages [1]",
          tool.at(vhost="no-such-vhost").said("list", "queues"))
    names = [row["name"] for row in tool.at(vhost=VHOST).rows("queues", "name")]
    code, printed = tool.run("-f", "bash", "-S", "name", "-R", "list", "queues", "name")
    equal("-S name -R", (0, " ".join(sorted(names, reverse=True))), (code, printed))


def policies(tool, other):
    policy = {"pattern": "^q", "definition": {"max-length": 500, "dead-letter-exchange": "x-fanout"}, "priority": 3, "apply-to": "queues"}
    declared(tool, "policy", "name=p one", *(f"{k}={v if isinstance(v, str) else json.dumps(v)}" for k, v in policy.items()))
    becomes("list policies", {"vhost": VHOST, "name": "p one", **policy}, lambda: one(other.rows("policies"), vhost=VHOST))
    operator = {"pattern": "^q$", "definition": {"max-length": 400}, "priority": 0, "apply-to": "queues"}
    declared(tool, "operator_policy", "name=op", *(f"{k}={v if isinstance(v, str) else json.dumps(v)}" for k, v in operator.items()))
    becomes("list operator_policies", {"vhost": VHOST, "name": "op", **operator}, lambda: one(other.rows("operator_policies"), vhost=VHOST))
    wanted = {"policy": "p one", "operator_policy": "op",
              "effective_policy_definition": {"max-length": 400, "dead-letter-exchange": "x-fanout"}}
    becomes("both act", wanted, lambda: subset(one(other.rows("queues"), name="q"), wanted))
    said = tool.said("declare", "policy", "name=bad", "pattern=^q", 'definition={"no-such-key":1}')
    check("a policy with an unknown key", said.startswith("*** Validation failed") or "[1]" in said and "no-such-key" in said, said)
    declared(tool, "vhost_limit", f"vhost={VHOST}", "name=max-queues", "value=200")
    declared(tool, "vhost_limit", f"vhost={VHOST}", "name=max-connections", "value=100")
    limits = {"max-queues": 200, "max-connections": 100}
    becomes("list vhost_limits", {"vhost": VHOST, "value": limits}, lambda: one(other.rows("vhost_limits"), vhost=VHOST))
    declared(tool, "parameter", "component=vhost-limits", "name=limits", 'value={"max-queues": 300}')
    row = {"vhost": VHOST, "component": "vhost-limits", "name": "limits", "value": {"max-queues": 300}}
    becomes("list parameters", row, lambda: one(other.rows("parameters"), vhost=VHOST, component="vhost-limits"))
    said = tool.said("declare", "parameter", "component=no-such-component", "name=a", "value={}")
    check("a parameter of nothing that is there", "not found" in said and "[1]" in said, said)


def payloads(tool, *args):
    code, printed = tool.run("-f", "raw_json", "get", *args)
    if code != 0:
        return printed
    return [row["payload"] for row in json.loads(printed)]


def messages(tool, other):
    published, not_routed = "Message published", "Message published but NOT routed"
    properties = {"delivery_mode": 2, "content_type": "text/plain", "priority": 3, "message_id": "m-1", "headers": {"kind": "one", "n": 7}}
    equal("publish", published,
          tool.said("publish", "routing_key=q", "payload=one", "properties=" + json.dumps(properties)))
    equal("publish from standard input", published, tool.said("publish", "routing_key=q", stdin="two: zwölf"))
    equal("publish, base64", published, tool.said("publish", "routing_key=q", "payload=/wD+", "payload_encoding=base64"))
    equal("publish to an exchange", published, tool.said("publish", "exchange=x-direct", "routing_key=a key/with %", "payload=four"))
    equal("publish to nobody", not_routed, tool.said("publish", "exchange=x-direct", "routing_key=nobody", "payload=x"))
    said = tool.said("publish", "exchange=no-such-exchange", "routing_key=q", "payload=x")
    check("publish to no exchange", said.startswith("***") and "[1]" in said, said)
    first = json.loads(tool.run("-f", "raw_json", "get", "queue=q")[1])[0]
    wanted = {"payload": "one", "payload_bytes": 3, "payload_encoding": "string", "exchange": "", "routing_key": "q", "message_count": 3,
              "redelivered": False}
    equal("get", wanted, subset(first, wanted))
    equal("its properties", {k: v for k, v in properties.items() if k != "headers"}, subset(first["properties"], {**properties, "headers": 0} and
          {k: 0 for k in properties if k != "headers"}))
    equal("its headers", properties["headers"], subset(first["properties"]["headers"], properties["headers"]))
    every = ["one", "two: zwölf", "/wD+", "four"]
    equal("get ack_requeue_true leaves them", every, payloads(other, "queue=q", "count=10", "ackmode=ack_requeue_true"))
    equal("get reject_requeue_true leaves them", every, payloads(other, "queue=q", "count=10", "ackmode=reject_requeue_true"))
    base64s = [base64.b64encode(b).decode() for b in (b"one", "two: zwölf".encode(), b"\xff\x00\xfe", b"four")]
    equal("get encoding=base64", base64s, payloads(other, "queue=q", "count=10", "encoding=base64"))
    file = os.path.join(tool.directory, "payload")
    code, printed = tool.run("get", "queue=q", f"payload_file={file}")
    equal("get payload_file", (0, "one"), (code, pathlib.Path(file).read_text("utf-8") if code == 0 else printed))
    equal("get ack_requeue_false takes it", ["one"], payloads(tool, "queue=q", "ackmode=ack_requeue_false"))
    equal("get reject_requeue_false takes it", ["two: zwölf"], payloads(tool, "queue=q", "ackmode=reject_requeue_false"))
    # x-fanout, where it is a dead letter, is bound to q.
    deadline = time.monotonic() + WAIT
    while (left := payloads(tool, "queue=q", "count=10")) != ["/wD+", "four", "two: zwölf"] and time.monotonic() < deadline:
        time.sleep(0.1)
    equal("what was rejected is a dead letter", ["/wD+", "four", "two: zwölf"], left)
    code, printed = tool.run("get", "queue=q", "count=2")
    check("get as a table", code == 0 and "routing_key" in printed and "| a key/with % " in printed, printed.splitlines()[-1])
    equal("purge queue", "queue purged", tool.said("purge", "queue", "name=q"))
    equal("get from an empty queue", "No items", other.said("get", "queue=q"))
    said = tool.said("get", "queue=no-such-queue")
    equal("get from no queue", "*** Not found: /api/queues/" + urllib.parse.quote(VHOST, "") + "/no-such-queue/get [1]", said)


class Client:
    """An AMQP connection with a consumer that holds a message, and what becomes of it."""

    def __init__(self, uri, name):
        parameters = pika.URLParameters(uri)
        parameters.virtual_host = VHOST
        parameters.client_properties = {"connection_name": name}
        self.connection = pika.BlockingConnection(parameters)
        self.channel = self.connection.channel()
        self.channel.confirm_delivery()
        self.channel.basic_qos(prefetch_count=7)
        self.channel.basic_publish("", "q", b"held")
        self.channel.basic_consume("q", lambda *_: None, consumer_tag="tag/1", arguments={"x-priority": 3})
        self.connection.process_data_events(0)
        self.ended = None
        self.thread = threading.Thread(target=self.wait, daemon=True)
        self.thread.start()

    def wait(self):
        try:
            while True:
                self.connection.process_data_events(1)
        except pika.exceptions.AMQPError as error:
            self.ended = error


def until(look, good):
    """The last look: what a node tells of others' clients, and RabbitMQ's figures, come a moment later."""
    deadline = time.monotonic() + WAIT
    while not good(seen := look()) and time.monotonic() < deadline:
        time.sleep(0.2)
    return seen


def clients(tool, other, uri):
    client = Client(uri, "rabbitmqadmin-check")
    mine = until(lambda: one(tool.rows("connections"), vhost=VHOST), lambda row: row.get("user_provided_name") and row.get("channels"))
    equal("list connections", {"user": "guest", "user_provided_name": "rabbitmqadmin-check", "channels": 1, "protocol": "AMQP 0-9-1"},
          subset(mine, {"user": 0, "user_provided_name": 0, "channels": 0, "protocol": 0}))
    name = mine.get("name", "")
    there = until(lambda: one(other.rows("connections"), vhost=VHOST), lambda row: row.get("name"))
    equal("it is in the list at another node", name, there.get("name"))
    channel = until(lambda: one(tool.rows("channels"), vhost=VHOST), lambda row: row.get("consumer_count") and row.get("messages_unacknowledged"))
    wanted = {"name": f"{name} (1)", "number": 1, "user": "guest", "consumer_count": 1, "confirm": True, "transactional": False,
              "messages_unacknowledged": 1, "messages_unconfirmed": 0}
    equal("list channels", wanted, subset(channel, wanted))
    consumer = until(lambda: one(tool.at(vhost=VHOST).rows("consumers"), consumer_tag="tag/1"), lambda row: row.get("consumer_tag"))
    wanted = {"ack_required": True, "exclusive": False, "prefetch_count": 7, "active": True, "activity_status": "up",
              "arguments": {"x-priority": 3}, "queue": {"name": "q", "vhost": VHOST}}
    equal("list consumers", wanted, subset(consumer, wanted))
    equal("its channel", (f"{name} (1)", name), tuple(consumer.get("channel_details", {}).get(k) for k in ("name", "connection_name")))
    every_column(tool)
    every_format(tool)
    equal("close connection", "connection closed", other.said("close", "connection", f"name={name}"))
    client.thread.join(WAIT)
    check("its client is told", isinstance(client.ended, pika.exceptions.ConnectionClosedByBroker) and client.ended.reply_code == 320, repr(client.ended))
    gone = until(lambda: one(tool.rows("connections"), vhost=VHOST), lambda row: row == {"found": 0})
    equal("it is gone", {"found": 0}, gone)
    said = tool.said("close", "connection", "name=no such connection")
    check("close a connection that is not there", said.startswith("*** Not found") and "[1]" in said, said)


def at(row, path):
    for field in path.split("."):
        if not isinstance(row, dict) or field not in row:
            return False
        row = row[field]
    return True


def every_column(tool):
    """Each column that is known is in some row, and asking for columns by name gives these."""
    for thing in (*LISTS, "overview"):
        columns = COLUMNS[thing].split()

        def rows():
            return tool.rows(thing, verb="show" if thing == "overview" else "list")

        def missing():
            all_rows = rows()
            return [c for c in columns if not any(at(row, c) for row in all_rows)]

        equal(f"columns of {thing}", [], until(missing, lambda columns_missing: not columns_missing))
        verb = "show" if thing == "overview" else "list"
        # What rabbitmqadmin can't lay out, a value that is null, is not asked for in a table.
        code, printed = tool.run("-f", "kvp", verb, thing, *columns)
        check(f"{verb} {thing} with all columns", code == 0 and printed.count(f'{columns[0]}="') >= 1, printed.splitlines()[0] if printed else "")


def every_format(tool):
    for thing in LISTS:
        ends = {form: tool.run("-f", form, "list", thing) for form in FORMATS}
        failed_ones = {form: printed.splitlines()[-1:] for form, (code, printed) in ends.items() if code != 0}
        check(f"list {thing} in each format", not failed_ones, failed_ones or f"{len(FORMATS)} formats")
    code, printed = tool.run("show", "overview")
    check("show overview", code == 0 and "rabbitmq_version" in printed and "object_totals.queues" in printed, printed.splitlines()[-1:])


def bare(definitions):
    """What does not change from one export to the next, in an order."""
    sections = {k: v for k, v in definitions.items() if isinstance(v, list)}
    return {k: sorted((json.dumps(row, sort_keys=True) for row in v)) for k, v in sections.items()}


def export_and_import(tool, other):
    here, there = (os.path.join(tool.directory, name) for name in ("here.json", "there.json"))
    for node, file in ((tool, here), (other, there)):
        code, printed = node.run("export", file)
        check("export", code == 0 and printed.startswith("Exported definitions"), printed)
    before = json.loads(pathlib.Path(here).read_text("utf-8"))
    equal("what another node exports is the same", bare(before), bare(json.loads(pathlib.Path(there).read_text("utf-8"))))
    tool.at().run("delete", "vhost", f"name={VHOST}")
    declared(tool.at(), "vhost", f"name={VHOST}")
    declared(tool.at(), "permission", f"vhost={VHOST}", "user=guest", "configure=.*", "write=.*", "read=.*")
    declared(tool.at(), "permission", f"vhost={VHOST}", f"user={USER}", "configure=.*", "write=.*", "read=.*")
    code, printed = tool.run("import", here)
    check("import", code == 0 and printed.startswith("Uploaded definitions"), printed)

    def again():
        other.run("export", there)
        return bare(json.loads(pathlib.Path(there).read_text("utf-8")))

    after = until(again, lambda seen: seen == bare(before))
    equal("what was exported is there again", bare(before), after)
    # Of the whole cluster: everything is there already.
    code, printed = tool.at().run("export", here)
    check("export of all", code == 0 and {"users", "permissions", "vhosts"} <= json.loads(pathlib.Path(here).read_text("utf-8")).keys(), printed)
    code, printed = tool.at().run("import", here)
    check("import of all", code == 0, printed)


def removal(tool):
    for binding in tool.rows("bindings"):
        if binding["source"]:
            deleted(tool, "binding", *(f"{k}={binding[k]}" for k in ("source", "destination_type", "destination", "properties_key")))
    equal("no binding is left", [], [b for b in tool.rows("bindings") if b["source"]])
    deleted(tool, "policy", "name=p one")
    deleted(tool, "operator_policy", "name=op")
    deleted(tool, "parameter", "component=vhost-limits", "name=limits")
    deleted(tool, "queue", "name=q")
    equal("delete queue, again", "*** Not found: /api/queues/" + urllib.parse.quote(VHOST, "") + "/q [1]", tool.said("delete", "queue", "name=q"))
    for name in EXCHANGES:
        if name != "x-topic":  # it went with its last binding
            deleted(tool, "exchange", f"name={name}")
    equal("no exchange is left", [], [x["name"] for x in tool.rows("exchanges", "name") if x["name"] and not x["name"].startswith("amq.")])
    declared(tool.at(), "vhost_limit", f"vhost={VHOST}", "name=max-queues", "value=9")
    deleted(tool.at(), "vhost_limit", f"vhost={VHOST}", "name=max-queues")
    deleted(tool.at(), "permission", f"vhost={VHOST}", f"user={USER}")
    deleted(tool.at(), "vhost", f"name={VHOST}")
    for user in (USER, HASHED):
        deleted(tool.at(), "user", f"name={user}")


def one_node(script, urls, uris, index, directory):
    everywhere = Tool(script, urls[index], directory)
    everywhere_there = Tool(script, urls[(index + 1) % len(urls)], directory)
    tool, other = everywhere.at(vhost=VHOST), everywhere_there.at(vhost=VHOST)
    clean(everywhere)
    parts = [
        lambda: users_and_vhosts(everywhere, everywhere_there),
        lambda: topology(tool, other),
        lambda: policies(tool, other),
        lambda: messages(tool, other),
        lambda: clients(everywhere, everywhere_there, uris[index]),
        lambda: export_and_import(tool, other),
        lambda: removal(tool),
    ]
    for part in parts:
        try:
            part()
        except Exception as error:  # whatever it is: it is said, and the rest is tried
            check("a part of this check", False, repr(error))
    clean(everywhere)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", action="append", help="a node's HTTP API, may be repeated (default: local-cluster's nodes)")
    parser.add_argument("--uri", action="append", help="the same node's AMQP URI, as often")
    parser.add_argument("--first", action="store_true", help="only at the first node; the next one is asked what came of it")
    parser.add_argument("--rabbitmqadmin", help="the script, if it is elsewhere")
    args = parser.parse_args()
    urls = args.url or [f"http://guest:guest@127.0.0.1:{port}" for port in (15672, 15673, 15674)]
    uris = args.uri or [f"amqp://guest:guest@127.0.0.1:{port}/%2F" for port in (5672, 5673, 5674)]
    if len(urls) != len(uris):
        parser.error("as many --url as --uri are expected")
    with tempfile.TemporaryDirectory() as directory:
        os.environ["HOME"] = directory  # a configuration file of the one who runs this is not for it
        script = find_script(args.rabbitmqadmin)
        if not script:
            print("SKIP there is no rabbitmqadmin of version 1: ./fetch gets it out of Debian's package rabbitmq-server")
            return 0
        for index in range(1 if args.first else len(urls)):
            print(f"== node {index + 1}")
            one_node(script, urls, uris, index, directory)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
