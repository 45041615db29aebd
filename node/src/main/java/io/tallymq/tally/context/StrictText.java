package io.tallymq.tally.context;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Octets as text, if they are that: {@code new String} puts something else in the place of what is none. */
public final class StrictText {
    private StrictText() {}

    /** Null if they are none. */
    public static String text(byte[] octets) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(octets))
                    .toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    /**
     * The same of what has to be text.
     *
     * @param where they came from
     * @throws Failure if they are none
     */
    public static String require(byte[] octets, String where) {
        String text = text(octets);
        if (text == null) {
            throw Failure.usage(where + " is not UTF-8");
        }
        return text;
    }
}
