package io.tallymq.broker.logs;

import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.MessageHeaders;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.store.MessageStore;
import java.util.Map;

/**
 * A message as it stands in a queue, in the schedule or in a publish.
 *
 * @param id its number, see {@link Messages}
 * @param bytes of its body
 * @param expires when its own time is over, milliseconds since the epoch; {@link Long#MAX_VALUE}: never
 * @param died whether it is a dead letter
 */
record StoredMessage(long id, long bytes, long expires, boolean died, Map<String, Object> headers) {
    /** The record at {@code at}. */
    static StoredMessage of(MessageStore store, byte[] record, int at, long publishedAt) {
        return of(Bodies.id(store, record, at), record, at, publishedAt);
    }

    /** The same of a body that may not be there. */
    static StoredMessage of(long id, byte[] record, int at, long publishedAt) {
        Extension more = Extension.of(record, at);
        Map<String, Object> headers = MessageHeaders.decode(
                record, MessageRecord.propertiesOffset(record, at), MessageRecord.propertiesLength(record, at));
        long expires = more.expiration() < 0 ? Long.MAX_VALUE : publishedAt + more.expiration();
        return new StoredMessage(id, MessageRecord.bodyLength(record, at), expires, more.died(), headers);
    }

    /** As {@link MessageHeaders#text}, of the short ones that random logs have. */
    String text(String header) {
        Object value = headers.get(header);
        return value == null ? null : value.toString();
    }

    /** The queue where a dead letter died last. */
    String diedIn() {
        return (String) headers.get("x-last-death-queue");
    }
}
