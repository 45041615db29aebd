package io.tallymq.admin.messages;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.tallymq.admin.request.Answer;
import io.tallymq.admin.request.Json;
import io.tallymq.broker.browse.Browse;
import io.tallymq.broker.browse.Seen;
import java.util.ArrayList;
import java.util.List;

/** One look at a queue: those of its messages that somebody wants to see, as JSON. On a reader thread of the broker. */
final class PeekRun implements Browse.Visitor {
    /** Bytes of bodies that stand elsewhere, read for one answer. */
    static final int MOST_READ = 8 << 20;

    private final PeekQuery wanted;
    private final List<ShownMessage> rows = new ArrayList<>();
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
        byte[] row = ShownMessage.row(MessageRow.of(m));
        long size = Math.min(wanted.truncate(), m.bodyLength()) + row.length;
        if (bytes + size > GetRun.MOST_BYTES && !rows.isEmpty()) {
            return false;
        }
        byte[] payload = m.body(wanted.truncate());
        if (payload != null) { // else it went meanwhile
            bytes += size;
            rows.add(ShownMessage.of(row, payload, wanted.base64()));
        }
        return true;
    }

    /** @param slot held until the answer is sent */
    Answer answer(Browse.Done done, Slots.Slot slot) {
        boolean all = done.next() == Browse.END;
        ObjectNode answer = Json.object()
                .put("applied_index", done.index())
                .put("looked_at", done.looked())
                .put("complete", all)
                .put("next", all ? null : Long.toString(done.next()));
        slot.hold();
        return Answer.streamed(ShownPieces.field(answer, "messages", rows, slot::leave));
    }
}
