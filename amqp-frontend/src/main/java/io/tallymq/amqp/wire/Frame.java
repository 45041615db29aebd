package io.tallymq.amqp.wire;

/** The numbers of the frame layer (section 2.3 of the specification). */
public final class Frame {
    public static final int METHOD = 1;
    public static final int HEADER = 2;
    public static final int BODY = 3;
    public static final int HEARTBEAT = 8;

    /** The last octet of every frame. */
    public static final int END = 206;
    /** Type, channel and payload size. */
    public static final int PREFIX_BYTES = 7;
    /** What a frame takes besides its payload. */
    public static final int OVERHEAD_BYTES = PREFIX_BYTES + 1;
    /** The smallest frame-max a peer may ask for; every peer has to accept frames of this size. */
    public static final int MIN_MAX_BYTES = 4096;
    /** Frame-max until connection.tune-ok: what somebody who has not logged in yet can make us hold. */
    public static final int INITIAL_MAX_BYTES = 8192;
    /** Class id, weight and body size: what precedes the properties in a header frame. */
    static final int HEADER_FIXED_BYTES = 12;

    private Frame() {}
}
