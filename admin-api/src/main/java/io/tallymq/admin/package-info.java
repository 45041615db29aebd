/** HTTP, JSON and a web page over the same {@link io.tallymq.broker.Broker} that the AMQP front end uses. */
package io.tallymq.admin;
