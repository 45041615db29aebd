package io.tallymq.broker.logs;

import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.MessageRecord;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Records of messages as front ends make them, with all that a header or a property can ask for; numbered by their bodies. */
final class Messages {
    private static final int HEADERS = 1 << 13;
    private static final int PRIORITY = 1 << 11;
    private static final int EXPIRATION = 1 << 8;
    private static final int MESSAGE_ID = 1 << 7;

    private long id;

    /** The number of the last message. */
    long last() {
        return id;
    }

    /** For a body that goes ahead. */
    long next() {
        return ++id;
    }

    /** Appends a message of a route, whose body stands in it. */
    void add(ByteWriter w, int route, Dice dice) {
        int size = 8 + (dice.oneIn(12) ? 200 + dice.below(200) : dice.below(60));
        add(w, route, flags(dice), dice, later(dice), size);
        w.int64(next());
        w.reserve(size - 8);
    }

    /** A record as an operator's message has it that waits for its time. */
    byte[] kept(Dice dice) {
        ByteWriter w = new ByteWriter();
        add(w, 0, 0, dice, null, 8);
        return w.int64(next()).toBytes();
    }

    /** Appends a message whose body went ahead as an upload. */
    void addExternal(ByteWriter w, int route, long upload, long bytes, Dice dice) {
        int flags = MessageRecord.EXTERNAL_BODY | flags(dice);
        add(w, route, flags, dice, later(dice), MessageRecord.EXTERNAL_LENGTH);
        w.int64(upload).int64(0).int64(bytes);
    }

    private static int flags(Dice dice) {
        return dice.oneIn(3) ? MessageRecord.MANDATORY : 0;
    }

    private static void add(ByteWriter w, int route, int flags, Dice dice, Extension.Later later, int length) {
        long expiration = dice.oneIn(8) ? dice.below(250) : -1;
        List<String> copies = new ArrayList<>();
        for (int n = dice.oneIn(10) ? 1 + dice.below(2) : 0; n > 0; n--) {
            copies.add(dice.oneIn(6) ? "nowhere" : QueueShapes.name(dice));
        }
        int minQueues = dice.oneIn(40) ? 1 + dice.below(3) : 0;
        byte[] extension = new Extension(copies, minQueues, expiration, false, later).encode();
        byte[] properties = properties(dice, copies, expiration, later);
        MessageRecord.writeHeader(w, flags, route, extension.length, properties.length, length);
        w.raw(extension, 0, extension.length).raw(properties, 0, properties.length);
    }

    /** Now and then a message is for later; it may take another's place, or come at once in its place. */
    private static Extension.Later later(Dice dice) {
        if (!dice.oneIn(9)) {
            return null;
        }
        String id = dice.oneIn(2) ? "" : "job" + dice.below(3);
        return dice.oneIn(4) ? new Extension.Later(-1, 0, id) : new Extension.Later(dice.below(400), 0, id);
    }

    private static byte[] properties(Dice dice, List<String> copies, long expiration, Extension.Later later) {
        ByteWriter table = new ByteWriter();
        if (dice.oneIn(2)) {
            text(table, "x-deduplication-header", "d" + dice.below(5));
            if (dice.oneIn(8)) {
                number(table, "x-cache-ttl", dice.below(300));
            }
        }
        if (dice.oneIn(2)) {
            text(table, "x-group-id", "g" + dice.below(4));
        }
        if (dice.oneIn(2)) {
            text(table, "tenant", "t" + dice.below(4));
        }
        if (dice.oneIn(2)) {
            text(table, "device", "v" + dice.below(4));
        }
        if (later != null && later.delay() >= 0) {
            number(table, "x-delay", later.delay());
        } else if (dice.oneIn(3)) {
            number(table, "x-delay", -dice.below(400)); // it was delivered, and comes again
        }
        if (dice.oneIn(10)) {
            name(table, "x-recent-history-no-store").uint8('t').uint8(dice.below(2));
        }
        if (!copies.isEmpty()) {
            ByteWriter inner = new ByteWriter();
            copies.forEach(c -> string(inner.uint8('S'), c));
            name(table, "CC").uint8('A').int32(inner.size()).raw(inner.array(), 0, inner.size());
        }
        int priority = dice.oneIn(2) ? -1 : dice.oneIn(5) ? dice.below(256) : dice.below(7);
        int flags = (table.size() > 0 ? HEADERS : 0)
                | (priority >= 0 ? PRIORITY : 0)
                | (expiration >= 0 ? EXPIRATION : 0)
                | (dice.oneIn(3) ? MESSAGE_ID : 0);
        ByteWriter w = new ByteWriter().uint16(flags);
        if (table.size() > 0) {
            w.int32(table.size()).raw(table.array(), 0, table.size());
        }
        if (priority >= 0) {
            w.uint8(priority);
        }
        if (expiration >= 0) {
            shortString(w, Long.toString(expiration));
        }
        if ((flags & MESSAGE_ID) != 0) {
            shortString(w, "m" + dice.below(9));
        }
        return w.toBytes();
    }

    private static ByteWriter name(ByteWriter w, String name) {
        return shortString(w, name);
    }

    private static ByteWriter shortString(ByteWriter w, String s) {
        byte[] b = s.getBytes(StandardCharsets.UTF_8);
        return w.uint8(b.length).raw(b, 0, b.length);
    }

    private static void string(ByteWriter w, String s) {
        byte[] b = s.getBytes(StandardCharsets.UTF_8);
        w.int32(b.length).raw(b, 0, b.length);
    }

    private static void text(ByteWriter w, String name, String value) {
        string(name(w, name).uint8('S'), value);
    }

    private static void number(ByteWriter w, String name, long value) {
        name(w, name).uint8('l').int64(value);
    }
}
