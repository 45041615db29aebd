/** Queues, exchanges, bindings, clients and messages, over the HTTP API. */
package io.tallymq.tally.command;
