package io.tallymq.raft.log.ratis;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class CommitPushAppenderTest {
    /** RATIS-2500: the log begins with what the follower needs, the entry before is only in the snapshot. */
    @Test
    void aFollowerThatInstalledEverythingBeforeTheLogNeedsNoOtherSnapshot() {
        assertTrue(CommitPushAppender.goesOnFromSnapshot(101, 100, 101));
        assertTrue(CommitPushAppender.goesOnFromSnapshot(101, 100, 50));
    }

    @Test
    void aFollowerThatNeedsWhatTheLogLostDoes() {
        assertFalse(CommitPushAppender.goesOnFromSnapshot(101, 100, 102));
        assertFalse(CommitPushAppender.goesOnFromSnapshot(90, 100, 90));
        assertFalse(CommitPushAppender.goesOnFromSnapshot(0, 100, 0));
    }

    @Test
    void whatAFollowerWantsIsNotBeyondTheEndOfTheLog() {
        assertTrue(CommitPushAppender.isBeyond(5_006, 46, 77));
        assertFalse(CommitPushAppender.isBeyond(77, 46, 77));
        assertFalse(CommitPushAppender.isBeyond(5, 46, 77));
    }
}
