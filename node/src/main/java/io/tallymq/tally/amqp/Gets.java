package io.tallymq.tally.amqp;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.GetResponse;
import java.io.IOException;
import java.util.function.BooleanSupplier;

/** One message after the other, each asked for: who does not consume is nobody's last consumer. */
final class Gets implements Incoming {
    /** Without an ack at a time. */
    static final int MOST = 100;

    private final Channel channel;
    private final String queue;
    private final BooleanSupplier hasRoom;

    /** @param hasRoom whether one more may be without an ack */
    Gets(Channel channel, String queue, BooleanSupplier hasRoom) {
        this.channel = channel;
        this.queue = queue;
        this.hasRoom = hasRoom;
    }

    @Override
    public Delivery poll(long millis) throws IOException, InterruptedException {
        GetResponse message = hasRoom.getAsBoolean() ? channel.basicGet(queue, false) : null;
        if (message == null) {
            Thread.sleep(millis);
            return null;
        }
        return new Delivery(message.getEnvelope(), message.getProps(), message.getBody());
    }

    @Override
    public void stop() {
        // nothing comes that was not asked for
    }

    @Override
    public void goOn() {
        // the next poll asks
    }

    @Override
    public int window() {
        return MOST;
    }

    @Override
    public boolean isCancelled() {
        return false;
    }

    @Override
    public boolean isEmpty() {
        return true;
    }
}
