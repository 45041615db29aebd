/** Who leads: when there has to be an election before Ratis finds out, when a leader hands over, and for how long a node may act without asking. */
package io.tallymq.raft.log.election;
