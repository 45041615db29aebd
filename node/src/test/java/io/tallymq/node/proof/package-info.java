/**
 * Proofs on real clusters: nodes as processes that are killed, paused and cut off under load, and a judge of what the clients saw.
 * See docs/proofs.md.
 */
package io.tallymq.node.proof;
