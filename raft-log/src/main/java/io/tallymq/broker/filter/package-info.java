/** Consumers that want some of a queue's messages: which ones, finding them, and what was begun out of turn. Knows no queue. */
package io.tallymq.broker.filter;
