package io.tallymq.broker;

import io.tallymq.broker.command.Origins;
import io.tallymq.broker.command.Publish;
import io.tallymq.broker.effect.Delivery;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.PropertiesBuilder;
import io.tallymq.broker.message.ReportEvent;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.message.Terms;
import io.tallymq.broker.store.ChunkBody;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Messages whose publisher wants to be told, and what he is told. */
final class SomeReports {
    static final int ALL = ReportEvent.bits(ReportEvent.words());

    /** One that is to be published. */
    record Message(String id, String replyTo, Extension extension, int priority, int size) {
        static Message of(String id, String replyTo, String words) {
            return new Message(id, replyTo, telling(ReportEvent.bits(words)), -1, 1);
        }

        Message with(Extension other) {
            return new Message(id, replyTo, other, priority, size);
        }
    }

    private SomeReports() {}

    static Extension telling(int bits) {
        return Extension.NONE.with(Terms.NONE.telling(bits));
    }

    static Publish run(Origins origins, Route route, List<Message> messages) {
        ByteWriter w = new ByteWriter(256);
        for (Message m : messages) {
            Map<String, Object> values = new TreeMap<>();
            values.put("message_id", m.id());
            if (m.replyTo() != null) {
                values.put("reply_to", m.replyTo());
            }
            if (m.priority() >= 0) {
                values.put("priority", (long) m.priority());
            }
            values.put("headers", new TreeMap<>(Map.of("g", "g" + Math.floorMod(m.id().hashCode(), 3))));
            byte[] properties = PropertiesBuilder.build(values);
            byte[] more = m.extension().encode();
            MessageRecord.writeHeader(w, 0, 0, more.length, properties.length, m.size());
            w.raw(more, 0, more.length).raw(properties, 0, properties.length);
            w.reserve(m.size());
        }
        return new Publish(List.of(route), w.array(), 0, w.size(), 0, origins);
    }

    /** The bodies of messages that were delivered. */
    static List<String> bodies(OneNode node, Delivery d) {
        ChunkBody body = d.chunk().body() != null ? d.chunk().body() : node.memory.load(d.chunk());
        List<String> texts = new ArrayList<>();
        for (int i = d.from(); i < d.to(); i++) {
            byte[] b = body.bytes();
            int at = body.at(i);
            texts.add(new String(
                    b, MessageRecord.bodyOffset(b, at), MessageRecord.inlineLength(b, at), StandardCharsets.UTF_8));
        }
        return texts;
    }

    /** A member of an object of one line; empty for none. */
    static String member(String line, String name) {
        Matcher m = Pattern.compile("\"" + name + "\":(\"[^\"]*\"|\\[[^]]*]|[0-9]+)")
                .matcher(line);
        return m.find() ? m.group(1).replace("\"", "") : "";
    }

    /** What a report says, in short. */
    static String brief(String line) {
        StringBuilder s = new StringBuilder(member(line, "event"));
        for (String name : List.of("message_id", "queue", "reason", "queues", "to")) {
            String value = member(line, name);
            s.append(value.isEmpty() ? "" : " " + value);
        }
        return s.toString();
    }
}
