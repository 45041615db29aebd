/**
 * What queues and those who hold their messages know beside the messages: headers that settles added, the tokens of those that were put aside, and which
 * left otherwise than by an ack; and when a holder has to ack.
 */
package io.tallymq.broker.aside;
