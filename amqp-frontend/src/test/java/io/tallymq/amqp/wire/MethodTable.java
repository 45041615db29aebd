package io.tallymq.amqp.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The methods as the specification lists them, field by field, in a form of its own: what the records are checked
 * against. A field in brackets is reserved. Bits that follow each other share octets.
 */
final class MethodTable {
    private static final String SPECIFICATION =
            """
            10 10 connection.start octet octet table longstr longstr
            10 11 connection.start-ok table shortstr longstr shortstr
            10 20 connection.secure longstr
            10 21 connection.secure-ok longstr
            10 30 connection.tune short long short
            10 31 connection.tune-ok short long short
            10 40 connection.open shortstr [shortstr] [bit]
            10 41 connection.open-ok [shortstr]
            10 50 connection.close short shortstr short short
            10 51 connection.close-ok
            10 60 connection.blocked shortstr
            10 61 connection.unblocked
            10 70 connection.update-secret longstr shortstr
            10 71 connection.update-secret-ok
            20 10 channel.open [shortstr]
            20 11 channel.open-ok [longstr]
            20 20 channel.flow bit
            20 21 channel.flow-ok bit
            20 40 channel.close short shortstr short short
            20 41 channel.close-ok
            30 10 access.request shortstr bit bit bit bit bit
            30 11 access.request-ok short
            40 10 exchange.declare [short] shortstr shortstr bit bit bit bit bit table
            40 11 exchange.declare-ok
            40 20 exchange.delete [short] shortstr bit bit
            40 21 exchange.delete-ok
            40 30 exchange.bind [short] shortstr shortstr shortstr bit table
            40 31 exchange.bind-ok
            40 40 exchange.unbind [short] shortstr shortstr shortstr bit table
            40 51 exchange.unbind-ok
            50 10 queue.declare [short] shortstr bit bit bit bit bit table
            50 11 queue.declare-ok shortstr long long
            50 20 queue.bind [short] shortstr shortstr shortstr bit table
            50 21 queue.bind-ok
            50 30 queue.purge [short] shortstr bit
            50 31 queue.purge-ok long
            50 40 queue.delete [short] shortstr bit bit bit
            50 41 queue.delete-ok long
            50 50 queue.unbind [short] shortstr shortstr shortstr table
            50 51 queue.unbind-ok
            60 10 basic.qos long short bit
            60 11 basic.qos-ok
            60 20 basic.consume [short] shortstr shortstr bit bit bit bit table
            60 21 basic.consume-ok shortstr
            60 30 basic.cancel shortstr bit
            60 31 basic.cancel-ok shortstr
            60 40 basic.publish [short] shortstr shortstr bit bit content
            60 50 basic.return short shortstr shortstr shortstr content
            60 60 basic.deliver shortstr longlong bit shortstr shortstr content
            60 70 basic.get [short] shortstr bit
            60 71 basic.get-ok longlong bit shortstr shortstr long content
            60 72 basic.get-empty [shortstr]
            60 80 basic.ack longlong bit
            60 90 basic.reject longlong bit
            60 100 basic.recover-async bit
            60 110 basic.recover bit
            60 111 basic.recover-ok
            60 120 basic.nack longlong bit bit
            85 10 confirm.select bit
            85 11 confirm.select-ok
            90 10 tx.select
            90 11 tx.select-ok
            90 20 tx.commit
            90 21 tx.commit-ok
            90 30 tx.rollback
            90 31 tx.rollback-ok
            """;

    /** Which values the fields get. */
    enum Values {
        LOW,
        MIDDLE,
        HIGH
    }

    record Row(int classId, int methodId, String name, List<String> fields, boolean content) {
        /** The payload of the method frame with these values, and zero in the reserved fields. */
        byte[] payload(Values values) {
            return bytes(values, false);
        }

        /** As {@link #payload}, but with something in the reserved fields. */
        byte[] payloadWithReserved(Values values) {
            return bytes(values, true);
        }

        private byte[] bytes(Values values, boolean reserved) {
            ByteBuf out = Unpooled.buffer();
            out.writeShort(classId).writeShort(methodId);
            int bits = 0;
            int bitCount = 0;
            for (int i = 0; i < fields.size(); i++) {
                boolean isReserved = fields.get(i).startsWith("[");
                String type = fields.get(i).replaceAll("[\\[\\]]", "");
                Values chosen = isReserved ? (reserved ? Values.MIDDLE : Values.LOW) : values;
                if (type.equals("bit")) {
                    bits |= bit(chosen, i) ? 1 << bitCount : 0;
                    bitCount++;
                    if (i + 1 == fields.size() || !fields.get(i + 1).contains("bit")) {
                        out.writeByte(bits);
                        bits = 0;
                        bitCount = 0;
                    }
                } else {
                    write(out, type, chosen, i);
                }
            }
            byte[] bytes = new byte[out.readableBytes()];
            out.readBytes(bytes);
            return bytes;
        }

        /** What the components of the record have to be, in their order. */
        List<Object> expected(Values values) {
            List<Object> expected = new ArrayList<>();
            for (int i = 0; i < fields.size(); i++) {
                if (!fields.get(i).startsWith("[")) {
                    expected.add(value(fields.get(i), values, i));
                }
            }
            return expected;
        }
    }

    private MethodTable() {}

    static List<Row> rows() {
        return SPECIFICATION.lines().map(MethodTable::row).toList();
    }

    private static Row row(String line) {
        List<String> words = Arrays.asList(line.split(" "));
        boolean content = words.get(words.size() - 1).equals("content");
        List<String> fields = words.subList(3, content ? words.size() - 1 : words.size());
        return new Row(Integer.parseInt(words.get(0)), Integer.parseInt(words.get(1)), words.get(2), fields, content);
    }

    private static boolean bit(Values values, int field) {
        return switch (values) {
            case LOW -> false;
            case MIDDLE -> field % 2 == 0;
            case HIGH -> true;
        };
    }

    private static Object value(String type, Values values, int field) {
        if (type.equals("bit")) {
            return bit(values, field);
        }
        if (type.equals("shortstr") || type.equals("longstr")) {
            return text(values, field);
        }
        if (type.equals("table")) {
            return values == Values.LOW
                    ? FieldTable.EMPTY
                    : FieldTable.builder().put("k" + field, "v").build();
        }
        return number(type, values, field);
    }

    private static String text(Values values, int field) {
        return switch (values) {
            case LOW -> "";
            case MIDDLE -> "fünf-" + field;
            case HIGH -> "x".repeat(254) + field % 10;
        };
    }

    private static long number(String type, Values values, int field) {
        int width =
                switch (type) {
                    case "octet" -> 8;
                    case "short" -> 16;
                    case "long" -> 32;
                    case "longlong" -> 64;
                    default -> throw new IllegalArgumentException(type);
                };
        return switch (values) {
            case LOW -> 0;
            case MIDDLE -> 100 + field;
            case HIGH -> width == 64 ? -1L : (1L << width) - 1;
        };
    }

    private static void write(ByteBuf out, String type, Values values, int field) {
        switch (type) {
            case "octet" -> out.writeByte((int) number(type, values, field));
            case "short" -> out.writeShort((int) number(type, values, field));
            case "long" -> out.writeInt((int) number(type, values, field));
            case "longlong" -> out.writeLong(number(type, values, field));
            case "shortstr" -> {
                byte[] text = text(values, field).getBytes(StandardCharsets.UTF_8);
                out.writeByte(text.length).writeBytes(text);
            }
            case "longstr" -> {
                byte[] text = text(values, field).getBytes(StandardCharsets.UTF_8);
                out.writeInt(text.length).writeBytes(text);
            }
            case "table" -> {
                byte[] name = ("k" + field).getBytes(StandardCharsets.UTF_8);
                if (values == Values.LOW) {
                    out.writeInt(0);
                } else {
                    out.writeInt(name.length + 7).writeByte(name.length).writeBytes(name);
                    out.writeByte('S').writeInt(1).writeByte('v');
                }
            }
            default -> throw new IllegalArgumentException(type);
        }
    }
}
