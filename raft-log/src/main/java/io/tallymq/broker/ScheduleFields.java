package io.tallymq.broker;

import io.tallymq.broker.view.BrokerView.ScheduledView;
import java.util.LinkedHashMap;
import java.util.Map;

/** What is told of a message whose time is still to come, by name: the same over HTTP and AMQP. Values are strings and longs; times are milliseconds since the epoch. */
public final class ScheduleFields {
    private ScheduleFields() {}

    public static Map<String, Object> of(ScheduledView s) {
        Map<String, Object> f = new LinkedHashMap<>();
        f.put("vhost", s.vhost());
        f.put("key", key(s));
        if (!s.id().isEmpty()) {
            f.put("id", s.id());
        }
        f.put("deliver_at", s.due());
        f.put("exchange", s.exchange());
        f.put("routing_key", s.routingKey());
        f.put("payload_bytes", s.bytes());
        return f;
    }

    /** By which it is asked for: the id that its publisher gave, else its time and number. */
    public static String key(ScheduledView s) {
        return s.id().isEmpty() ? s.due() + "." + s.number() : s.id();
    }
}
