/**
 * The log's directory: whose it is, whether its files are sound, and what can be read of them while the node stands still. Only looks, repairs and
 * prepares: while a node runs, the files are Ratis' own.
 */
package io.tallymq.raft.log.files;
