package io.tallymq.broker.filter;

import io.tallymq.broker.message.MessageProperties;
import io.tallymq.broker.message.MessageProperties.Property;
import java.util.ArrayList;
import java.util.List;

/** A property of messages that a filter may ask for, beside headers. */
enum FilteredProperty {
    TYPE("type", Property.TYPE),
    APP_ID("app-id", Property.APP_ID),
    USER_ID("user-id", Property.USER_ID),
    MESSAGE_ID("message-id", Property.MESSAGE_ID),
    CORRELATION_ID("correlation-id", Property.CORRELATION_ID),
    CONTENT_TYPE("content-type", Property.CONTENT_TYPE),
    TIMESTAMP("timestamp", Property.TIMESTAMP),
    PRIORITY("priority", null);

    /** How an entry begins that is about a property. */
    static final String PREFIX = "properties.";

    private final String title;
    private final Property property;

    FilteredProperty(String title, Property property) {
        this.title = title;
        this.property = property;
    }

    /** Null for a name that is none of these. */
    static FilteredProperty named(String name) {
        for (FilteredProperty p : values()) {
            if (p.title.equals(name)) {
                return p;
            }
        }
        return null;
    }

    static List<String> titles() {
        List<String> all = new ArrayList<>();
        for (FilteredProperty p : values()) {
            all.add(p.title);
        }
        return all;
    }

    /** Out of raw properties: a text, a number, or null when the message does not have it. */
    Object of(byte[] bytes, int offset, int length) {
        if (property == null) {
            int priority = MessageProperties.priority(bytes, offset, length);
            return priority < 0 ? null : (Object) (long) priority;
        }
        String text = MessageProperties.text(bytes, offset, length, property);
        return text == null || property != Property.TIMESTAMP ? text : (Object) Long.parseLong(text);
    }
}
