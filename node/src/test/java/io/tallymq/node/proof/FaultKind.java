package io.tallymq.node.proof;

/** What is done to a cluster in one round. */
enum FaultKind {
    KILL_LEADER("kill -9 of the leader"),
    KILL_FOLLOWER("kill -9 of a follower"),
    KILL_ALL("kill -9 of all nodes at once"),
    RESTART_ALL("stop of all nodes at once"),
    PAUSE_LEADER("SIGSTOP of the leader for 10 s"),
    CUT_LEADER("leader cut off silently from nodes and clients"),
    CUT_LEADER_FROM_NODES("leader cut off silently from the nodes, its clients still reach it"),
    OUTLIVED("kill -9 of a follower, which stays away for longer than the log reaches"),
    CLOCK_RESTART("kill -9 of a node, three times, its clock set back, further back and forward"),
    CLOCK_STEP("clocks of the leader and of a follower set back and forth while they run"),
    CLOCK_SPEED("a node whose time passes a quarter faster or slower; SIGSTOP of the leader for 10 s"),
    DISK_FILLS("a backlog fills the disk of a node up to the limit, and is drained"),
    DISK_TAKEN("somebody else takes nearly all of a node's disk, and gives it back"),
    DISK_USED_UP("somebody else takes all of a node's disk: the node waits or ends");

    final String text;

    FaultKind(String text) {
        this.text = text;
    }

    /** Whether clients of the node that it happens to may notice more than that they wait. */
    boolean disconnects() {
        return this != DISK_FILLS && this != DISK_TAKEN;
    }
}
