package io.tallymq.broker.message;

import io.tallymq.format.Versions;

/**
 * The log or the store holds something of a form that this program does not know (decision 013). It must not be passed over: this
 * replica would differ from the others from here on. The node has to stop; the text says what to start instead.
 */
public final class UnknownFormatException extends IllegalStateException {
    private static final long serialVersionUID = 1;

    public UnknownFormatException(String message) {
        super(message);
    }

    /**
     * What to say of something whose level is not known.
     *
     * @param what begins the sentence
     */
    public static String level(String what, int level, Versions known) {
        String cure = level > known.max()
                ? "start the version that wrote it, or a newer one."
                : "start a version that carries out both first, on all nodes, and wait until GET /api/cluster tells a level of "
                        + known.min() + " or more.";
        return what + " is of level " + level + ", and this version of TallyMQ knows level " + known + ": " + cure;
    }

    static UnknownFormatException field(int tag) {
        return new UnknownFormatException(
                "A field with tag " + tag + " has to be understood, and this version of TallyMQ"
                        + " does not know it: start the version that wrote it, or a newer one.");
    }
}
