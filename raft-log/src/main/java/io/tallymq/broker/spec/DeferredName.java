package io.tallymq.broker.spec;

/** The name from which basic.get takes a message that was deferred: it ends with the message's token, and is no queue's. */
public final class DeferredName {
    private static final String PREFIX = "amq.deferred.";
    /** Most bytes of a token. */
    public static final int MOST_TOKEN_BYTES = 128;

    private DeferredName() {}

    public static boolean isName(String queue) {
        return queue.startsWith(PREFIX);
    }

    /** What such a name ends with. */
    public static String token(String name) {
        return name.substring(PREFIX.length());
    }

    /** Why nothing else can be done with such a name. */
    public static String reserved(String name) {
        return "queue name '" + name + "' contains reserved prefix 'amq.*': basic.get takes a deferred message from it";
    }
}
