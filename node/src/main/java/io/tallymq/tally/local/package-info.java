/** Clusters of real processes on this machine: deploy/local-cluster. */
package io.tallymq.tally.local;
