package io.tallymq.node.proof.lanes;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.GetResponse;
import io.tallymq.node.proof.history.HistoryEvent.Told;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.TimeoutException;

/** Receipts by basic.get, and voids by publishes, on a channel of their own. Without a majority the connection ends. */
final class AmqpDesk implements ReceiptDesk {
    private static final long ANSWER_MILLIS = 60_000;

    private final ObjectMapper json = new ObjectMapper();
    private final Channel channel;
    private final Naming naming;

    AmqpDesk(Connection connection, Naming naming) throws IOException {
        this.naming = naming;
        channel = connection.createChannel();
        channel.confirmSelect();
    }

    @Override
    public Answer ask(String producer, long number) throws IOException {
        GetResponse got = channel.basicGet(naming.queue(producer, number), true);
        if (got == null) {
            throw new IllegalStateException("basic.get of a receipt: empty");
        }
        JsonNode r = json.readTree(got.getBody());
        Map<String, Object> headers = got.getProps().getHeaders();
        String outcome = String.valueOf(headers.get("x-outcome"));
        if (!outcome.equals(r.path("outcome").asText())) {
            throw new IllegalStateException("a receipt whose headers say " + headers + " and whose body says " + r);
        }
        return new Answer(
                outcome,
                Boolean.TRUE.equals(headers.get("x-final")),
                headers.get("x-index") instanceof Long index ? index : -1,
                (Long) headers.get("x-asked-at-index"),
                ReceiptDesk.times(r));
    }

    /** A nack says that it came, or is too old. */
    @Override
    public Answer makeVoid(String producer, long number) throws NoAnswerException, IOException, InterruptedException {
        channel.basicPublish("amq.receipt", "void", naming.toVoid(producer, number), new byte[0]);
        try {
            return new Answer(channel.waitForConfirms(ANSWER_MILLIS) ? Told.DONE : Told.CAME, false, -1, -1);
        } catch (TimeoutException e) {
            throw new NoAnswerException("no confirm of a void for " + ANSWER_MILLIS + " ms");
        }
    }

    @Override
    public void close() {}
}
