/**
 * The broker of a node: its log, its store and its sessions put together, for a cluster, for one node alone, and for one that stands still. Here the rooms
 * come together; front ends hold nothing else.
 */
package io.tallymq.raft;
