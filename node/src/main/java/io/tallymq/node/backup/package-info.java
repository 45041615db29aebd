/** A node's store in one file, and a new cluster from such a file. */
package io.tallymq.node.backup;
