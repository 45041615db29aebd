/** The cluster itself: its nodes, its load. */
package io.tallymq.tally.cluster;
