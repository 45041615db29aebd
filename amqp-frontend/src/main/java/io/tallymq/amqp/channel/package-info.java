/**
 * What the methods of a channel work with: its connection, the user's rights, answers and confirms in the order of the questions, and the
 * errors by which a channel or a connection ends. Knows nothing of what is delivered or published, and opens and closes no channel.
 */
package io.tallymq.amqp.channel;
