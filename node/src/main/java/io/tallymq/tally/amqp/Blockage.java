package io.tallymq.tally.amqp;

import com.rabbitmq.client.BlockedListener;
import com.rabbitmq.client.Connection;
import io.tallymq.tally.output.Output;

/** Says that the cluster takes no messages for now, and why: without it a command would be silent for as long. */
final class Blockage implements BlockedListener {
    private final Output out;
    private volatile String reason;

    private Blockage(Output out) {
        this.out = out;
    }

    static Blockage on(Connection connection, Output out) {
        Blockage notice = new Blockage(out);
        connection.addBlockedListener(notice);
        return notice;
    }

    @Override
    public void handleBlocked(String why) {
        reason = why;
        out.progress("tally: publishers are blocked: " + why);
    }

    @Override
    public void handleUnblocked() {
        reason = null;
        out.progress("tally: publishers are not blocked any more");
    }

    /** For the end of a sentence; empty if they are not blocked. */
    String because() {
        String why = reason;
        return why == null ? "" : ", publishers are blocked: " + why;
    }
}
