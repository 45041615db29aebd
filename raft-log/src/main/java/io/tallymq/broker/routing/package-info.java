/** Exchanges and bindings: a message's route in, queues out. Knows nothing of queues but names and numbers. */
package io.tallymq.broker.routing;
