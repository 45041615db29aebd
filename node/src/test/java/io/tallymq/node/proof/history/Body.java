package io.tallymq.node.proof.history;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.zip.CRC32;

/** A message's body: its id in plain text, then noise. */
public final class Body {
    private static final int SMALL = 1_000;
    private static final int LARGE = 100_000;
    /** Above 1 MiB a body travels in several entries of the log. */
    private static final int HUGE = 1_500_000;

    private static final int ONE_LARGE_OF = 300;
    private static final int ONE_HUGE_OF = 3_000;

    /** Noise of a tiny body, at most. */
    private static final int TINY = 16;

    /** How large bodies are. */
    public enum Mix {
        /** Mostly small, sometimes large, rarely huge. */
        ALL,
        /** Some ten octets. */
        TINY
    }

    private Body() {}

    public static byte[] of(MessageId id, Random random, Mix mix) {
        if (mix == Mix.TINY) {
            return of(id, random, random.nextInt(TINY));
        }
        int size = random.nextInt(ONE_HUGE_OF) == 0 ? HUGE : random.nextInt(ONE_LARGE_OF) == 0 ? LARGE : SMALL;
        return of(id, random, random.nextInt(size));
    }

    /** Of some size: {@code noise} bytes after the id. */
    public static byte[] of(MessageId id, Random random, int noise) {
        byte[] name = (id.publisher() + " " + id.sequence() + " ").getBytes(StandardCharsets.US_ASCII);
        byte[] body = new byte[name.length + noise];
        random.nextBytes(body);
        System.arraycopy(name, 0, body, 0, name.length);
        return body;
    }

    public static String crc(byte[] body) {
        CRC32 crc = new CRC32();
        crc.update(body);
        return Long.toHexString(crc.getValue());
    }

    /** The id in the body; a damaged one gives an id nobody has published. */
    public static MessageId id(byte[] body) {
        int first = blank(body, 0);
        int second = blank(body, first + 1);
        try {
            String publisher = new String(body, 0, first, StandardCharsets.US_ASCII);
            String sequence = new String(body, first + 1, second - first - 1, StandardCharsets.US_ASCII);
            return new MessageId(publisher, Long.parseLong(sequence));
        } catch (NumberFormatException | IndexOutOfBoundsException e) {
            return new MessageId("damaged", 0);
        }
    }

    private static int blank(byte[] body, int from) {
        for (int i = from; i < body.length; i++) {
            if (body[i] == ' ') {
                return i;
            }
        }
        return body.length;
    }
}
