/** Messages on their way into the store and out of it: what a publish brings, cut into chunks, and what is left of them. Knows no queue. */
package io.tallymq.broker.chunk;
