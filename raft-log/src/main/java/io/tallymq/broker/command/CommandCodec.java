package io.tallymq.broker.command;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.TaggedFields;
import io.tallymq.broker.message.UnreadableEntryException;

/**
 * The bytes of a command within a batch of layout 1: u8 {@link CommandKind#code}, then its fields. Numbers
 * are varints, texts are a varint length and UTF-8, the name of the batch's own node is written as an empty text. What is
 * written once must be readable for ever: fields are never changed, what is added comes as {@link TaggedFields}, a different
 * command gets a new code and comes with a level.
 */
public final class CommandCodec {
    private CommandCodec() {}

    /** Appends a command. {@code node} is the name of the batch's node. */
    public static void write(ByteWriter w, String node, Command command) {
        w.uint8(command.kind().code());
        command.write(w, node);
        if (command.kind().grows()) {
            TaggedFields.end(w);
        }
    }

    /**
     * Reads the next command. Bodies stay slices of the reader's array.
     *
     * @throws UnreadableEntryException this program does not know it
     */
    public static Command read(ByteReader r, InBatch in) {
        CommandKind kind = CommandKind.of(r.uint8());
        Command command = kind.reader().read(r, in);
        if (kind.grows()) {
            TaggedFields.endCommand(r);
        }
        return command;
    }

    /** Pairs of first and last, ascending: each as the distance from the end of the one before, and its length less one. */
    public static void writeRanges(ByteWriter w, long[] ranges, int length) {
        Fields.writeRanges(w, ranges, length);
    }

    /** What {@link #writeRanges} wrote. */
    public static long[] readRanges(ByteReader r) {
        return Fields.readRanges(r);
    }
}
