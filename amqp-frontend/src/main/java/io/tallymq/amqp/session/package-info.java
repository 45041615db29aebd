/**
 * What a client is in the middle of: its connection, channels, consumers and unsettled messages. All of a connection runs
 * on one Netty event loop; nothing here blocks, and nothing here decides what the broker holds: that is the replicated
 * state machine behind {@link io.tallymq.broker.Broker}.
 */
package io.tallymq.amqp.session;
