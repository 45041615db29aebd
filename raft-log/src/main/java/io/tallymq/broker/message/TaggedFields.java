package io.tallymq.broker.message;

/**
 * What a later form of a command or of a stored record has behind its fields: varint tag, varint length, bytes; tags ascending. In
 * a command tag 0 ends them; in a record they end where it ends, so one without any costs nothing.
 *
 * <p>Tags below {@link #OPTIONAL} have to be understood: the state depends on them, and who does not know one stops with an
 * {@link UnknownFormatException}. They are written from the level on that brings them, so by then all nodes know them. Tags from
 * {@link #OPTIONAL} on may be passed over, and are lost when who does not know them writes the record anew: nothing that replicas
 * have in common may depend on them. A tag is never used for something else.
 */
public final class TaggedFields {
    public static final int OPTIONAL = 128;

    private static final int END = 0;

    /** Takes the fields that a reader knows. */
    @FunctionalInterface
    public interface Known {
        /**
         * One field.
         *
         * @param value ends where the field ends
         * @return whether the tag is known
         */
        boolean take(int tag, ByteReader value);
    }

    private TaggedFields() {}

    /** Reads those of a record of which no reader knows any yet. */
    public static void endRecord(ByteReader r) {
        if (r.hasRemaining()) {
            readRecord(r, (tag, value) -> false);
        }
    }

    /** Reads those of a record: all that is left of it. */
    public static void readRecord(ByteReader r, Known known) {
        while (r.hasRemaining()) {
            field((int) r.varint(), r, known);
        }
    }

    /** Reads those of a command of which no reader knows any yet. */
    public static void endCommand(ByteReader r) {
        readCommand(r, (tag, value) -> false);
    }

    /** Reads those of a command, up to their end. */
    public static void readCommand(ByteReader r, Known known) {
        for (int tag = (int) r.varint(); tag != END; tag = (int) r.varint()) {
            field(tag, r, known);
        }
    }

    /** Writes one. */
    public static void write(ByteWriter w, int tag, byte[] value) {
        w.varint(tag).bytes(value);
    }

    /** Ends those of a command. */
    public static void end(ByteWriter w) {
        w.uint8(END);
    }

    private static void field(int tag, ByteReader r, Known known) {
        int length = (int) r.varint();
        ByteReader value = new ByteReader(r.array(), r.skip(length), length);
        if (!known.take(tag, value) && tag < OPTIONAL) {
            throw UnknownFormatException.field(tag);
        }
    }
}
