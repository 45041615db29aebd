/** Consumers with a filter: finding what they want on this node, and taking it. Knows no channel. */
package io.tallymq.amqp.filter;
