/** Messages on their way into queues, and from one queue to others: what publishes, dead letters, scheduled messages and redrives have in common. */
package io.tallymq.broker.moving;
