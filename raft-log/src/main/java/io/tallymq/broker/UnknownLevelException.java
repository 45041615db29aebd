package io.tallymq.broker;

import io.tallymq.format.Versions;

/**
 * The log or the store is of a level (see decision 013) that this program does not carry out. It must not be passed over: this
 * replica would differ from the others from here on. The node has to stop; the text says what to start instead.
 */
public final class UnknownLevelException extends IllegalStateException {
    private static final long serialVersionUID = 1;

    /**
     * Says it of something.
     *
     * @param what has the level: begins the sentence
     */
    public UnknownLevelException(String what, int level, Versions known) {
        super(text(what, level, known));
    }

    /** For who says it in another way than by throwing this. */
    public static String text(String what, int level, Versions known) {
        String cure = level > known.max()
                ? "start the version that wrote it, or a newer one."
                : "start a version that carries out both first, on all nodes, and wait until GET /api/cluster tells a level of "
                        + known.min() + " or more.";
        return what + " is of level " + level + ", and this version of TallyMQ knows level " + known + ": " + cure;
    }
}
