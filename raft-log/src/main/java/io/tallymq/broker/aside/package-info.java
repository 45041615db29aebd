/** What queues know of some messages beside what they know of all: headers that settles added. Mostly nothing. */
package io.tallymq.broker.aside;
