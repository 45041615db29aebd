/** What a node knows of its cluster, and what it adds to the log by itself when it leads: nobody asked for it, and the clock has its part in it. */
package io.tallymq.raft.cluster;
