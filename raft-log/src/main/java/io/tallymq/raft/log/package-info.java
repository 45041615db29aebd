/**
 * A replicated log of opaque byte batches: Apache Ratis with the rules it needs to keep a confirmed entry, and the
 * nodes' own link beside it. Here its rooms come together to a node; nothing in them knows AMQP.
 */
package io.tallymq.raft.log;
