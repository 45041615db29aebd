package io.tallymq.broker.store;

import io.tallymq.broker.message.ByteWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The keys of everything stored: a type byte, then big-endian numbers or zero-ended names. Never reused, never reordered. */
public final class Keys {
    /** {@link MessageStore.Applied}. */
    public static final byte APPLIED = 0x00;

    public static final byte MACHINE = 0x01;
    public static final byte NODE = 0x02;
    public static final byte CONNECTION = 0x03;
    public static final byte EXCHANGE = 0x04;
    public static final byte QUEUE = 0x05;
    public static final byte BINDING = 0x06;
    public static final byte UPLOAD = 0x07;
    public static final byte POLICY = 0x08;
    /** Queue state: head, tail, counters. */
    public static final byte QUEUE_STATE = 0x10;
    /** Settled bits of a partly settled chunk. */
    public static final byte SETTLED = 0x11;
    /** A consumer or getter: who it is. */
    public static final byte HOLDER = 0x12;
    /** How often a run of messages was tried, by its first number. */
    public static final byte ATTEMPTS = 0x13;
    /** A consumer or getter: its credit and what it holds. */
    public static final byte HELD = 0x14;
    /** A channel that has ended or whose consumers have a limit together. */
    public static final byte CHANNEL = 0x16;

    /** What went and whose messages, consumers and queues are not all given back and taken out yet. */
    public static final byte LEAVING = 0x17;

    /** A connection that went before its uploads were all taken out. */
    public static final byte UPLOADS_LEFT = 0x37;

    /** A channel that consumes direct replies. */
    public static final byte REPLY_CONSUMER = 0x1c;

    /** What an exchange or a queue has seen, in the order in which it came. */
    public static final byte SEEN = 0x09;

    /** Chunks that are gone and still to be taken out. */
    public static final byte OWED = 0x15;

    /** Messages that wait as dead letters, a run of them by its first number. */
    public static final byte DEAD = 0x18;

    /** When a scheduled message is due, and its number. */
    public static final byte SCHEDULE = 0x19;
    /** A scheduled message, by its number. */
    public static final byte SCHEDULED = 0x1a;
    /** The id of a scheduled message, by its number. */
    public static final byte SCHEDULE_ID = 0x1b;

    /** When those try again for which a queue had no room, by the queue's number. */
    public static final byte SCHEDULE_ROOM = 0x3c;

    /** Messages that rest before they come again, by the first number of the range. */
    public static final byte RESTING = 0x1d;

    /** Since when a consumer or getter has had what it holds. */
    public static final byte ACK_DEADLINE = 0x1e;

    /** A key whose messages are in one lane of a queue. */
    public static final byte LANE_KEY = 0x1f;

    /** The value by which a newer message takes the place of one, by its number. */
    public static final byte LAST_VALUE = 0x23;

    /** Headers that settles added to a message, by its number. */
    public static final byte OVERLAY = 0x24;

    /** The token of a message that was put aside, by its number. */
    public static final byte DEFERRED = 0x25;

    /** How far a reader of a stream was, by its name. */
    public static final byte STREAM_OFFSET = 0x0a;

    /** Chunks of a queue that were begun out of turn, a run of them by its first number. */
    public static final byte OUT_OF_TURN = 0x0d;

    /** What an exchange keeps for new bindings, in the order in which it came. */
    public static final byte RECENT = 0x0b;

    /** A virtual host, by its name. */
    public static final byte VHOST = 0x0c;
    /** A user, by his name. */
    public static final byte USER = 0x27;
    /** What a user may do in a virtual host, by these. */
    public static final byte PERMISSION = 0x0e;
    /** Something kept for the whole cluster, by its name. */
    public static final byte GLOBAL_PARAMETER = 0x0f;
    /** A change that an administrator made, by its number. */
    public static final byte AUDIT = 0x26;

    /** Somebody who names what he publishes, by his number. */
    public static final byte PRODUCER = 0x30;
    /** What became of some neighbours that a producer published, by his number and theirs. */
    public static final byte RECEIPTS = 0x31;
    /** What is known of a virtual host's producers that were forgotten, all together. */
    public static final byte PRODUCERS_FORGOTTEN = 0x32;
    /** One of them: the number of its virtual host's, and its id. */
    public static final byte PRODUCER_PAST = 0x3e;
    /** The same, in the order in which they were forgotten: ids. */
    public static final byte PRODUCER_PAST_ORDER = 0x3f;

    /** Such blocks that are to be taken out, by the producer's number and the first of them. */
    public static final byte RECEIPTS_LEFT = 0x33;

    /** What later entries told of ids in a group of them: the number of the exchange's ids, then that of the group. */
    public static final byte ID_CHANGES = 0x34;
    /** Ids of an exchange in the order in which they came, a block of them by its number: what is known of each. */
    public static final byte ID_BLOCK = 0x35;
    /** What an exchange's ids have in common, by their number. */
    public static final byte IDS = 0x36;

    /** Messages that left a queue and are still to be told of, a run of them by its first number. */
    public static final byte UNTOLD = 0x38;
    /** Chunks that were purged or deleted and are still to be told of, by the queue's number and their first message. */
    public static final byte FAREWELL = 0x39;
    /** Reports that later entries tell, a block by its number; without one what these have in common. */
    public static final byte REPORTS_KEPT = 0x3b;
    /** How many reports there were. */
    public static final byte REPORTS_TOLD = 0x3a;

    /** Some of what a holder with much holds, by queue, holder and the lowest message. */
    public static final byte HELD_BLOCK = 0x3d;

    public static final byte CHUNK = 0x20;
    /** A part of a shared body. */
    public static final byte SHARED = 0x21;
    /** How many chunks refer to a shared body. */
    public static final byte SHARED_REFERENCES = 0x22;

    private Keys() {}

    public static byte[] of(byte type) {
        return new byte[] {type};
    }

    public static byte[] of(byte type, long a) {
        byte[] k = new byte[9];
        k[0] = type;
        int64(k, 1, a);
        return k;
    }

    public static byte[] of(byte type, long a, long b) {
        byte[] k = new byte[17];
        k[0] = type;
        int64(k, 1, a);
        int64(k, 9, b);
        return k;
    }

    public static byte[] of(byte type, long a, byte[] rest) {
        byte[] k = Arrays.copyOf(of(type, a), 9 + rest.length);
        System.arraycopy(rest, 0, k, 9, rest.length);
        return k;
    }

    public static byte[] of(byte type, long a, long b, long c) {
        byte[] k = new byte[25];
        k[0] = type;
        int64(k, 1, a);
        int64(k, 9, b);
        int64(k, 17, c);
        return k;
    }

    /** The key of a chunk: type, queue, priority (0 for now), first sequence number. */
    public static byte[] chunk(long queue, long firstSeq) {
        byte[] k = new byte[18];
        k[0] = CHUNK;
        int64(k, 1, queue);
        k[9] = 0;
        int64(k, 10, firstSeq);
        return k;
    }

    public static byte[] named(byte type, String... names) {
        ByteWriter w = new ByteWriter(64);
        w.uint8(type);
        for (String n : names) {
            byte[] b = n.getBytes(StandardCharsets.UTF_8);
            w.raw(b, 0, b.length).uint8(0);
        }
        return w.toBytes();
    }

    private static void int64(byte[] k, int at, long v) {
        for (int i = 0; i < 8; i++) {
            k[at + i] = (byte) (v >>> (56 - 8 * i));
        }
    }
}
