package io.tallymq.amqp.wire;
