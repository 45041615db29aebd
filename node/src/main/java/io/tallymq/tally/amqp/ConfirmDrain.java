package io.tallymq.tally.amqp;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.ShutdownSignalException;
import io.tallymq.tally.context.Failure;
import io.tallymq.tally.output.Output;
import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Takes everything out of the queue and writes down what came. Ends when it is empty and nothing that was promised is missing, or long after. */
final class ConfirmDrain {
    private static final int PREFETCH = 500;
    private static final long LOOK_MILLIS = 500;
    /** Without a message, an empty queue is believed to be one. */
    private static final int QUIET_LOOKS = 4;
    /** And so many when promises are not kept yet: a message may be held for a node that is gone. */
    private static final int PATIENT_LOOKS = 60;

    private static final long PAUSE_MILLIS = 500;

    private final AmqpNodes nodes;
    private final String queue;
    private final String run;
    private final ConfirmLedger ledger;
    private final Output out;
    private int quiet;

    ConfirmDrain(AmqpNodes nodes, String queue, String run, ConfirmLedger ledger, Output out) {
        this.nodes = nodes;
        this.queue = queue;
        this.run = run;
        this.ledger = ledger;
        this.out = out;
    }

    void drain() throws InterruptedException {
        for (int attempt = 0; ; attempt++) {
            try (Connection connection = nodes.connect("tally verify-confirms drain", attempt)) {
                drain(connection);
                return;
            } catch (IOException | ShutdownSignalException e) {
                out.progress("a connection was lost while draining; going on");
            } catch (Failure e) {
                if (attempt > PATIENT_LOOKS) {
                    throw e;
                }
                Thread.sleep(PAUSE_MILLIS);
            }
        }
    }

    private void drain(Connection connection) throws IOException, InterruptedException {
        Channel channel = connection.createChannel();
        channel.basicQos(PREFETCH);
        BlockingQueue<Delivery> arrived = new LinkedBlockingQueue<>();
        channel.basicConsume(queue, false, (tag, delivery) -> arrived.add(delivery), tag -> {});
        while (true) {
            Delivery delivery = arrived.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
            if (delivery != null) {
                quiet = 0;
                ledger.deliver(
                        ConfirmedStream.message(delivery.getBody(), run),
                        delivery.getEnvelope().isRedeliver());
                channel.basicAck(delivery.getEnvelope().getDeliveryTag(), false);
            } else if (!channel.isOpen()) {
                throw channel.getCloseReason();
            } else if (channel.messageCount(queue) == 0
                    && ++quiet >= (ledger.missing() == 0 ? QUIET_LOOKS : PATIENT_LOOKS)) {
                return;
            }
        }
    }
}
