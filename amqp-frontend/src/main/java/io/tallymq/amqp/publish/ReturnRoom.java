package io.tallymq.amqp.publish;

/** How many bytes a connection keeps of publishes that settle, in case that they come back. Event loop only. */
final class ReturnRoom {
    static final int MOST_BYTES = 4 << 20;

    private static final byte[] NO_PROPERTIES = new byte[2];

    private int taken;

    /** What is kept of such properties: themselves, or none when there is no room. {@link #give} follows. */
    byte[] keep(byte[] properties) {
        byte[] kept = taken + properties.length <= MOST_BYTES ? properties : NO_PROPERTIES;
        taken += kept.length;
        return kept;
    }

    /** They are not needed any more. */
    void give(byte[] kept) {
        taken -= kept.length;
    }
}
