package io.tallymq.node.proof.load;

import io.tallymq.node.proof.history.MessageId;
import java.util.Map;
import java.util.Random;

/**
 * Messages for one queue; now and then one that is mandatory and goes nowhere: it must be returned.
 *
 * @param exchange "" for the default one; with another one every message is mandatory and may be returned
 * @param detours whether messages take one, see {@link Detour}
 */
public record PlainLetters(String exchange, String queue, boolean detours) implements Letters {
    private static final int ONE_NOWHERE_OF = 100;

    @Override
    public Letter next(MessageId id, Random random) {
        boolean nowhere = random.nextInt(ONE_NOWHERE_OF) == 0;
        String to = nowhere ? "nowhere." + queue : queue;
        boolean mandatory = nowhere || !exchange.isEmpty();
        Detour way = detours && !nowhere ? Detour.any(random) : Detour.NONE;
        return new Letter(exchange, way.by(to), to, mandatory, way.properties(random), Map.of());
    }
}
