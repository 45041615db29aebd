/** Receipts as messages of AMQP. */
package io.tallymq.amqp.receipts;
