package io.tallymq.broker.limits;

/**
 * The most that the replicated state takes of each kind, on all nodes together. What is beyond is refused and nothing is changed.
 * They are constants of the format and no configuration: every replica decides alike, whatever it is told at its start, and a log
 * means the same when it is read again. All of them full take about 600 MB of heap on each node.
 *
 * @param queues about 1.1 kB of heap each
 * @param exchanges about 0.7 kB each
 * @param bindings about 0.7 kB each; the default exchange's, one per queue, do not count
 * @param consumers also channels' basic.get from a queue, one per channel and queue; about 0.6 kB each, and 150 bytes at most per message that one holds;
 *     and as many channels that consume direct replies, 0.4 kB each
 * @param connections of clients, about 0.6 kB each besides what the node that serves one needs
 * @param policies operator policies among them; a declare looks at all of them
 * @param scheduled messages whose time is still to come, about 0.1 kB each, 0.3 kB with an id
 * @param uploads bodies that come before their messages, because they are large or of a transaction, and those of direct replies on their way out: 0.3 kB of heap each, and
 *     what they have of the store. From level 5 on; see {@code uploadsOfConnection}
 * @param uploadsOfConnection the same of one connection; a hundred where half of the room is taken
 * @param arguments of queues, exchanges, bindings and consumers, all of them: units of about 0.1 kB, one for each value and one for each 64 bytes of texts;
 *     those of bindings of headers exchanges count four times. From level 5 on
 * @param aside messages of which more is known than of others
 */
public record StateLimits(
        int queues,
        int exchanges,
        int bindings,
        int consumers,
        int connections,
        int policies,
        int scheduled,
        int uploads,
        int uploadsOfConnection,
        int arguments,
        AsideLimits aside) {
    private static final int ARGUMENTS = 2_000_000;

    public static final StateLimits DEFAULTS =
            new StateLimits(100_000, 20_000, 150_000, 50_000, 50_000, 500, 1_000_000);

    private static final int UPLOADS = 100_000;
    private static final int UPLOADS_OF_CONNECTION = 10_000;

    public StateLimits(
            int queues, int exchanges, int bindings, int consumers, int connections, int policies, int scheduled) {
        this(
                queues,
                exchanges,
                bindings,
                consumers,
                connections,
                policies,
                scheduled,
                UPLOADS,
                UPLOADS_OF_CONNECTION,
                ARGUMENTS,
                AsideLimits.DEFAULTS);
    }

    public StateLimits withAside(AsideLimits other) {
        return new StateLimits(
                queues,
                exchanges,
                bindings,
                consumers,
                connections,
                policies,
                scheduled,
                uploads,
                uploadsOfConnection,
                arguments,
                other);
    }

    public StateLimits withUploads(int all, int ofConnection) {
        return new StateLimits(
                queues,
                exchanges,
                bindings,
                consumers,
                connections,
                policies,
                scheduled,
                all,
                ofConnection,
                arguments,
                aside);
    }

    public StateLimits withArguments(int most) {
        return new StateLimits(
                queues,
                exchanges,
                bindings,
                consumers,
                connections,
                policies,
                scheduled,
                uploads,
                uploadsOfConnection,
                most,
                aside);
    }

    /** What a refusal tells the client: which limit, and what to do. */
    public static String text(String what, int limit) {
        return "the cluster has " + limit + " " + what + ", the most it takes (limit " + what
                + "): remove some that are not needed any more";
    }
}
