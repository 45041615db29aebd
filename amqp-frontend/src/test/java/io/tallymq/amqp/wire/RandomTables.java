package io.tallymq.amqp.wire;

import io.tallymq.amqp.wire.FieldValue.NoValue;
import io.tallymq.amqp.wire.FieldValue.Timestamp;
import io.tallymq.amqp.wire.FieldValue.UInt16;
import io.tallymq.amqp.wire.FieldValue.UInt32;
import io.tallymq.amqp.wire.FieldValue.UInt8;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Tables with values of all types, from a seed. */
final class RandomTables {
    private static final int TYPES = 18;

    private final Random random;

    RandomTables(long seed) {
        this.random = new Random(seed);
    }

    FieldTable table() {
        return table(0);
    }

    private FieldTable table(int depth) {
        FieldTable.Builder builder = FieldTable.builder();
        for (int i = random.nextInt(6); i > 0; i--) {
            builder.put(text(40), value(depth));
        }
        return builder.build();
    }

    private Object value(int depth) {
        return switch (random.nextInt(depth < 6 ? TYPES : TYPES - 2)) {
            case 0, 1 -> text(300);
            case 2 -> LongString.copyOf(new byte[] {(byte) 0xFF, (byte) random.nextInt()});
            case 3 -> (byte) random.nextInt();
            case 4 -> (short) random.nextInt();
            case 5 -> random.nextInt();
            case 6 -> random.nextLong();
            case 7 -> new UInt8(random.nextInt(256));
            case 8 -> new UInt16(random.nextInt(65_536));
            case 9 -> new UInt32(random.nextInt() & 0xFFFF_FFFFL);
            case 10 -> Float.intBitsToFloat(random.nextInt());
            case 11 -> random.nextDouble() * Math.pow(10, random.nextInt(600) - 300);
            case 12 -> random.nextBoolean();
            case 13 -> new BigDecimal(BigInteger.valueOf(random.nextInt()), random.nextInt(256));
            case 14 -> new Timestamp(random.nextLong());
            case 15 -> random.nextBoolean() ? NoValue.VOID : ByteArray.copyOf(new byte[random.nextInt(20)]);
            case 16 -> table(depth + 1);
            default -> array(depth + 1);
        };
    }

    private List<Object> array(int depth) {
        List<Object> values = new ArrayList<>();
        for (int i = random.nextInt(5); i > 0; i--) {
            values.add(value(depth));
        }
        return values;
    }

    private String text(int most) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(most); i > 0; i--) {
            int point = random.nextInt(20) == 0 ? random.nextInt(0x110000) : ' ' + random.nextInt(90);
            text.appendCodePoint(Character.isSurrogate((char) point) && point < 0x10000 ? 'x' : point);
        }
        return text.toString();
    }
}
