package io.tallymq.broker;

/**
 * Who holds messages: a consumer, or a channel that used basic.get on a queue. Its credit is how many more messages it may be
 * given. A cancelled consumer lives on while it holds something.
 */
final class Holder implements Consumer {
    private final long number;
    private final ConnectionId connection;
    private final int channel;
    private final ConsumerSpec spec;
    private final boolean getter;
    private final Queue queue;
    final SeqRanges held;
    long credit;
    boolean cancelled;
    /** Nobody can refer to it any more. */
    boolean gone;
    /** The state differs from what the store has. */
    boolean dirty;

    private Holder(
            Queue queue,
            long number,
            ConnectionId connection,
            int channel,
            ConsumerSpec spec,
            boolean getter,
            SeqRanges held) {
        this.queue = queue;
        this.number = number;
        this.connection = connection;
        this.channel = channel;
        this.spec = spec;
        this.getter = getter;
        this.held = held;
    }

    static Holder consumer(Queue queue, long number, ConnectionId connection, int channel, ConsumerSpec spec) {
        Holder h = new Holder(queue, number, connection, channel, spec, false, new SeqRanges());
        h.credit = h.isLimited() ? spec.prefetch() + spec.window() : spec.window();
        return h;
    }

    static Holder getter(Queue queue, long number, ConnectionId connection, int channel) {
        ConsumerSpec spec = new ConsumerSpec("", false, false, 0, 0, Arguments.NONE);
        return new Holder(queue, number, connection, channel, spec, true, new SeqRanges());
    }

    @Override
    public long number() {
        return number;
    }

    @Override
    public ConnectionId connection() {
        return connection;
    }

    @Override
    public int channel() {
        return channel;
    }

    @Override
    public ConsumerSpec spec() {
        return spec;
    }

    Queue queue() {
        return queue;
    }

    boolean isGetter() {
        return getter;
    }

    /** Whether settling a message makes room for another; else only {@link Command.Credit} does. */
    private boolean isLimited() {
        return !spec.noAck() && spec.prefetch() > 0;
    }

    boolean isEligible() {
        return credit > 0 && !cancelled && !getter;
    }

    void settled(long messages) {
        if (isLimited() || spec.noAck()) {
            credit += messages;
        }
    }

    /** Room that the channel gives a consumer without limit. */
    void extend(int messages) {
        if (!isLimited() && !spec.noAck() && !getter) {
            credit += messages;
        }
    }

    byte[] key() {
        return Keys.of(Keys.HOLDER, queue.number(), number);
    }

    byte[] encode() {
        ByteWriter w = new ByteWriter(96);
        w.string(connection.node()).int64(connection.number()).uint16(channel);
        w.bool(getter).bool(cancelled).int64(credit);
        w.string(spec.tag()).bool(spec.noAck()).bool(spec.exclusive());
        w.int32(spec.prefetch()).int32(spec.window());
        ArgumentsCodec.write(w, spec.arguments());
        held.write(w);
        return w.toBytes();
    }

    static Holder decode(Queue queue, long number, byte[] value) {
        ByteReader r = new ByteReader(value);
        ConnectionId connection = new ConnectionId(r.string(), r.int64());
        int channel = r.uint16();
        boolean getter = r.bool();
        boolean cancelled = r.bool();
        long credit = r.int64();
        ConsumerSpec spec =
                new ConsumerSpec(r.string(), r.bool(), r.bool(), r.int32(), r.int32(), ArgumentsCodec.read(r));
        Holder h = new Holder(queue, number, connection, channel, spec, getter, SeqRanges.read(r));
        h.cancelled = cancelled;
        h.credit = credit;
        return h;
    }

    void digest(StateDigest d) {
        d.add(number).add(connection.node()).add(connection.number()).add((long) channel);
        d.add(getter).add(cancelled).add(credit).add(spec.tag());
        held.forEach((a, b) -> d.add(a).add(b));
    }
}
