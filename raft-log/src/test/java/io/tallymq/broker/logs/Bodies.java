package io.tallymq.broker.logs;

import io.tallymq.broker.message.ByteReader;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.store.MessageStore;

/** The numbers that messages of random logs have: the first eight bytes of their bodies. */
final class Bodies {
    private Bodies() {}

    /** That of the record at {@code at}, wherever its body stands. */
    static long id(MessageStore store, byte[] bytes, int at) {
        if (!MessageRecord.isExternal(bytes, at)) {
            return ByteReader.int64(bytes, MessageRecord.bodyOffset(bytes, at));
        }
        byte[] part = store.loadShared(MessageRecord.externalId(bytes, at), 0);
        return ByteReader.int64(part, (int) MessageRecord.externalOffset(bytes, at));
    }
}
