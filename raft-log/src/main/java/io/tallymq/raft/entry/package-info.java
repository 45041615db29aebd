/** What an entry of the log is: batches of nodes, packed and joined. How they are laid out, gathered into entries by the leader, and checked. */
package io.tallymq.raft.entry;
