/** The AMQP 0-9-1 front end of one node. */
package io.tallymq.amqp;
