package io.tallymq.node.proof.lanes;

import com.rabbitmq.client.Envelope;
import io.tallymq.node.proof.history.HistoryEvent.Kind;
import java.util.Random;

/** How a consumer treats what it gets. */
public interface Manners {
    /**
     * What it does with a message.
     *
     * @param kind ACKED, REQUEUED, FAILED; null: it holds it back until its consumer is cancelled
     * @param afterMillis how long it has the message before
     */
    record Answer(Kind kind, long afterMillis) {
        static final Answer HOLDS_BACK = new Answer(null, Long.MAX_VALUE);

        public static Answer ack(long afterMillis) {
            return new Answer(Kind.ACKED, afterMillis);
        }
    }

    Answer answer(Envelope envelope, Random random);

    /** Acks after some time, and out of order. */
    static Manners slow(int upToMillis) {
        return (envelope, random) -> Answer.ack(random.nextInt(upToMillis));
    }

    /** The same, and one of so many that come for the first time is given back. */
    static Manners requeueing(int upToMillis, int oneOf) {
        return (envelope, random) -> {
            boolean back = !envelope.isRedeliver() && random.nextInt(oneOf) == 0;
            return new Answer(back ? Kind.REQUEUED : Kind.ACKED, random.nextInt(upToMillis));
        };
    }
}
