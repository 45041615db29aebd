/** Copies of the store on their way from node to node, what the log is kept for meanwhile, and how much room they may take. */
package io.tallymq.raft.log.checkpoint;
