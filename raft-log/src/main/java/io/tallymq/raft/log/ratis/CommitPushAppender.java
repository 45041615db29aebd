package io.tallymq.raft.log.ratis;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.apache.ratis.grpc.server.GrpcLogAppender;
import org.apache.ratis.proto.RaftProtos.AppendEntriesRequestProto;
import org.apache.ratis.server.RaftServer;
import org.apache.ratis.server.leader.FollowerInfo;
import org.apache.ratis.server.leader.LeaderState;
import org.apache.ratis.server.protocol.TermIndex;
import org.apache.ratis.server.raftlog.RaftLog;
import org.apache.ratis.server.raftlog.RaftLogIOException;

/**
 * The leader's sender to one follower. Nine differences to Ratis 3.3.0:
 *
 * <ul>
 *   <li><b>Commit push.</b> Ratis wakes the sender when the commit index moves but has nothing to send, so a follower
 *       learns of the commit with the next entry (and then only after it has flushed that one), with a metadata entry
 *       (one more fsync on every node) or with the next heartbeat. Metadata entries are off here; an empty append with
 *       the new commit index is sent at once. It names the last committed entry that the follower is known to
 *       have: a follower commits no further than the entry that is named, and Ratis' own heartbeat names none while
 *       entries are on their way. A follower without clients has nobody who waits for the commit: it learns of it with the
 *       next entry or heartbeat, which saves half of the messages between the nodes.
 *   <li><b>RATIS-2500.</b> A leader that starts at the very entry a follower needs, and no longer has the one before,
 *       asks the follower to install a snapshot. {@code getLatestSnapshot()} here is the store's durable position and
 *       moves all the time, so the follower is asked again and again. A follower that just installed everything
 *       before that entry needs none.
 *   <li><b>RATIS-2523.</b> A follower whose directory was wiped answers a heartbeat with "I need entry 0"; Ratis
 *       does not go below what the follower once acknowledged and repeats the same heartbeat until the next entry is
 *       written. The follower's word is taken here: sending again what it has is harmless.
 *   <li><b>Longer logs.</b> A follower that is being sent a checkpoint answers a heartbeat with the end of its own log. If that was an older leader's, it may lie
 *       beyond this one's, and Ratis would send it nothing at all from then on, no heartbeat either, until this log was as long. Such a word is not taken.
 *   <li><b>Unanswered entries.</b> When the connection to a follower breaks, Ratis forgets what it was sent and goes on behind it. If the follower
 *       had taken it, nothing tells the leader so before there is another entry, for what answers to an empty append say of the follower's log does
 *       not count. And a leader takes no other entry before the first of its term is committed: with the third node
 *       down, nobody led until one of both was started again. So when all was sent, and the last entry is neither acknowledged nor on its way nor
 *       committed, that one is sent again; the answer tells all.
 *   <li><b>Wake-ups.</b> Ratis wakes the sender for every entry, answer and commit index of every node: five times per entry,
 *       and four times there is nothing to send. Here it sleeps on unless there is.
 *   <li><b>Rest.</b> Without a connection Ratis takes it that there is something to send, finds nothing before the next heartbeat is due, and looks again at
 *       once: a core of the leader was busy with that for a minute after a follower had ended, and at each start until all had come.
 *   <li><b>Pace.</b> While a follower downloads a checkpoint, Ratis without a minimal wait time asks as fast as it is
 *       answered. {@link #NOTIFY_PAUSE_NANOS} lie between two questions.
 *   <li><b>Unreadable entries.</b> Ratis logs what it can not read of its own log and tries again at once, for ever, while it goes on to lead: that
 *       follower gets nothing. Here the node hears of it, and ends. A file that is gone because the log was cut is no damage.
 * </ul>
 */
final class CommitPushAppender extends GrpcLogAppender {
    private static final long NOTIFY_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    /** While entries are on their way, one push per this time: the entries tell it too, only later. */
    private static final long PUSH_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    /** Written by the sender's thread, read by who wakes it. */
    private volatile long pushedCommit = RaftLog.INVALID_LOG_INDEX;

    private volatile long pushedNanos = System.nanoTime() - PUSH_PAUSE_NANOS;

    /** The sender's thread. */
    private long notifiedNanos = System.nanoTime() - NOTIFY_PAUSE_NANOS;

    private final String node;
    private final Predicate<String> waiting;
    private final CommitPush.Flushes flushes;
    private final CommitPush.Unreadable unreadable;
    /** How far the follower was when it was last told of. */
    private volatile long flushed = RaftLog.INVALID_LOG_INDEX;

    /**
     * A sender.
     *
     * @param waiting whether somebody at that node waits for what is committed
     * @param flushes hears how far the follower has flushed its log, from each answer that tells of more
     * @param unreadable hears what can not be sent
     */
    CommitPushAppender(
            RaftServer.Division server,
            LeaderState leaderState,
            FollowerInfo follower,
            Predicate<String> waiting,
            CommitPush.Flushes flushes,
            CommitPush.Unreadable unreadable) {
        super(server, leaderState, follower);
        this.flushes = flushes;
        this.unreadable = unreadable;
        this.node = follower.getId().toString();
        this.waiting = waiting;
    }

    @Override
    public void notifyLogAppender() {
        noteFlush();
        if (shouldSendAppendEntries() || commitToPush() != null) {
            super.notifyLogAppender();
        }
    }

    /** Ratis wakes the sender after each answer. */
    private void noteFlush() {
        if (getFollower().getMatchIndex() <= flushed) {
            return;
        }
        synchronized (flushes) { // what is told only grows
            long match = getFollower().getMatchIndex();
            if (match > flushed) {
                flushed = match;
                flushes.reached(node, match);
            }
        }
    }

    @Override
    public long getWaitTimeMs() {
        return hasAppendEntries() ? super.getWaitTimeMs() : Math.max(0, getHeartbeatWaitTimeMs());
    }

    @Override
    public AppendEntriesRequestProto newAppendEntriesRequest(long callId, boolean heartbeat) throws RaftLogIOException {
        TermIndex committed = heartbeat ? null : commitToPush();
        if (committed == null) {
            sendUnansweredAgain();
            return readAndSend(callId, heartbeat);
        }
        pushedCommit = committed.getIndex();
        pushedNanos = System.nanoTime();
        return getLeaderState().newAppendEntriesRequestProto(getFollower(), List.of(), committed, callId);
    }

    private AppendEntriesRequestProto readAndSend(long callId, boolean heartbeat) throws RaftLogIOException {
        try {
            return super.newAppendEntriesRequest(callId, heartbeat);
        } catch (RaftLogIOException e) {
            long next = getFollower().getNextIndex();
            // A cut begins at the oldest entry, and ends here before a file is gone: as long as this entry is there,
            // all behind it are.
            if (isRunning() && getRaftLog().getTermIndex(next) != null) {
                unreadable.found(node, next, e);
            }
            throw e;
        }
    }

    /** Called as all that changes the follower's next index and what is pending: with the sender's lock. */
    private void sendUnansweredAgain() {
        FollowerInfo follower = getFollower();
        long last = follower.getNextIndex() - 1;
        boolean allSent = last + 1 == getRaftLog().getNextIndex();
        // What is committed needs no answer, and a follower that has it in its store refuses it.
        boolean needed = last > getRaftLog().getLastCommittedIndex()
                && last > getRaftLog().getStartIndex();
        if (allSent && needed && last > follower.getMatchIndex() && !hasPendingDataRequests()) {
            follower.setNextIndex(last);
        }
    }

    /** The last committed entry that the follower has flushed and does not know to be committed, or {@code null}. */
    private TermIndex commitToPush() {
        FollowerInfo follower = getFollower();
        long commit = Math.min(getRaftLog().getLastCommittedIndex(), follower.getMatchIndex());
        if (commit <= pushedCommit || commit <= follower.getCommitIndex()) {
            return null;
        }
        if (hasPendingDataRequests() && System.nanoTime() - pushedNanos < PUSH_PAUSE_NANOS || !waiting.test(node)) {
            return null;
        }
        return getRaftLog().getTermIndex(commit);
    }

    @Override
    public boolean shouldInstallSnapshot(boolean hasSnapshot) {
        FollowerInfo follower = getFollower();
        if (follower.hasAttemptedToInstallSnapshot()
                && goesOnFromSnapshot(
                        follower.getNextIndex(),
                        follower.getSnapshotIndex(),
                        getRaftLog().getStartIndex())) {
            return false;
        }
        return super.shouldInstallSnapshot(hasSnapshot);
    }

    /** What the follower needs comes right after the snapshot it installed, and the log has it. */
    static boolean goesOnFromSnapshot(long next, long snapshot, long logStart) {
        return next == snapshot + 1 && next >= logStart;
    }

    @Override
    public TermIndex shouldNotifyToInstallSnapshot() {
        TermIndex firstAvailable = super.shouldNotifyToInstallSnapshot();
        if (firstAvailable != null) {
            long wait = notifiedNanos + NOTIFY_PAUSE_NANOS - System.nanoTime();
            if (wait > 0) {
                LockSupport.parkNanos(wait);
            }
            notifiedNanos = System.nanoTime();
        }
        return firstAvailable;
    }

    @Override
    protected long getNextIndexForInconsistency(long requestFirstIndex, long replyNextIndex) {
        long next = getFollower().getNextIndex();
        if (isBeyond(replyNextIndex, next, getRaftLog().getNextIndex())) {
            return next;
        }
        boolean heartbeat = requestFirstIndex == RaftLog.INVALID_LOG_INDEX;
        if (heartbeat && replyNextIndex >= RaftLog.LEAST_VALID_LOG_INDEX) {
            return replyNextIndex;
        }
        return super.getNextIndexForInconsistency(requestFirstIndex, replyNextIndex);
    }

    /** A follower's word for what comes next says nothing if that is neither in the leader's log nor the next entry of it. */
    static boolean isBeyond(long reply, long next, long ownNext) {
        return reply > ownNext && next <= ownNext;
    }
}
