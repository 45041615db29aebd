/**
 * Which messages a client has and what it settles of them, in ranges as long as they get. Knows no channel: delivery tags and the broker's
 * sequence numbers are all there is.
 */
package io.tallymq.amqp.settle;
