/** Queues from within: their logs, who holds what, who is next, and what is given back. Knows neither exchanges nor connections. */
package io.tallymq.broker.queue;
