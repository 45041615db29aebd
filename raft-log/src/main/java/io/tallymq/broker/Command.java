package io.tallymq.broker;

import java.util.List;

/**
 * Everything that can change the broker. A command is decided upon in {@link BrokerMachine#apply}; its {@link Kind} is its
 * tag in the log and is never reused.
 */
public sealed interface Command {
    /** The tag of a command in the log. Append only: the ordinal plays no role, the code does. */
    enum Kind {
        NODE_UP(1),
        NODE_LOST(2),
        RAISE(7),
        OPEN_CONNECTION(3),
        CLOSE_CONNECTION(4),
        CLOSE_CHANNEL(5),
        ON_CHANNEL(6),
        DECLARE_EXCHANGE(10),
        DELETE_EXCHANGE(11),
        BIND_EXCHANGE(12),
        DECLARE_QUEUE(20),
        DELETE_QUEUE(21),
        PURGE_QUEUE(22),
        BIND_QUEUE(23),
        SUBSCRIBE(30),
        CANCEL(31),
        CREDIT(32),
        GET(33),
        SETTLE(34),
        RECOVER(35),
        QOS(36),
        TAKE_BACK(37),
        PUBLISH(40),
        BODY_PART(41),
        DROP_UPLOAD(42),
        PROBE(50);

        private final int code;

        Kind(int code) {
            this.code = code;
        }

        public int code() {
            return code;
        }
    }

    Kind kind();

    /** A node started. Closes whatever an older epoch of the same node held. */
    record NodeUp(String node, long epoch) implements Command {
        @Override
        public Kind kind() {
            return Kind.NODE_UP;
        }
    }

    /**
     * What a leader decides by what it sees of the cluster. It counts only in the term in which it was decided: a leader that was
     * replaced meanwhile, and whose word comes late, may have been the one that saw nothing.
     */
    sealed interface Decision extends Command permits NodeLost, Raise {
        /** Of Raft. */
        long term();
    }

    /** The leader's word that a node was silent for longer than the grace time, or has ended. Void when the node has a newer epoch. */
    record NodeLost(String node, long epoch, long term) implements Decision {
        @Override
        public Kind kind() {
            return Kind.NODE_LOST;
        }
    }

    /**
     * The leader's word that every configured node knows this level: from here on its commands and fields may be written, and
     * what it changes acts. A level that is not above the cluster's changes nothing.
     */
    record Raise(int level, long term) implements Decision {
        @Override
        public Kind kind() {
            return Kind.RAISE;
        }
    }

    /** connection.open: from here on the connection can own exclusive queues and consumers. */
    record OpenConnection(ConnectionId connection, ConnectionInfo info) implements Command {
        @Override
        public Kind kind() {
            return Kind.OPEN_CONNECTION;
        }
    }

    /**
     * What a client was sent by one holder and has not settled. All else that the holder has was assigned, but never sent.
     *
     * @param ranges pairs of first and last sequence number, inclusive, ascending
     */
    record Sent(long holder, long[] ranges) {}

    /** The connection is gone, whatever the cause: exclusive queues go, unacked messages return. */
    record CloseConnection(ConnectionId connection, List<Sent> sent) implements Command {
        @Override
        public Kind kind() {
            return Kind.CLOSE_CONNECTION;
        }
    }

    /** The channel is gone: its consumers go, its unacked messages return. */
    record CloseChannel(ConnectionId connection, int channel, List<Sent> sent) implements Command {
        @Override
        public Kind kind() {
            return Kind.CLOSE_CHANNEL;
        }
    }

    /**
     * What a client asked for on a channel. When it is refused, the channel has ended: what its client sent behind it (commands,
     * publishes, settles) is void, until the front end says {@link CloseChannel}.
     *
     * @param command has to be one that may be refused
     */
    record OnChannel(ConnectionId connection, int channel, Command command) implements Command {
        @Override
        public Kind kind() {
            return Kind.ON_CHANNEL;
        }
    }

    /** exchange.declare. */
    record DeclareExchange(String vhost, String name, ExchangeSpec spec, boolean passive) implements Command {
        @Override
        public Kind kind() {
            return Kind.DECLARE_EXCHANGE;
        }
    }

    /** exchange.delete; a missing exchange is fine. */
    record DeleteExchange(String vhost, String name, boolean ifUnused) implements Command {
        @Override
        public Kind kind() {
            return Kind.DELETE_EXCHANGE;
        }
    }

    /** exchange.bind, and exchange.unbind when {@code add} is false. */
    record BindExchange(String vhost, BindingKey binding, boolean add) implements Command {
        @Override
        public Kind kind() {
            return Kind.BIND_EXCHANGE;
        }
    }

    /**
     * queue.declare. The name is never empty here: the front end makes server names before it submits.
     *
     * @param serverNamed whether it did: clients may not make up names that begin like the server's
     */
    record DeclareQueue(
            ConnectionId connection, String vhost, String name, QueueSpec spec, boolean passive, boolean serverNamed)
            implements Command {
        /** With a name that the client gave. */
        public DeclareQueue(ConnectionId connection, String vhost, String name, QueueSpec spec, boolean passive) {
            this(connection, vhost, name, spec, passive, false);
        }

        @Override
        public Kind kind() {
            return Kind.DECLARE_QUEUE;
        }
    }

    /** queue.delete; a missing queue is fine. */
    record DeleteQueue(ConnectionId connection, String vhost, String name, boolean ifUnused, boolean ifEmpty)
            implements Command {
        @Override
        public Kind kind() {
            return Kind.DELETE_QUEUE;
        }
    }

    /** queue.purge: the ready messages go. */
    record PurgeQueue(ConnectionId connection, String vhost, String name) implements Command {
        @Override
        public Kind kind() {
            return Kind.PURGE_QUEUE;
        }
    }

    /** queue.bind, and queue.unbind when {@code add} is false. */
    record BindQueue(ConnectionId connection, String vhost, BindingKey binding, boolean add) implements Command {
        @Override
        public Kind kind() {
            return Kind.BIND_QUEUE;
        }
    }

    /** basic.consume. */
    record Subscribe(ConnectionId connection, int channel, String vhost, String queue, ConsumerSpec spec)
            implements Command {
        @Override
        public Kind kind() {
            return Kind.SUBSCRIBE;
        }
    }

    /** basic.cancel: no more deliveries; what the consumer holds stays with its channel. Unknown numbers are fine. */
    record Cancel(long consumer) implements Command {
        @Override
        public Kind kind() {
            return Kind.CANCEL;
        }
    }

    /** More room for a consumer without prefetch: {@code messages} were written to its socket. */
    record Credit(long consumer, int messages) implements Command {
        @Override
        public Kind kind() {
            return Kind.CREDIT;
        }
    }

    /**
     * basic.get.
     *
     * @param noAck the channel settles the message when it is written, whatever became of the channel
     */
    record Get(ConnectionId connection, int channel, String vhost, String queue, boolean noAck) implements Command {
        @Override
        public Kind kind() {
            return Kind.GET;
        }
    }

    /**
     * basic.ack, basic.nack and basic.reject: what {@code holder} (a consumer or a getter) held is settled. Messages it
     * does not hold (any more) are passed over: the channel has checked the delivery tags.
     *
     * @param ranges pairs of first and last sequence number, inclusive, ascending
     */
    record Settle(long holder, Outcome outcome, long[] ranges) implements Command {
        @Override
        public Kind kind() {
            return Kind.SETTLE;
        }
    }

    /** What becomes of a settled message. */
    enum Outcome {
        /** Consumed. */
        ACK,
        /** basic.nack with requeue: back to its place. */
        NACK_REQUEUE,
        /** basic.reject with requeue: back to its place; a delivery attempt that counts. */
        REJECT_REQUEUE,
        /** nack or reject without requeue: gone (dead-lettered where that is set up). */
        DISCARD,
        /** Assigned, but not sent to the client: back to its place as if it had never left it. */
        RELEASE
    }

    /**
     * A consumer rests: what it holds beyond what its client was sent goes back, as if it had never left, and nothing is assigned
     * beyond its prefetch until it settles again. What it is told of between this command and its reply goes back with the rest,
     * so nothing later is delivered before it.
     *
     * @param sent what the client was sent and has not settled: pairs of first and last sequence number, inclusive, ascending
     */
    record TakeBack(long consumer, long[] sent) implements Command {
        @Override
        public Kind kind() {
            return Kind.TAKE_BACK;
        }
    }

    /** basic.recover with requeue: all the channel holds goes back. */
    record Recover(ConnectionId connection, int channel) implements Command {
        @Override
        public Kind kind() {
            return Kind.RECOVER;
        }
    }

    /**
     * basic.qos with global: most messages that the consumers of the channel with acks hold together.
     *
     * @param limit 0 for none
     */
    record Qos(ConnectionId connection, int channel, int limit) implements Command {
        @Override
        public Kind kind() {
            return Kind.QOS;
        }
    }

    /**
     * A run of messages, in publishing order, possibly of many channels. {@code bytes[offset..end)} are message records in
     * the layout of {@link MessageRecord}; each names one of {@code routes} by position.
     *
     * @param first the ordinal within its batch of the first message, for refusals
     * @param origins which channel each message of the batch is from
     */
    record Publish(List<Route> routes, byte[] bytes, int offset, int end, int first, Origins origins)
            implements Command {
        @Override
        public Kind kind() {
            return Kind.PUBLISH;
        }

        /** The messages from the one at {@code at} on, which is message {@code ordinal} of its batch. */
        public Publish from(int at, int ordinal) {
            return new Publish(routes, bytes, at, end, ordinal, origins);
        }
    }

    /**
     * One part of a body that is too large for one entry. Parts come in order; the message that ends the upload refers to it
     * by number, which is unique within one start of a node. An upload that its connection never ends goes with it.
     */
    record BodyPart(ConnectionId connection, long upload, byte[] bytes, int offset, int length) implements Command {
        @Override
        public Kind kind() {
            return Kind.BODY_PART;
        }
    }

    /** An upload that no message will end, such as one of a publish that the front end refused. */
    record DropUpload(ConnectionId connection, long upload) implements Command {
        @Override
        public Kind kind() {
            return Kind.DROP_UPLOAD;
        }
    }

    /** Changes nothing; its reply tells that the whole path works, and carries the state's digest when asked for. */
    record Probe(boolean digest) implements Command {
        @Override
        public Kind kind() {
            return Kind.PROBE;
        }
    }
}
