package io.tallymq.broker;

import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.Sent;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.effect.Reply;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.routing.ExchangeRules;
import io.tallymq.broker.spec.ConnectionId;
import java.util.List;
import java.util.function.Consumer;

/**
 * A client connection's way into the replicated broker. Called on the connection's event loop only; no method blocks. Commands
 * of one session take effect in the order they were given, except that acks may overtake publishes that can't be refused within one
 * batch.
 */
public interface Session {
    ConnectionId id();

    /** Replicates a command; the reply comes on the loop, in log order among all the session's events. */
    void submit(Command command, Consumer<Reply> onReply);

    /** Replicates a command whose reply nobody waits for. */
    void submit(Command command);

    /**
     * Publishes a message whose body fits one entry (at most {@link Broker#PART_SIZE}).
     *
     * @param channel the channel's number, for {@link SessionListener}
     * @param seq the publish's number on the channel, 1, 2, ...: comes back in confirms, returns and refusals, also on
     *     channels without confirm mode
     */
    void publish(int channel, long seq, PublishTarget target, Content content);

    /**
     * One part of a body over {@link Broker#PART_SIZE}. All parts but the last have exactly that size.
     *
     * @return the upload's number: the same one for all parts; pass 0 with the first part
     */
    long uploadPart(long upload, Content part);

    /** Ends an upload: publishes a message whose body are the upload's parts, {@code bodyLength} bytes in all. */
    void publishUpload(int channel, long seq, PublishTarget target, Content properties, long upload, long bodyLength);

    /**
     * tx.commit: settles and publishes as a whole. What it publishes must fit one entry, {@link Broker#PART_SIZE} bytes: larger bodies are
     * uploaded before. The reply is {@link Reply#OK}, or a refusal that has ended the channel.
     *
     * @param publishes in order; each has the next number of the channel
     */
    void commit(int channel, List<Settle> settles, List<Staged> publishes, Consumer<Reply> onReply);

    /** Acks: the messages {@code firstSeq} to {@code lastSeq} (inclusive) of what {@code holder} holds. */
    void ack(long holder, long firstSeq, long lastSeq);

    /**
     * The client publishes without confirms, or does so no more: it waits for nothing, so less of what it sends is taken at a time. Others would wait for
     * all of it.
     */
    default void publishesUnconfirmed(boolean does) {}

    /**
     * False while too much is pending: the socket should not be read until {@link SessionListener#writable}.
     *
     * @param publisher whether the client publishes; others have to wait only if their acks and commands alone fill the node
     */
    boolean isWritable(boolean publisher);

    /**
     * Whether messages may be handed to the client at this moment. False while the cluster may have gone on without this node,
     * and then {@link SessionListener#deliverable} says when it is true again. To be asked right before something is written.
     */
    boolean mayDeliver();

    /**
     * The client is gone. Replicates the close; the listener hears nothing any more.
     *
     * @param sent what the client was sent and has not settled
     */
    void close(List<Sent> sent);

    /**
     * Where a message goes, and what its publisher wants to hear of it: that it reached no queue (mandatory), or why it was refused,
     * which a mandatory one tells, too. The same instance may be used again for the next message; equal names may be one instance. Its order helps those who
     * look targets up, as {@link Route}'s does: clients may choose names whose hashes are the same.
     */
    record PublishTarget(String vhost, String exchange, String routingKey, boolean mandatory, boolean tellsReason)
            implements Comparable<PublishTarget> {
        @Override
        public int compareTo(PublishTarget o) {
            int c = routingKey.compareTo(o.routingKey);
            if (c == 0) {
                c = exchange.compareTo(o.exchange);
            }
            if (c == 0) {
                c = vhost.compareTo(o.vhost);
            }
            return c == 0 ? flags() - o.flags() : c;
        }

        /** Of a client that asks for reasons by mandatory alone. */
        public PublishTarget(String vhost, String exchange, String routingKey, boolean mandatory) {
            this(vhost, exchange, routingKey, mandatory, false);
        }

        /** The record's flags that say the same. */
        public int flags() {
            return (mandatory ? MessageRecord.MANDATORY : 0) | (tellsReason ? MessageRecord.TELLS_REASON : 0);
        }

        /** Whether the exchange may not be there, or may not be published to. */
        public boolean mayBeRefused() {
            return !exchange.isEmpty() && !ExchangeRules.isPredeclared(exchange);
        }
    }

    /**
     * A publish of a transaction.
     *
     * @param upload its body's, 0 if the content has it
     * @param bodyLength of all of the body
     */
    record Staged(long seq, PublishTarget target, Content content, long upload, long bodyLength) {}

    /**
     * The publisher asks for the message's own times. What it says of itself, so that it is found; empty for nothing.
     *
     * @param user who publishes it
     */
    record Trace(String user, String messageId, String correlationId) {}

    /** The bytes of a message, to be copied into the batch at once. */
    interface Content {
        byte[] NO_OCTETS = {};

        /** Null for what is not traced. */
        default Trace trace() {
            return null;
        }

        /** What the front end adds to the message, see {@link io.tallymq.broker.message.Extension}. Nobody changes it. */
        default byte[] extension() {
            return NO_OCTETS;
        }

        /** As they came. Nobody changes them. */
        byte[] properties();

        int bodyLength();

        /** Writes {@link #bodyLength} bytes. */
        void copyBody(byte[] to, int offset);
    }
}
