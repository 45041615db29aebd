package io.tallymq.broker;

import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Route;
import io.tallymq.broker.message.StateDigest;
import io.tallymq.broker.store.Chunk;
import io.tallymq.broker.store.ChunkBody;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.broker.view.BrokerView;
import java.nio.ByteBuffer;
import java.util.Arrays;

/** All that a store has of the messages of queues that outlive their clients: what the state's digest does not see. */
public record StoredMessages(long count, long digest) {
    public static StoredMessages in(MessageStore store) {
        BrokerMachine machine = new BrokerMachine(store);
        StateDigest digest = new StateDigest();
        long count = 0;
        for (BrokerView.QueueInfo q : machine.queues()) {
            if (q.spec().durable() && !q.spec().exclusive() && !q.spec().autoDelete()) {
                digest.add(q.vhost()).add(q.name());
                for (Chunk c : store.chunks(machine.queueNumber(q.vhost(), q.name()), 0, Long.MAX_VALUE)) {
                    count += c.count();
                    add(digest.add(c.firstSeq()).add(c.bytes()), store, store.load(c));
                }
            }
        }
        return new StoredMessages(count, digest.value());
    }

    private static void add(StateDigest digest, MessageStore store, ChunkBody body) {
        byte[] b = body.bytes();
        digest.add(body.publishedAt());
        for (int i = 0; i < body.count(); i++) {
            int at = body.at(i);
            Route r = body.route(i);
            digest.add(r.vhost()).add(r.exchange()).add(r.routingKey());
            digest.add(MessageRecord.isMandatory(b, at)).add(MessageRecord.bodyLength(b, at));
            digest.add(Arrays.copyOfRange(b, MessageRecord.propertiesOffset(b, at), MessageRecord.bodyOffset(b, at)));
            digest.add(body(store, b, at));
        }
    }

    private static byte[] body(MessageStore store, byte[] b, int at) {
        int from = MessageRecord.bodyOffset(b, at);
        if (!MessageRecord.isExternal(b, at)) {
            return Arrays.copyOfRange(b, from, from + MessageRecord.inlineLength(b, at));
        }
        ByteBuffer whole = ByteBuffer.allocate((int) MessageRecord.bodyLength(b, at));
        for (int part = 0; whole.hasRemaining(); part++) {
            whole.put(store.loadShared(MessageRecord.externalId(b, at), part));
        }
        return whole.array();
    }
}
