package io.tallymq.broker.routing;

import io.tallymq.broker.message.Extension;
import io.tallymq.broker.message.MessageHeaders;
import io.tallymq.broker.message.MessageProperties;
import io.tallymq.broker.message.MessageRecord;
import io.tallymq.broker.message.Terms;
import java.util.List;
import java.util.Map;

/** A message on its way through the exchanges, as far as more than its route decides. Used again for the next one. */
public final class RoutedMessage {
    private byte[] bytes;
    private int properties;
    private int length;
    private Extension extension;
    private long chance;
    private Map<String, Object> headers;

    /**
     * The message whose record stands at {@code at}.
     *
     * @param chance the same number on every replica and after every restart, another one for each message
     */
    public RoutedMessage of(byte[] record, int at, long chance) {
        return of(record, at, chance, Extension.of(record, at));
    }

    /** The same, with its extension. */
    public RoutedMessage of(byte[] record, int at, long chance, Extension more) {
        this.bytes = record;
        this.properties = MessageRecord.propertiesOffset(record, at);
        this.length = MessageRecord.propertiesLength(record, at);
        this.extension = more;
        this.chance = chance;
        this.headers = null;
        return this;
    }

    /** Routing keys beside the one of its route. */
    public List<String> keys() {
        return extension.keys();
    }

    /** When it is due if it comes at this time; 0: at once. */
    public long due(long time) {
        return extension.later() == null ? 0 : extension.later().due(time);
    }

    /** By which it can be called off as long as it is not due; empty for none. */
    public String scheduleId() {
        return extension.later() == null ? "" : extension.later().id();
    }

    /** Fewer queues than that are too few. */
    public int minQueues() {
        return extension.minQueues();
    }

    /** Its name and its conditions. */
    public Terms terms() {
        return extension.terms();
    }

    /** Decoded once. */
    Map<String, Object> headers() {
        if (headers == null) {
            headers = MessageHeaders.decode(bytes, properties, length);
        }
        return headers;
    }

    /** Null when the message does not have it. */
    String property(MessageProperties.Property p) {
        return MessageProperties.text(bytes, properties, length, p);
    }

    long chance() {
        return chance;
    }
}
