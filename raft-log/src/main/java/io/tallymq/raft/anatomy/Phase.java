package io.tallymq.raft.anatomy;

/**
 * What a confirm's time is made of. Each is measured by one node with its own clock, for clocks differ between nodes: the way to the leader
 * and back is what {@link #JOURNEY} has beyond the leader's {@link #QUEUE} and {@link #REPLICATE}.
 */
public enum Phase {
    /** The node of the publishers: from the first publish or ack of a batch until the batch was sent. */
    GATHER("The node of the publishers: from a batch's first message until it is sent"),
    /** The node of the publishers: from there until it begins to apply the entry that brings the batch back, committed. */
    JOURNEY(
            "The node of the publishers: from there until the batch has come back, committed; the leader's phases lie within"),
    /** The leader: from when a batch has come until the entry with it is handed to Raft. */
    QUEUE("The leader: from a batch's arrival until the entry with it is handed to Raft"),
    /** Every node: a flush of the log's file to the disk. */
    FLUSH("Every node: a flush of its log to its disk"),
    /** The leader: from when an entry is handed to Raft until it is committed, so that a majority has flushed it, and its turn to be applied has come. */
    REPLICATE("The leader: from there until a majority has flushed the entry and its turn to be applied has come"),
    /** The node of the publishers: from when it begins to apply such an entry until those who wait are told. */
    APPLY("The node of the publishers: from the batch's return until those who wait are told"),
    /** The node of the publishers: from there until one of the connections has given its confirms to the socket. */
    WRITE("The node of the publishers: from there until the confirms of a connection are given to its socket");

    private final String about;

    Phase(String about) {
        this.about = about;
    }

    /** The one with this {@link #name}; null when this program does not know it. */
    static Phase named(String name) {
        for (Phase phase : values()) {
            if (phase.name().equals(name)) {
                return phase;
            }
        }
        return null;
    }

    /** In a few words, for people. */
    public String about() {
        return about;
    }
}
