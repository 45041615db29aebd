package io.tallymq.broker;

import io.tallymq.format.Versions;
import java.util.List;

/**
 * What one node knows of the cluster, at once and without asking anybody.
 *
 * @param leader the leader's name, or null when none is known
 * @param serving whether this node takes part and a majority confirms: a leader is known and this node follows it. An
 *     alarm changes nothing: only publishers are blocked by it
 * @param level that this node has applied: what may be in the log and how it acts, see decision 013
 */
public record ClusterStatus(
        String cluster, String node, String leader, long term, boolean serving, int level, List<Member> members) {
    /** The name of the node with this id, which is what the replicated state knows it by; the id if there is none. */
    public String nameOf(String id) {
        for (Member member : members) {
            if (member.id().equals(id)) {
                return member.name();
            }
        }
        return id;
    }

    /** The names of those whose logs have an entry: a node's commit index is never ahead of what its own log has flushed. */
    public List<String> durableOn(long index) {
        return members.stream()
                .filter(m -> m.commitIndex() >= index)
                .map(Member::name)
                .toList();
    }

    /**
     * One node. Numbers are -1 where this node can't know them.
     *
     * @param id what log and state know it by; it stays what it is when the name is changed
     * @param role LEADER, FOLLOWER, CANDIDATE or UNKNOWN
     * @param reachable whether this node heard from it within the last seconds; always true of itself
     * @param lag entries behind the highest commit index known here
     * @param rank how well it would lead, the best first: FIT, SLOW, BEHIND or LATE, see decision 011; null where this node can't know it
     * @param levels that its program knows, null where this node can't know them
     */
    public record Member(
            String id,
            String name,
            String host,
            String role,
            boolean reachable,
            long term,
            long commitIndex,
            long appliedIndex,
            long durableIndex,
            long lag,
            String rank,
            Versions levels) {}
}
