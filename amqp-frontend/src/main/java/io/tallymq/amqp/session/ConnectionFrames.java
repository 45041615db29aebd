package io.tallymq.amqp.session;

import io.netty.buffer.ByteBuf;
import io.tallymq.amqp.channel.AmqpError;
import io.tallymq.amqp.wire.ConnectionMethod;
import io.tallymq.amqp.wire.FrameListener;
import io.tallymq.amqp.wire.Method;
import io.tallymq.amqp.wire.MethodId;
import io.tallymq.amqp.wire.ReplyCode;
import io.tallymq.amqp.wire.WireException;

/** What a client sends, frame by frame: whose it is depends on the phase that the connection is in, and on the channel. Event loop only. */
final class ConnectionFrames implements FrameListener {
    private final AmqpConnection connection;
    private int methods;

    ConnectionFrames(AmqpConnection connection) {
        this.connection = connection;
    }

    /** How many methods came since this was asked last. */
    int takeMethods() {
        int came = methods;
        methods = 0;
        return came;
    }

    @Override
    public void onProtocolHeader(boolean accepted) {
        if (connection.phase() != ConnectionPhase.STARTING) {
            return; // one was refused, and what follows it is no matter
        }
        if (accepted) {
            connection.handshake().start();
        } else {
            connection.otherProtocol();
        }
    }

    @Override
    public void onMethod(int channel, Method method) {
        methods++;
        switch (connection.phase()) {
            case RUNNING -> {
                if (channel == 0) {
                    connectionMethod(method);
                } else {
                    connection.session().channels().onMethod(channel, method);
                }
            }
            case STARTING, TUNING -> {
                if (channel == 0 && method.id() == MethodId.CONNECTION_CLOSE) {
                    connection.clientCloses();
                } else {
                    connection.handshake().onMethod(channel, method);
                }
            }
            case CLOSING -> connection.closing().onMethod(channel, method);
            case OPENING -> throw new IllegalStateException("the decoder is suspended");
            case CLOSED -> {
                // Nothing is written any more.
            }
        }
    }

    private void connectionMethod(Method method) {
        if (method.id() == MethodId.CONNECTION_CLOSE) {
            connection.clientCloses();
        } else if (method.id() == MethodId.CONNECTION_UPDATE_SECRET) {
            // Passwords don't expire, so that a new one changes nothing: what RabbitMQ answers without OAuth.
            connection.write(new ConnectionMethod.UpdateSecretOk());
        } else {
            connection.fail(AmqpError.of(
                    ReplyCode.CHANNEL_ERROR,
                    method.name() + " has no place on channel 0 of an open connection",
                    method.id()));
        }
    }

    @Override
    public void onHeader(int channel, int classId, int weight, long bodySize, ByteBuf properties) {
        AmqpChannel found = channelForContent(channel);
        if (found != null) {
            found.onHeader(classId, weight, bodySize, properties);
        }
    }

    @Override
    public void onBody(int channel, ByteBuf octets) {
        AmqpChannel found = channelForContent(channel);
        if (found != null) {
            found.onBody(octets);
        }
    }

    private AmqpChannel channelForContent(int channel) {
        ConnectionPhase phase = connection.phase();
        if (phase == ConnectionPhase.CLOSING || phase == ConnectionPhase.CLOSED) {
            return null;
        }
        if (phase != ConnectionPhase.RUNNING || channel == 0) {
            connection.fail(AmqpError.connection(
                    ReplyCode.UNEXPECTED_FRAME, "content has no place on channel " + channel + " now"));
            return null;
        }
        return connection.session().channels().forContent(channel);
    }

    @Override
    public void onHeartbeat() {
        // Any octets are a sign of life; they were counted.
    }

    @Override
    public void onError(int channel, WireException error) {
        connection.fail(AmqpError.of(error));
    }
}
