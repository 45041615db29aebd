package io.tallymq.amqp.channel;

import io.tallymq.amqp.wire.ByteArray;
import io.tallymq.amqp.wire.FieldTable;
import io.tallymq.amqp.wire.FieldValue;
import io.tallymq.amqp.wire.LongString;
import io.tallymq.amqp.wire.MethodId;
import io.tallymq.amqp.wire.ReplyCode;
import io.tallymq.broker.message.Arguments;
import io.tallymq.broker.settings.ArgumentSize;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/** Field tables as the broker's plain values. */
public final class BrokerArguments {
    private BrokerArguments() {}

    /** Values that the broker has no kind for become the nearest that it has: floats become doubles, byte arrays octets. */
    public static Arguments of(FieldTable table) {
        return table.isEmpty() ? Arguments.NONE : new Arguments(map(table));
    }

    /** Null, or 406 for more than is kept in memory on all nodes. */
    public static AmqpError refusal(Arguments arguments, MethodId id) {
        String text = ArgumentSize.refusal(arguments);
        return text == null ? null : AmqpError.of(ReplyCode.PRECONDITION_FAILED, text, id);
    }

    private static Map<String, Object> map(FieldTable table) {
        Map<String, Object> values = new TreeMap<>();
        table.fields().forEach((name, value) -> values.put(name, value(value)));
        return values;
    }

    private static Object value(Object value) {
        OptionalLong number = FieldTable.toLong(value);
        if (number.isPresent()) {
            return number.getAsLong();
        }
        if (value instanceof FieldTable table) {
            return map(table);
        }
        if (value instanceof List<?> list) {
            List<Object> copy = new ArrayList<>(list.size());
            list.forEach(element -> copy.add(value(element)));
            return copy;
        }
        if (value instanceof LongString octets) {
            return octets.toByteArray();
        }
        if (value instanceof ByteArray octets) {
            return octets.toByteArray();
        }
        if (value instanceof Float || value instanceof BigDecimal) {
            return ((Number) value).doubleValue();
        }
        if (value instanceof FieldValue.Timestamp time) {
            return new Arguments.Timestamp(time.seconds());
        }
        return value == FieldValue.NoValue.VOID ? null : value;
    }
}
