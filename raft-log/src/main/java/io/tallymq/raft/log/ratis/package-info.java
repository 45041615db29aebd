/** What is bent in Ratis itself, and its settings: how a leader tells what is committed, who may call, what it must not measure, how it ends. */
package io.tallymq.raft.log.ratis;
