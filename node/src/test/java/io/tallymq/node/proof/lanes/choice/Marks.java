package io.tallymq.node.proof.lanes.choice;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Envelope;
import io.tallymq.node.proof.history.Body;
import io.tallymq.node.proof.history.HistoryEvent.Delivered;
import io.tallymq.node.proof.history.HistoryEvent.Kind;
import io.tallymq.node.proof.history.HistoryEvent.Remark;
import io.tallymq.node.proof.history.HistoryLog;
import io.tallymq.node.proof.history.MessageId;
import java.util.Map;

/** Notes what comes, and which settle's headers it has. */
final class Marks {
    /** Headers of two settles: no settle has this number. */
    private static final String TORN = "torn";

    private Marks() {}

    static void note(HistoryLog history, String who, String queue, Envelope e, BasicProperties p, byte[] body) {
        MessageId id = Body.id(body);
        String crc = Body.crc(body);
        Object header = p.getHeaders() == null ? null : p.getHeaders().get("x-delivery-count");
        long count = header instanceof Number n ? n.longValue() : -1;
        history.add(t -> new Delivered(t, who, queue, id, e.isRedeliver(), count, crc));
        note(history, who, id, p);
    }

    static void note(HistoryLog history, String who, MessageId id, BasicProperties p) {
        Object step = p.getHeaders() == null ? null : p.getHeaders().get("step");
        Object reason = p.getHeaders() == null ? null : p.getHeaders().get("x-reason");
        boolean fits = step == null ? reason == null : ("because " + step).equals(String.valueOf(reason));
        Map<String, String> notes =
                !fits ? Map.of(Remark.STEP, TORN) : step == null ? Map.of() : Map.of(Remark.STEP, step.toString());
        history.add(t -> new Remark(Kind.MARKED, t, who, id, notes));
    }
}
