package org.apache.ratis.server.impl;

import org.apache.ratis.server.RaftServer;

/**
 * Lets a follower stand for election now, without a pre-vote. Ratis offers that only to a leader that hands over, and refuses when the
 * term has moved on since the last entry, as it has after an election that nobody won. Hence the package: the method is not public.
 */
public final class Candidacy {
    private Candidacy() {}

    /**
     * Any thread, and no call of another node is being handled: an append may be past its check of the term.
     *
     * @param term in which it was decided to stand
     * @return whether the election begins: not if this node is no follower, nor in another term, in which another one stands, who may have this node's vote
     */
    public static boolean stand(RaftServer.Division division, long term) {
        RaftServerImpl server = (RaftServerImpl) division;
        synchronized (server) {
            if (!server.getInfo().getLifeCycleState().isRunning()
                    || !server.getInfo().isFollower()
                    || server.getInfo().getCurrentTerm() != term) {
                return false;
            }
            server.changeToCandidate(true);
            return true;
        }
    }
}
