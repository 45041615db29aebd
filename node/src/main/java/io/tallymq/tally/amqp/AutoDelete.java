package io.tallymq.tally.amqp;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ShutdownSignalException;
import java.io.IOException;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Whether a queue goes with its last consumer. No method asks for that, but a declare that says otherwise is refused with what differs: the flags first. */
final class AutoDelete {
    private static final Pattern DIFFERS = Pattern.compile("inequivalent arg '([^']*)'");
    private static final String UNKNOWN = "";

    private AutoDelete() {}

    /**
     * False also where nobody can tell: the user may not declare it, or the broker says it in other words.
     *
     * @throws IOException also if there is no such queue
     */
    static boolean isRuledOut(Connection there, String queue) throws IOException {
        String differs = differs(there, queue, true);
        if ("durable".equals(differs)) {
            differs = differs(there, queue, false);
        }
        return differs == null || differs.startsWith("x-");
    }

    /** What there is other than in a queue that does not go; null for nothing. */
    private static String differs(Connection there, String queue, boolean durable) throws IOException {
        Channel channel = there.createChannel();
        try {
            channel.queueDeclarePassive(queue); // one that is not there must not be made
            return declared(channel, queue, durable);
        } finally {
            channel.abort();
        }
    }

    private static String declared(Channel channel, String queue, boolean durable) throws IOException {
        try {
            channel.queueDeclare(queue, durable, false, false, Map.of());
            return null;
        } catch (IOException e) {
            if (e.getCause() instanceof ShutdownSignalException closed
                    && closed.getReason() instanceof AMQP.Channel.Close refusal) {
                Matcher what = DIFFERS.matcher(refusal.getReplyText());
                return what.find() ? what.group(1) : UNKNOWN;
            }
            throw e;
        }
    }
}
