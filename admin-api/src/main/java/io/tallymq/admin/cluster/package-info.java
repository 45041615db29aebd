/** The cluster as a whole: overview, nodes, health checks. */
package io.tallymq.admin.cluster;
