/** The nodes' own link beside Ratis: batches to the leader, pings and their answers, checkpoints, and the proof of who is a node. */
package io.tallymq.raft.log.link;
