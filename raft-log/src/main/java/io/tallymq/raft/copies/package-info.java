/**
 * Which members of the cluster have a copy of what is confirmed: waiting until all have it, not only a majority of them (x-confirm: all), and who takes
 * none.
 */
package io.tallymq.raft.copies;
