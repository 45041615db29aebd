package io.tallymq.amqp.config;

import io.tallymq.amqp.wire.Frame;

/**
 * What a client may ask for.
 *
 * @param frameMax largest frame in bytes, offered in connection.tune
 * @param channelMax most channels of a connection, offered in connection.tune
 * @param heartbeat seconds, offered in connection.tune; 0 offers none
 * @param handshakeTimeout milliseconds from TCP accept to connection.open
 * @param maxMessageSize largest body in bytes
 * @param preLoginFrameMax largest frame in bytes before the login
 * @param preLoginBytes most bytes a client may send before the login, in all
 * @param handshakesPerAddress most connections of one address at a time that have not logged in
 */
public record ProtocolLimits(
        int frameMax,
        int channelMax,
        int heartbeat,
        int handshakeTimeout,
        long maxMessageSize,
        int preLoginFrameMax,
        int preLoginBytes,
        int handshakesPerAddress) {
    public static final int DEFAULT_FRAME_MAX = 131_072;
    public static final int DEFAULT_CHANNEL_MAX = 2047;
    public static final int DEFAULT_HEARTBEAT = 60;
    public static final int DEFAULT_HANDSHAKE_TIMEOUT = 10_000;
    public static final long DEFAULT_MAX_MESSAGE_SIZE = 16L << 20;
    /** No configuration can allow more: a body stands in the broker's log in parts, and all of them are kept. */
    public static final long LARGEST_MAX_MESSAGE_SIZE = 128L << 20;

    public static final int DEFAULT_PRE_LOGIN_BYTES = 65_536;
    public static final int DEFAULT_HANDSHAKES_PER_ADDRESS = 1_000;

    private static final int MAX_UNSIGNED_SHORT = 65_535;

    public ProtocolLimits {
        require("frame-max", frameMax, Frame.MIN_MAX_BYTES, 16 << 20);
        require("channel-max", channelMax, 1, MAX_UNSIGNED_SHORT);
        require("heartbeat", heartbeat, 0, MAX_UNSIGNED_SHORT);
        require("handshake timeout", handshakeTimeout, 1, 600_000);
        require("maximum message size", maxMessageSize, 0, LARGEST_MAX_MESSAGE_SIZE);
        require("frame-max before login", preLoginFrameMax, Frame.MIN_MAX_BYTES, 1 << 20);
        require("bytes before login", preLoginBytes, Frame.MIN_MAX_BYTES, 1 << 20);
        require("connections of an address before login", handshakesPerAddress, 1, Integer.MAX_VALUE);
    }

    private static void require(String name, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + " has to be " + least + " to " + most + ": " + value);
        }
    }

    public static ProtocolLimits defaults() {
        return new ProtocolLimits(
                DEFAULT_FRAME_MAX,
                DEFAULT_CHANNEL_MAX,
                DEFAULT_HEARTBEAT,
                DEFAULT_HANDSHAKE_TIMEOUT,
                DEFAULT_MAX_MESSAGE_SIZE,
                Frame.INITIAL_MAX_BYTES,
                DEFAULT_PRE_LOGIN_BYTES,
                DEFAULT_HANDSHAKES_PER_ADDRESS);
    }

    public ProtocolLimits withFrameMax(int bytes) {
        return new ProtocolLimits(
                bytes,
                channelMax,
                heartbeat,
                handshakeTimeout,
                maxMessageSize,
                preLoginFrameMax,
                preLoginBytes,
                handshakesPerAddress);
    }

    public ProtocolLimits withChannelMax(int channels) {
        return new ProtocolLimits(
                frameMax,
                channels,
                heartbeat,
                handshakeTimeout,
                maxMessageSize,
                preLoginFrameMax,
                preLoginBytes,
                handshakesPerAddress);
    }

    public ProtocolLimits withHeartbeat(int seconds) {
        return new ProtocolLimits(
                frameMax,
                channelMax,
                seconds,
                handshakeTimeout,
                maxMessageSize,
                preLoginFrameMax,
                preLoginBytes,
                handshakesPerAddress);
    }

    public ProtocolLimits withHandshakeTimeout(int milliseconds) {
        return new ProtocolLimits(
                frameMax,
                channelMax,
                heartbeat,
                milliseconds,
                maxMessageSize,
                preLoginFrameMax,
                preLoginBytes,
                handshakesPerAddress);
    }

    public ProtocolLimits withMaxMessageSize(long bytes) {
        return new ProtocolLimits(
                frameMax,
                channelMax,
                heartbeat,
                handshakeTimeout,
                bytes,
                preLoginFrameMax,
                preLoginBytes,
                handshakesPerAddress);
    }

    public ProtocolLimits withHandshakesPerAddress(int connections) {
        return new ProtocolLimits(
                frameMax,
                channelMax,
                heartbeat,
                handshakeTimeout,
                maxMessageSize,
                preLoginFrameMax,
                preLoginBytes,
                connections);
    }
}
