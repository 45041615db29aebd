package io.tallymq.broker;

import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.command.SetPolicy;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.RawProperties;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.spec.ConnectionId;
import io.tallymq.broker.spec.PolicySpec;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Messages with ids, and policies that make exchanges remember these. */
final class IdMessages {
    private IdMessages() {}

    /** One, whose body is a number. */
    record Message(byte[] properties, Extension more, long body) {
        Message with(Extension other) {
            return new Message(properties, other, body);
        }
    }

    /** Null: none. */
    static byte[] messageId(String id) {
        ByteWriter w = new ByteWriter();
        if (id == null) {
            return w.uint16(0).toBytes();
        }
        w.uint16(1 << 7);
        RawProperties.shortString(w, id);
        return w.toBytes();
    }

    static Message message(String id) {
        return new Message(messageId(id), Extension.NONE, 0);
    }

    /** Messages of one connection in one entry. */
    static Publish run(ConnectionId by, Route route, List<Message> messages) {
        ByteWriter w = new ByteWriter(256);
        for (Message m : messages) {
            byte[] more = m.more.encode();
            MessageRecord.writeHeader(w, 0, 0, more.length, m.properties.length, 8);
            w.raw(more, 0, more.length)
                    .raw(m.properties, 0, m.properties.length)
                    .int64(m.body);
        }
        ByteWriter o = new ByteWriter(16).varint(1).varint(by.number()).varint(1);
        o.varint(1).varint(messages.size()).varint(0);
        return new Publish(
                List.of(route), w.array(), 0, w.size(), 0, new Origins(new ByteReader(o.toBytes()), by.node()));
    }

    static List<Message> all(String... ids) {
        return Arrays.stream(ids).map(IdMessages::message).toList();
    }

    /** Of exchanges whose names match. */
    static SetPolicy policy(String pattern, Map<String, Object> definition) {
        return new SetPolicy(
                "/", "ids", false, new PolicySpec(pattern, "exchanges", 0, new Arguments(new TreeMap<>(definition))));
    }
}
