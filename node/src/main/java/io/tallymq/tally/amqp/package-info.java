/** Commands that move messages by AMQP: the only ones that load the client. */
package io.tallymq.tally.amqp;
