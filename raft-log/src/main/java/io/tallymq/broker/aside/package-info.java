/**
 * What queues and those who hold their messages know beside the messages: headers that settles added, the tokens of those that were put aside, and which
 * left otherwise than by an ack; when a holder has to ack; and how many came and went.
 */
package io.tallymq.broker.aside;
