/**
 * Back-pressure by the moment of a confirm: on a machine that is full, publishers wait a little for the consumers of their
 * queues instead of taking the processor from them.
 */
package io.tallymq.raft.pace;
