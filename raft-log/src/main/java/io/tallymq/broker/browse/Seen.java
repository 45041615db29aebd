package io.tallymq.broker.browse;

import io.tallymq.broker.message.HeaderOverlay;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.store.ChunkBody;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.broker.view.Standing;
import java.util.Arrays;

/**
 * A message that is looked at, during the look.
 *
 * @param seq its number in its queue
 * @param part how it stands
 * @param place where it is in its chunk
 * @param overlay headers that settles added; null for none
 */
public record Seen(
        long seq, Standing.Part part, ChunkBody chunk, int place, HeaderOverlay overlay, MessageStore store) {
    private static final int PART_SIZE = 1 << 20;

    /** The array that has its record at {@link #at}. */
    public byte[] bytes() {
        return chunk.bytes();
    }

    public int at() {
        return chunk.at(place);
    }

    public Route route() {
        return chunk.route(place);
    }

    public long bodyLength() {
        return MessageRecord.bodyLength(bytes(), at());
    }

    /** The properties as who gets it finds them. */
    public byte[] properties() {
        int from = MessageRecord.propertiesOffset(bytes(), at());
        int length = MessageRecord.propertiesLength(bytes(), at());
        return overlay == null ? Arrays.copyOfRange(bytes(), from, from + length) : overlay.over(bytes(), from, length);
    }

    /** The body, at most so many bytes of it; null when it went meanwhile. May block on the disk. */
    public byte[] body(int most) {
        byte[] b = bytes();
        int at = at();
        int length = (int) Math.min(most, bodyLength());
        if (!MessageRecord.isExternal(b, at)) {
            int from = MessageRecord.bodyOffset(b, at);
            return Arrays.copyOfRange(b, from, from + length);
        }
        byte[] body = new byte[length];
        long offset = MessageRecord.externalOffset(b, at);
        for (int had = 0; had < length; ) {
            byte[] part = store.loadShared(MessageRecord.externalId(b, at), (int) ((offset + had) / PART_SIZE));
            if (part == null) {
                return null;
            }
            int from = (int) ((offset + had) % PART_SIZE);
            int n = Math.min(length - had, part.length - from);
            System.arraycopy(part, from, body, had, n);
            had += n;
        }
        return body;
    }
}
