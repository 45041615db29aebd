package io.tallymq.node.proof.lanes.choice;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import io.tallymq.node.proof.history.HistoryEvent;
import io.tallymq.node.proof.history.HistoryEvent.Answering;
import io.tallymq.node.proof.history.HistoryEvent.Kind;
import io.tallymq.node.proof.history.HistoryEvent.Remark;
import io.tallymq.node.proof.history.HistoryLog;
import io.tallymq.node.proof.history.MessageId;
import io.tallymq.node.proof.lanes.Worker;
import io.tallymq.node.proof.load.Clients;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/** Gets what was put aside by its token, once, and acks it. */
final class Fetcher extends Worker {
    private static final long LOOK_MILLIS = 200;

    /** Of a message that is known to be aside. */
    record Token(MessageId id, String step, String name) {}

    private final String queue;
    private final BlockingQueue<Token> tokens;
    private final HistoryLog history;

    Fetcher(String name, int node, String queue, BlockingQueue<Token> tokens, Clients clients, HistoryLog history) {
        super(name, node, clients);
        this.queue = queue;
        this.tokens = tokens;
        this.history = history;
    }

    @Override
    protected void work(Connection connection, String incarnation) throws IOException, InterruptedException {
        Channel channel = connection.createChannel();
        boolean lost = true;
        try {
            while (!stopped() && channel.isOpen()) {
                Token token = tokens.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
                if (token != null) {
                    fetch(channel, incarnation, token);
                }
            }
            lost = !channel.isOpen();
        } finally {
            if (lost) {
                history.add(t -> new HistoryEvent.Channel(Kind.GONE, t, incarnation));
            }
        }
        if (channel.getCloseReason() != null) {
            throw channel.getCloseReason();
        }
    }

    private void fetch(Channel channel, String name, Token token) throws IOException {
        Map<String, String> step = Map.of(Remark.STEP, token.step);
        history.add(t -> new Remark(Kind.FETCHING, t, name, token.id, step));
        GetResponse got = channel.basicGet("amq.deferred." + token.name, false);
        if (got == null) {
            history.add(t -> new Remark(Kind.MISSED, t, name, token.id, step));
            return;
        }
        Marks.note(history, name, queue, got.getEnvelope(), got.getProps(), got.getBody());
        history.add(t -> new Answering(Kind.ACKED, t, name, token.id));
        channel.basicAck(got.getEnvelope().getDeliveryTag(), false);
        history.add(t -> new HistoryEvent.Channel(Kind.ASKED, t, name));
        channel.queueDeclarePassive(queue);
        history.add(t -> new HistoryEvent.Channel(Kind.SETTLED, t, name));
    }
}
