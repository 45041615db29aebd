package io.tallymq.amqp.wire;

/**
 * What a peer sent is not AMQP 0-9-1, or is more than we accept. Always an error of the whole connection: after it
 * nothing that the peer sends can be trusted to start at a frame boundary.
 *
 * <p>Carries no stack trace: a peer decides how often it is made.
 */
public final class WireException extends Exception {
    private static final long serialVersionUID = 1L;

    private final ReplyCode code;
    private final int classId;
    private final int methodId;

    public WireException(ReplyCode code, String explanation) {
        this(code, explanation, 0, 0);
    }

    /** With the ids of the method that could not be read; 0 and 0 if it was not a method frame. */
    public WireException(ReplyCode code, String explanation, int classId, int methodId) {
        super(explanation, null, false, false);
        this.code = code;
        this.classId = classId;
        this.methodId = methodId;
    }

    /** What can't be decoded: 501, as RabbitMQ has it, whatever is wrong with it. */
    static WireException malformed(String explanation) {
        return new WireException(ReplyCode.FRAME_ERROR, explanation);
    }

    WireException in(int failedClassId, int failedMethodId) {
        return new WireException(code, getMessage(), failedClassId, failedMethodId);
    }

    public ReplyCode code() {
        return code;
    }

    /** The reply-text for connection.close, within its 255 octets. */
    public String replyText() {
        return code.text(getMessage());
    }

    public int classId() {
        return classId;
    }

    public int methodId() {
        return methodId;
    }
}
