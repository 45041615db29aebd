package org.apache.ratis.server.impl;

import org.apache.ratis.server.RaftServer;

/**
 * Lets a follower stand for election now, without a pre-vote. Ratis offers that only to a leader that hands over, and refuses when the
 * term has moved on since the last entry, as it has after an election that nobody won. Hence the package: the method is not public.
 */
public final class Candidacy {
    private Candidacy() {}

    /** Any thread, and no call of another node is being handled: an append may be past its check of the term. Returns whether the election begins: not if this node is no follower. */
    public static boolean stand(RaftServer.Division division) {
        RaftServerImpl server = (RaftServerImpl) division;
        synchronized (server) {
            if (!server.getInfo().getLifeCycleState().isRunning()
                    || !server.getInfo().isFollower()) {
                return false;
            }
            server.changeToCandidate(true);
            return true;
        }
    }
}
