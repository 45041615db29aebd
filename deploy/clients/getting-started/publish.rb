# Debian: ruby-bunny, or gem install bunny
require "bunny"

connection = Bunny.new(ENV.fetch("AMQP_URL", "amqp://guest:guest@127.0.0.1:5672/%2F")).start
channel = connection.create_channel
channel.confirm_select
queue = channel.queue("hello-ruby", durable: true)
queue.publish("one tally stick", persistent: true, mandatory: true)
raise "the broker nacked it" unless channel.wait_for_confirms
puts "confirmed"

delivery, _properties, body = queue.pop(manual_ack: true)
channel.ack(delivery.delivery_tag)
puts "got #{body}"
connection.close
