/** What a node of the log is told: where it and its peers are, and all numbers. Knows nothing else. */
package io.tallymq.raft.log.config;
