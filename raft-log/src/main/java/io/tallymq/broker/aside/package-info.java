/**
 * What queues know of some messages beside what they know of all: headers that settles added, the tokens of those that were put aside, and which
 * left otherwise than by an ack. Mostly nothing.
 */
package io.tallymq.broker.aside;
