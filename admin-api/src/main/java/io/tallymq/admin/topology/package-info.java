/** Queues, exchanges, bindings; connections, channels, consumers. */
package io.tallymq.admin.topology;
