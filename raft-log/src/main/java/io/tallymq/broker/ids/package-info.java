/** Publishes to exchanges that remember ids: which have come, in the order in which they came, and what became of each. They are in the store, not in memory. */
package io.tallymq.broker.ids;
