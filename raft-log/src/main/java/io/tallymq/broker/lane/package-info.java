/** One lane of a queue from within: its messages in their order, which of their chunks are in memory, and what came back; which lanes there are by priority; and what is counted. Knows nothing of consumers. */
package io.tallymq.broker.lane;
