/** The load of a cluster, live. */
package io.tallymq.tally.top;
