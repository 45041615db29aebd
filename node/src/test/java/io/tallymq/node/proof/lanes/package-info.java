/** Loads for features of the broker: each has queues, clients on all nodes and a history of its own. See docs/proofs.md. */
package io.tallymq.node.proof.lanes;
