/** An entry's way through Ratis: submitted, in the log, applied to the state that the log drives. */
package io.tallymq.raft.log.state;
