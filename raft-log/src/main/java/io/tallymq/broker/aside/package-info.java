/**
 * What queues know of some messages beside what they know of all: headers that settles added, and the tokens of those that were put aside.
 * Mostly nothing.
 */
package io.tallymq.broker.aside;
