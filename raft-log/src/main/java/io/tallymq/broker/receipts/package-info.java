/** Publishes that have a name: of each producer which of its last ones have come, and what became of each. */
package io.tallymq.broker.receipts;
