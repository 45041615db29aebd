/** Clients that load a cluster and note what they do and see. */
package io.tallymq.node.proof.load;
