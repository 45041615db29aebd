package io.tallymq.admin.messages;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.Json;
import io.tallymq.broker.browse.Browse;
import io.tallymq.broker.browse.Seen;

/** One look at a queue: those of its messages that somebody wants to see, as JSON. On a reader thread of the broker. */
final class PeekRun implements Browse.Visitor {
    /** Bytes of bodies that stand elsewhere, read for one answer. */
    static final int MOST_READ = 8 << 20;

    private final PeekQuery wanted;
    private final ArrayNode rows = Json.array();
    private long bytes;
    private long read;

    PeekRun(PeekQuery wanted) {
        this.wanted = wanted;
    }

    @Override
    public Browse.Next look(Seen m) {
        if (rows.size() == wanted.count()) {
            return Browse.Next.NOT_THIS;
        }
        if (wanted.match().readsBodies()) {
            read += Math.min(MessageMatch.MOST_SEARCHED, m.bodyLength());
        }
        if (wanted.match().matches(m) && !add(m)) {
            return Browse.Next.NOT_THIS;
        }
        return read >= MOST_READ ? Browse.Next.LAST : Browse.Next.ON;
    }

    /** Returns whether there was room for it. */
    private boolean add(Seen m) {
        long size = Math.min(wanted.truncate(), m.bodyLength()) + m.properties().length;
        if (bytes + size > GetRun.MOST_BYTES && !rows.isEmpty()) {
            return false;
        }
        byte[] payload = m.body(wanted.truncate());
        if (payload != null) { // else it went meanwhile
            bytes += size;
            rows.add(MessageRow.with(MessageRow.of(m), payload, wanted.base64()));
        }
        return true;
    }

    Answer answer(Browse.Done done) {
        boolean all = done.next() == Browse.END;
        ObjectNode answer = Json.object()
                .put("applied_index", done.index())
                .put("looked_at", done.looked())
                .put("complete", all)
                .put("next", all ? null : Long.toString(done.next()));
        answer.set("messages", rows);
        return Answer.ok(answer);
    }
}
