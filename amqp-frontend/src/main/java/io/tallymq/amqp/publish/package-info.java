/**
 * Messages on their way from a client to the broker: content put together, properties and headers checked, room for what is not complete,
 * transactions, and the names that look like exchanges and mean something else. Knows nothing of what is delivered.
 */
package io.tallymq.amqp.publish;
