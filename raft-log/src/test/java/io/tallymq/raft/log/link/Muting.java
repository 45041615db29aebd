package io.tallymq.raft.log.link;

import java.util.Set;

/** Cuts single nodes off, as far as their peers can tell. */
public final class Muting {
    private Muting() {}

    /** From now on the pings of these nodes get no answer from the node whose link this is; of all others they do. */
    public static void muteTo(PeerLink link, Set<String> nodes) {
        ((NodeLink) link).muteTo(nodes);
    }
}
