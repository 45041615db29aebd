package io.tallymq.broker.message;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * The headers by which a publish has a name, as the copies of its message have them: a copy tells who produced it and with which number, but
 * whoever publishes it as it is publishes something new, not the same once more. Each header's other name is as long, so nothing moves.
 */
public final class ProducedBy {
    private record Pair(byte[] published, byte[] copied) {}

    /** A message that was published under a name of its own with what it was a copy of. */
    private static final List<Pair> EARLIER = List.of(
            pair("x-produced-by", "x-preceded-by"),
            pair("x-produced-no", "x-preceded-no"),
            pair("x-produced-epoch", "x-preceded-epoch"),
            pair("x-produced-if", "x-preceded-if"));

    private static final List<Pair> OWN = List.of(
            pair("x-producer-id", "x-produced-by"),
            pair("x-publish-seq", "x-produced-no"),
            pair("x-producer-epoch", "x-produced-epoch"),
            pair("x-expect-last", "x-produced-if"));

    /** What a copy is told to have been before: who published it last tells that of his own. */
    private static final List<String> EARLIER_NAMES =
            List.of("x-preceded-by", "x-preceded-no", "x-preceded-epoch", "x-preceded-if");

    private ProducedBy() {}

    /** The properties of a publish that has a name, without what it may not have beside what its copies are told: mostly the same. */
    public static byte[] withoutEarlier(byte[] properties) {
        boolean[] found = {false};
        HeaderFields.names(
                properties,
                0,
                properties.length,
                (from, n) -> found[0] |= EARLIER.stream().anyMatch(p -> isAt(properties, from, n, p.copied)));
        return found[0]
                ? MessageProperties.with(
                        properties, 0, properties.length, true, EARLIER_NAMES::contains, new ByteWriter(0))
                : properties;
    }

    private static Pair pair(String published, String copied) {
        return new Pair(published.getBytes(StandardCharsets.US_ASCII), copied.getBytes(StandardCharsets.US_ASCII));
    }

    /** The properties of a publish that has a name become those of its copies: {@code length} bytes from {@code at}. */
    public static void toCopy(byte[] b, int at, int length) {
        HeaderFields.names(b, at, length, (from, n) -> {
            if (!replace(b, from, n, EARLIER, true)) {
                replace(b, from, n, OWN, true);
            }
        });
    }

    /** And back, for who published it. */
    public static void toPublished(byte[] b, int at, int length) {
        HeaderFields.names(b, at, length, (from, n) -> {
            if (!replace(b, from, n, OWN, false)) {
                replace(b, from, n, EARLIER, false);
            }
        });
    }

    private static boolean isAt(byte[] b, int from, int length, byte[] name) {
        return name.length == length && Arrays.equals(b, from, from + length, name, 0, length);
    }

    private static boolean replace(byte[] b, int from, int length, List<Pair> pairs, boolean copies) {
        for (Pair p : pairs) {
            byte[] is = copies ? p.published : p.copied;
            if (isAt(b, from, length, is)) {
                System.arraycopy(copies ? p.copied : p.published, 0, b, from, length);
                return true;
            }
        }
        return false;
    }
}
