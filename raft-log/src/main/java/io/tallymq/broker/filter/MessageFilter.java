package io.tallymq.broker.filter;

import io.tallymq.broker.message.HeaderOverlay;
import io.tallymq.broker.message.MessageHeaders;
import io.tallymq.broker.message.MessageRecord;
import java.util.List;
import java.util.Map;

/**
 * Consume argument x-filter: which messages a consumer wants. Each entry names a header, or a property as {@code properties.NAME}, and says
 * what it has to be: a value, one of a list, or what a table of operators says; all entries have to hold. Immutable; any thread.
 */
public final class MessageFilter {
    /**
     * One entry.
     *
     * @param header the name, if it is not about a property
     * @param property null for a header
     */
    record Entry(String header, FilteredProperty property, List<Condition> conditions) {
        boolean holds(Object value, boolean present) {
            for (Condition c : conditions) {
                if (!c.holds(value, present)) {
                    return false;
                }
            }
            return true;
        }
    }

    private final List<Entry> properties;
    private final List<Entry> headers;

    private MessageFilter(List<Entry> entries) {
        this.properties = entries.stream().filter(e -> e.property != null).toList();
        this.headers = entries.stream().filter(e -> e.property == null).toList();
    }

    /** Why a value of the argument is no filter, for people; null when it is one. */
    public static String fault(Object argument) {
        FilterReading reading = new FilterReading();
        reading.read(argument);
        return reading.fault();
    }

    /** @param argument a value without {@link #fault} */
    public static MessageFilter of(Object argument) {
        return new MessageFilter(new FilterReading().read(argument));
    }

    /**
     * Whether a message is wanted.
     *
     * @param at where its {@link MessageRecord} begins
     * @param overlay headers that it comes with in place of its own, or beside them; null for none
     */
    public boolean matches(byte[] bytes, int at, HeaderOverlay overlay) {
        int offset = MessageRecord.propertiesOffset(bytes, at);
        int length = MessageRecord.propertiesLength(bytes, at);
        if (overlay == null || headers.isEmpty()) {
            return matches(bytes, offset, length);
        }
        byte[] properties = overlay.over(bytes, offset, length);
        return matches(properties, 0, properties.length);
    }

    /**
     * Whether a message that comes with these headers is not wanted, whatever else it has: who looked at it when it did not have them yet may have
     * found that it is.
     */
    public boolean excludes(HeaderOverlay overlay) {
        if (headers.isEmpty()) {
            return false;
        }
        Map<String, Object> there = overlay.headers();
        return headers.stream().anyMatch(e -> there.containsKey(e.header) && !e.holds(there.get(e.header), true));
    }

    private boolean matches(byte[] bytes, int offset, int length) {
        for (Entry e : properties) {
            Object value = e.property.of(bytes, offset, length);
            if (!e.holds(value, value != null)) {
                return false;
            }
        }
        if (headers.isEmpty()) {
            return true;
        }
        Map<String, Object> there = MessageHeaders.decode(bytes, offset, length);
        for (Entry e : headers) {
            Object value = there.get(e.header);
            if (!e.holds(value, value != null || there.containsKey(e.header))) {
                return false;
            }
        }
        return true;
    }
}
