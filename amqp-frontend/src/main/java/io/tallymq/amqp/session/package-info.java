/**
 * A client's connection from its first octet to its last: handshake, login, channels, who may be here, and the end. What a client
 * sends is taken from here to the room that it concerns, and so is what the broker tells. All of a connection runs on one Netty event
 * loop; nothing here blocks, and nothing here decides what the broker holds: that is the replicated state machine behind {@link
 * io.tallymq.broker.Broker}.
 */
package io.tallymq.amqp.session;
