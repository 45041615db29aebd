package io.tallymq.node.proof;

/** The run can not go on: a node does not start, no leader is found, the machine lacks something. The message tells what to do. */
final class ProofException extends RuntimeException {
    ProofException(String message) {
        super(message);
    }
}
