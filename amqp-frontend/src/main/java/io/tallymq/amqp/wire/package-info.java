/**
 * AMQP 0-9-1 on the wire: octets to records and back, with RabbitMQ's extensions of the protocol.
 *
 * <p>Nothing here knows a broker, a session or a socket. Input is never trusted: no allocation follows a declared
 * length, every nesting and every count has a limit, and malformed octets surface as {@link
 * io.tallymq.amqp.wire.WireException} and as nothing else.
 */
package io.tallymq.amqp.wire;
