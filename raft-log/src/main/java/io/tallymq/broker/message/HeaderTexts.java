package io.tallymq.broker.message;

import java.util.Map;

/** Headers of the message that was asked for last, as {@link MessageHeaders#text}. Each is read once, and many names together. */
public final class HeaderTexts {
    /** Names that are looked for one by one; who asks for more of one message has all its headers read. */
    private static final int FEW = 4;
    /** So many times as long takes it to keep all headers as to look for one. */
    private static final int ALL = 32;

    private final String[] names = new String[FEW];
    private final String[] texts = new String[FEW];
    private int known;
    /** All headers; null as long as few were asked for. */
    private Map<String, Object> all;
    /** The place of the message in its bytes. */
    private int of = -1;

    private long read;

    /** Bytes that were read since this was asked last. */
    public long takeRead() {
        long bytes = read;
        read = 0;
        return bytes;
    }

    /** What {@link MessageHeaders#text} says of this message. All are of the same bytes. */
    public String of(byte[] bytes, int offset, int length, String name) {
        if (offset != of) {
            of = offset;
            known = 0;
            all = null;
        }
        for (int i = 0; i < known; i++) {
            if (names[i].equals(name)) {
                return texts[i];
            }
        }
        if (known < FEW) {
            read += length;
            String text = MessageHeaders.text(bytes, offset, length, name);
            names[known] = name;
            texts[known++] = text;
            return text;
        }
        if (all == null) {
            read += (long) ALL * length;
            all = MessageHeaders.decode(bytes, offset, length);
        }
        return MessageHeaders.text(all.get(name));
    }
}
