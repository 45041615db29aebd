/** What was published before: keys of messages that exchanges and queues remember for some time. Knows neither. */
package io.tallymq.broker.dedup;
