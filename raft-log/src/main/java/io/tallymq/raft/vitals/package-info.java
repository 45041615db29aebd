/** What each node tells the others of its machine, and what follows for all of them. */
package io.tallymq.raft.vitals;
