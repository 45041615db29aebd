/**
 * Messages on their way to a client, and back if it does not want them: consumers, basic.get, streams, direct replies, and the acks and nacks
 * of all that. Knows nothing of what the client publishes.
 */
package io.tallymq.amqp.delivery;
