package io.tallymq.broker.access;

import io.tallymq.broker.settings.ArgumentRow.Owner;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a policy is for. */
enum ApplyTo {
    ALL("all", List.of(Owner.CLASSIC_QUEUE, Owner.QUORUM_QUEUE, Owner.STREAM_QUEUE, Owner.EXCHANGE)),
    QUEUES("queues", List.of(Owner.CLASSIC_QUEUE, Owner.QUORUM_QUEUE, Owner.STREAM_QUEUE)),
    EXCHANGES("exchanges", List.of(Owner.EXCHANGE)),
    CLASSIC_QUEUES("classic_queues", List.of(Owner.CLASSIC_QUEUE)),
    QUORUM_QUEUES("quorum_queues", List.of(Owner.QUORUM_QUEUE)),
    STREAMS("streams", List.of(Owner.STREAM_QUEUE));

    private final String word;
    private final List<Owner> owners;

    ApplyTo(String word, List<Owner> owners) {
        this.word = word;
        this.owners = owners;
    }

    boolean covers(Owner owner) {
        return owners.contains(owner);
    }

    /** The one that is called so, or null. */
    static ApplyTo of(String word) {
        return Stream.of(values()).filter(a -> a.word.equals(word)).findFirst().orElse(null);
    }

    /** How they are called, for texts. */
    static String words() {
        return Stream.of(values()).map(a -> a.word).collect(Collectors.joining(", "));
    }
}
