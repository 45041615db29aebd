/** Judges of what a queue chooses: which message comes first, which comes later, which comes to nobody any more. */
package io.tallymq.node.proof.history.choice;
