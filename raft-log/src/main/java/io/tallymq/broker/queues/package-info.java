/** All queues together: how they are found, made, removed and restored at the start, and what is done in them in turns, some in each entry of the log. */
package io.tallymq.broker.queues;
