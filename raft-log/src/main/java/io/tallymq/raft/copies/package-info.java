/** Waiting until all members of the cluster have a copy of what is confirmed, not only a majority of them (x-confirm: all). */
package io.tallymq.raft.copies;
