package io.tallymq.raft.log.config;

/** All numbers of a node of the log; each record documents its own and has {@code DEFAULTS}. */
public record RaftTuning(
        ElectionTuning election, LogTuning log, ApplyTuning apply, SnapshotTuning snapshot, LinkTuning link) {
    public static final RaftTuning DEFAULTS = new RaftTuning(
            ElectionTuning.DEFAULTS,
            LogTuning.DEFAULTS,
            ApplyTuning.DEFAULTS,
            SnapshotTuning.DEFAULTS,
            LinkTuning.DEFAULTS);

    public RaftTuning withElection(ElectionTuning value) {
        return new RaftTuning(value, log, apply, snapshot, link);
    }

    public RaftTuning withLog(LogTuning value) {
        return new RaftTuning(election, value, apply, snapshot, link);
    }

    public RaftTuning withApply(ApplyTuning value) {
        return new RaftTuning(election, log, value, snapshot, link);
    }

    public RaftTuning withSnapshot(SnapshotTuning value) {
        return new RaftTuning(election, log, apply, value, link);
    }

    public RaftTuning withLink(LinkTuning value) {
        return new RaftTuning(election, log, apply, snapshot, value);
    }
}
