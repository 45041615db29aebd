package io.tallymq.amqp.session;

import io.tallymq.amqp.socket.ClientTls;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.ConnectionInfo;
import java.util.List;

/**
 * What this node can tell about one of its client connections now.
 *
 * @param id null until connection.open was received, as {@code info}
 * @param name {@code peer:port -> host:port}
 * @param state as RabbitMQ names it: starting, tuning, opening, running, flow, blocked, closing, closed
 * @param channelNumbers open channels, in order
 * @param channelsOpened since the connection was accepted
 * @param tls how the socket is encrypted; null: it is not
 */
public record AmqpConnectionInfo(
        ConnectionId id,
        ConnectionInfo info,
        String name,
        String state,
        List<Integer> channelNumbers,
        int channelsOpened,
        ClientTls tls,
        Traffic traffic) {
    public AmqpConnectionInfo {
        channelNumbers = List.copyOf(channelNumbers);
    }

    /** How many channels are open. */
    public int channels() {
        return channelNumbers.size();
    }

    /**
     * What went over the socket since the connection was accepted.
     *
     * @param reads how often octets were taken from the socket, as sends how often they were given to it
     * @param pendingBytes written by the broker and not taken by the socket
     */
    public record Traffic(long receivedBytes, long sentBytes, long reads, long sends, long pendingBytes) {}
}
