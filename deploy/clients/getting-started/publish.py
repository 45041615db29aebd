# Debian: python3-pika
import os

import pika

url = os.environ.get("AMQP_URL", "amqp://guest:guest@127.0.0.1:5672/%2F")
connection = pika.BlockingConnection(pika.URLParameters(url))
channel = connection.channel()
channel.queue_declare("hello-python", durable=True)
channel.confirm_delivery()
channel.basic_publish("", "hello-python", b"one tally stick", pika.BasicProperties(delivery_mode=2), mandatory=True)
print("confirmed")  # nacks and returns are exceptions

method, properties, body = channel.basic_get("hello-python")
channel.basic_ack(method.delivery_tag)
print("got", body.decode())
connection.close()
