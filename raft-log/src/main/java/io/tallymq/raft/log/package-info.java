/**
 * A replicated log of opaque byte batches: Apache Ratis with the rules it needs to keep a confirmed entry, and the
 * nodes' own link beside it. Nothing here knows AMQP.
 */
package io.tallymq.raft.log;
