package io.tallymq.broker.limits;

/** How much the replicated state takes of each {@link StateLimit}. Tests make some of them small. */
public final class StateLimits {
    public static final StateLimits DEFAULTS = new StateLimits();

    private final int[] most;
    private final int[] mostOfOne;

    private StateLimits() {
        StateLimit[] all = StateLimit.values();
        most = new int[all.length];
        mostOfOne = new int[all.length];
        for (StateLimit limit : all) {
            most[limit.ordinal()] = limit.most();
            mostOfOne[limit.ordinal()] = limit.mostOfOne();
        }
    }

    private StateLimits(StateLimits like) {
        most = like.most.clone();
        mostOfOne = like.mostOfOne.clone();
    }

    /** The most of all together. */
    public int of(StateLimit limit) {
        return most[limit.ordinal()];
    }

    /** The most of one queue or connection, as its row says; no bound of its own where it says nothing. */
    public int ofOne(StateLimit limit) {
        return mostOfOne[limit.ordinal()];
    }

    /** The same with another bound of all. */
    public StateLimits with(StateLimit limit, int other) {
        return with(limit, other, ofOne(limit));
    }

    /** The same with another bound of all, and of one. */
    public StateLimits with(StateLimit limit, int other, int otherOfOne) {
        StateLimits changed = new StateLimits(this);
        changed.most[limit.ordinal()] = other;
        changed.mostOfOne[limit.ordinal()] = otherOfOne;
        return changed;
    }

    /** What a refusal says when the most of all are there. */
    public String text(StateLimit limit) {
        return text(limit.text(), of(limit));
    }

    /** What a refusal tells the client: which limit, and what to do. */
    public static String text(String what, int limit) {
        return "the cluster has " + limit + " " + what + ", the most it takes (limit " + what
                + "): remove some that are not needed any more";
    }
}
