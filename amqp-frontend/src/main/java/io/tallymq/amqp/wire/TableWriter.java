package io.tallymq.amqp.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.tallymq.amqp.wire.FieldValue.Timestamp;
import io.tallymq.amqp.wire.FieldValue.UInt16;
import io.tallymq.amqp.wire.FieldValue.UInt32;
import io.tallymq.amqp.wire.FieldValue.UInt8;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;

/** Writes field tables. Every value has one way to be written. No state, thread-safe. */
final class TableWriter {
    private TableWriter() {}

    /** The length and the fields. */
    static void table(ByteBuf out, FieldTable table) {
        int start = beginSized(out);
        fields(out, table);
        endSized(out, start);
    }

    /** The fields alone. */
    static void fields(ByteBuf out, FieldTable table) {
        for (Map.Entry<String, Object> field : table.fields().entrySet()) {
            field(out, field.getKey(), field.getValue());
        }
    }

    static void field(ByteBuf out, String name, Object value) {
        WireWriter.shortString(out, name);
        value(out, value);
    }

    private static void value(ByteBuf out, Object value) {
        if (value instanceof String text) {
            out.writeByte('S');
            int start = beginSized(out);
            ByteBufUtil.writeUtf8(out, text);
            endSized(out, start);
        } else if (value instanceof LongString text) {
            out.writeByte('S');
            WireWriter.longString(out, text);
        } else if (value instanceof FieldTable table) {
            out.writeByte('F');
            table(out, table);
        } else if (value instanceof List<?> list) {
            out.writeByte('A');
            int start = beginSized(out);
            for (Object element : list) {
                value(out, element);
            }
            endSized(out, start);
        } else if (value instanceof ByteArray array) {
            out.writeByte('x').writeInt(array.length()).writeBytes(array.array());
        } else if (value instanceof Boolean bool) {
            out.writeByte('t').writeBoolean(bool);
        } else if (value instanceof Timestamp time) {
            out.writeByte('T').writeLong(time.seconds());
        } else if (value == FieldValue.NoValue.VOID) {
            out.writeByte('V');
        } else {
            number(out, value);
        }
    }

    private static void number(ByteBuf out, Object value) {
        if (value instanceof Long number) {
            out.writeByte('l').writeLong(number);
        } else if (value instanceof Integer number) {
            out.writeByte('I').writeInt(number);
        } else if (value instanceof Short number) {
            out.writeByte('s').writeShort(number);
        } else if (value instanceof Byte number) {
            out.writeByte('b').writeByte(number);
        } else if (value instanceof UInt8 number) {
            out.writeByte('B').writeByte(number.value());
        } else if (value instanceof UInt16 number) {
            out.writeByte('u').writeShort(number.value());
        } else if (value instanceof UInt32 number) {
            out.writeByte('i').writeInt((int) number.value());
        } else if (value instanceof Float number) {
            out.writeByte('f').writeFloat(number);
        } else if (value instanceof Double number) {
            out.writeByte('d').writeDouble(number);
        } else if (value instanceof BigDecimal number) {
            out.writeByte('D').writeByte(number.scale());
            out.writeInt(number.unscaledValue().intValue());
        } else {
            throw new IllegalStateException("a table holds " + value.getClass());
        }
    }

    private static int beginSized(ByteBuf out) {
        int start = out.writerIndex();
        out.writeInt(0);
        return start;
    }

    private static void endSized(ByteBuf out, int start) {
        out.setInt(start, out.writerIndex() - start - Integer.BYTES);
    }
}
