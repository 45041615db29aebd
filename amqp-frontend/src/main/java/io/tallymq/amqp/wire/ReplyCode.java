package io.tallymq.amqp.wire;

/** The reply codes of AMQP 0-9-1 (section 1.2) and what each of them closes. Immutable. */
public enum ReplyCode {
    REPLY_SUCCESS(200, Kind.SUCCESS),
    CONTENT_TOO_LARGE(311, Kind.SOFT),
    NO_ROUTE(312, Kind.SOFT),
    NO_CONSUMERS(313, Kind.SOFT),
    CONNECTION_FORCED(320, Kind.HARD),
    INVALID_PATH(402, Kind.HARD),
    ACCESS_REFUSED(403, Kind.SOFT),
    NOT_FOUND(404, Kind.SOFT),
    RESOURCE_LOCKED(405, Kind.SOFT),
    PRECONDITION_FAILED(406, Kind.SOFT),
    FRAME_ERROR(501, Kind.HARD),
    SYNTAX_ERROR(502, Kind.HARD),
    COMMAND_INVALID(503, Kind.HARD),
    CHANNEL_ERROR(504, Kind.HARD),
    UNEXPECTED_FRAME(505, Kind.HARD),
    RESOURCE_ERROR(506, Kind.HARD),
    NOT_ALLOWED(530, Kind.HARD),
    NOT_IMPLEMENTED(540, Kind.HARD),
    INTERNAL_ERROR(541, Kind.HARD);

    /** How far an error reaches: a soft error closes the channel, a hard one the connection. */
    public enum Kind {
        SUCCESS,
        SOFT,
        HARD
    }

    /** A reply text is a short string: at most this many octets. */
    public static final int MAX_TEXT_BYTES = 255;

    private final int code;
    private final Kind kind;

    ReplyCode(int code, Kind kind) {
        this.code = code;
        this.kind = kind;
    }

    /** The number sent as reply-code. */
    public int code() {
        return code;
    }

    public Kind kind() {
        return kind;
    }

    /** True if the specification closes the whole connection for this code. */
    public boolean closesConnection() {
        return kind == Kind.HARD;
    }

    /**
     * The reply-text of this code: {@code NAME - explanation}, cut to {@link #MAX_TEXT_BYTES} octets of UTF-8 without
     * splitting a character.
     */
    public String text(String explanation) {
        return Utf8.cut(name() + " - " + explanation, MAX_TEXT_BYTES);
    }

    /** The constant with this number, or null if AMQP 0-9-1 has none. */
    public static ReplyCode find(int code) {
        for (ReplyCode candidate : values()) {
            if (candidate.code == code) {
                return candidate;
            }
        }
        return null;
    }
}
