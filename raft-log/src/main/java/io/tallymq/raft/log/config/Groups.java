package io.tallymq.raft.log.config;

/**
 * The Raft groups of a cluster, by number. There is one, which has all vhosts; frames and batches name it so that a later program
 * can have more without another layout. A number that a node doesn't have is refused to who sent it, before anything is done.
 */
public final class Groups {
    /** The group of all vhosts. */
    public static final int BROKER = 0;

    private Groups() {}

    /** Why a node has nothing to do with what is for this group; null when it has. */
    public static String refusal(int group) {
        return group == BROKER
                ? null
                : "no such group: this version of TallyMQ has group " + BROKER + " only, not " + group
                        + ": run the version that knows it on all nodes";
    }
}
