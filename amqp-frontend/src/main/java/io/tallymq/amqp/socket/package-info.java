/**
 * A client's socket: what goes out, whether it is read, whether somebody is still there, and how long an event loop waits for more. Knows
 * neither channels nor the broker.
 */
package io.tallymq.amqp.socket;
