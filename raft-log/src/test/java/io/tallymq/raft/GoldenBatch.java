package io.tallymq.raft;

import io.tallymq.broker.command.Command;
import io.tallymq.broker.command.CommandCodec;
import io.tallymq.broker.command.CommitTx;
import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.command.Settle;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.PropertiesBuilder;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.raft.entry.BatchCodec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;

/** A batch put together by hand: what a node would send, without a clock and without chance. */
public final class GoldenBatch {
    /** Property flags with a content type, and it. */
    private static final byte[] PROPERTIES = {(byte) 0x80, 0, 4, 't', 'e', 'x', 't'};

    private final String node;
    private final ByteWriter bytes = new ByteWriter();
    private final ByteWriter acks = new ByteWriter();
    private final List<Route> routes = new ArrayList<>();
    private int ackHolders;
    private int messages;
    private ByteWriter origins = new ByteWriter().varint(0).varint(0);

    GoldenBatch(String node) {
        this.node = node;
        BatchCodec.begin(bytes, node.getBytes(StandardCharsets.UTF_8));
    }

    GoldenBatch command(Command c) {
        CommandCodec.write(bytes, node, c);
        return this;
    }

    /** One run of messages to these routes in turn, so many in all; every third one is mandatory. */
    GoldenBatch publish(int count, String body, Route... to) {
        ByteWriter records = new ByteWriter();
        for (int i = 0; i < count; i++) {
            byte[] text = (body + i % 10).getBytes(StandardCharsets.UTF_8);
            MessageRecord.writeHeader(records, i % 3 / 2, route(to[i % to.length]), PROPERTIES.length, text.length);
            records.raw(PROPERTIES, 0, PROPERTIES.length).raw(text, 0, text.length);
        }
        return run(records, count);
    }

    /**
     * One run of messages that have more than a body.
     *
     * @param more of each, by its number in the run
     * @param properties of each, as those of {@link PropertiesBuilder}
     */
    GoldenBatch publish(int count, Route to, IntFunction<Extension> more, IntFunction<Map<String, Object>> properties) {
        return run(records(count, to, more, properties), count);
    }

    /** The same as a transaction, which settles before. */
    GoldenBatch commit(
            ConnectionId connection,
            int channel,
            List<Settle> settles,
            int count,
            Route to,
            IntFunction<Extension> more) {
        ByteWriter records = records(count, to, more, i -> Map.of());
        Publish run = new Publish(routes, records.array(), 0, records.size(), messages, Origins.NONE);
        messages += count;
        return command(new CommitTx(connection, channel, settles, run));
    }

    private ByteWriter records(
            int count, Route to, IntFunction<Extension> more, IntFunction<Map<String, Object>> properties) {
        ByteWriter records = new ByteWriter();
        for (int i = 0; i < count; i++) {
            byte[] extension = more.apply(i).encode();
            byte[] its = PropertiesBuilder.build(properties.apply(i));
            MessageRecord.writeHeader(records, 0, route(to), extension.length, its.length, 1);
            records.raw(extension, 0, extension.length).raw(its, 0, its.length).uint8('0' + i % 10);
        }
        return records;
    }

    /** Ends an upload. */
    GoldenBatch publishUpload(long upload, long length, Route to) {
        ByteWriter record = new ByteWriter();
        MessageRecord.writeHeader(
                record, MessageRecord.EXTERNAL_BODY, route(to), PROPERTIES.length, MessageRecord.EXTERNAL_LENGTH);
        record.raw(PROPERTIES, 0, PROPERTIES.length).int64(upload).int64(0).int64(length);
        return run(record, 1);
    }

    private GoldenBatch run(ByteWriter records, int count) {
        command(new Publish(routes, records.array(), 0, records.size(), messages, Origins.NONE));
        messages += count;
        return this;
    }

    private int route(Route to) {
        if (!routes.contains(to)) {
            routes.add(to);
        }
        return routes.indexOf(to);
    }

    /** Pairs of first and last. */
    GoldenBatch ack(long holder, long... ranges) {
        ackHolders++;
        CommandCodec.writeRanges(acks.varint(holder), ranges, ranges.length);
        return this;
    }

    /** All messages are from this channel. */
    GoldenBatch from(long connection, int channel) {
        origins = new ByteWriter().varint(1).varint(connection).varint(channel);
        origins.varint(1).varint(messages).varint(0);
        return this;
    }

    public byte[] end(long epoch, long seq, long time) {
        int trailer = bytes.size();
        bytes.varint(ackHolders).raw(acks.array(), 0, acks.size()).varint(routes.size());
        routes.forEach(r -> bytes.string(r.vhost()).string(r.exchange()).string(r.routingKey()));
        bytes.raw(origins.array(), 0, origins.size());
        BatchCodec.finish(bytes, epoch, seq, trailer);
        byte[] batch = bytes.toBytes();
        BatchCodec.stamp(batch, 0, time);
        return batch;
    }
}
