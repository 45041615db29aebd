package io.tallymq.broker.processing;

import io.tallymq.broker.effect.Reply;

/** What a command of a connection is told that the replicated state does not have, or no longer. */
final class Fenced {
    static final Reply.Rejected REPLY =
            new Reply.Rejected(320, Reply.Reason.FENCED, "the cluster has closed this connection; connect again");

    private Fenced() {}
}
