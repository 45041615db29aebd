/**
 * The broker on top of the replicated log: gathers what the front ends of one node want into batches, submits them, applies
 * what the log brings, and hands replies and effects to the sessions of this node.
 */
package io.tallymq.raft;
