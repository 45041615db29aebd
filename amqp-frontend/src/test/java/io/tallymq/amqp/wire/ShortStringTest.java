package io.tallymq.amqp.wire;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ShortStringTest {
    @Test
    void equalByOctets() throws WireException {
        for (String text : List.of("", "a", "amq.topic", "ä€𝄞", "x".repeat(255))) {
            ShortString one = ShortString.of(text);
            ShortString two = ShortString.copyOf(one.toByteArray());
            ShortString read = read(new ShortStringCache(), text);
            assertEquals(one, two);
            assertEquals(one, read);
            assertEquals(one.hashCode(), two.hashCode());
            assertEquals(one.hashCode(), read.hashCode());
            assertEquals(text, one.toString());
            assertEquals(0, one.compareTo(two));
            assertEquals(text.isEmpty(), one.isEmpty());
        }
        assertNotEquals(ShortString.of("a"), ShortString.of("b"));
        assertTrue(ShortString.of("a").compareTo(ShortString.of("ä")) < 0);
    }

    @Test
    void hashesOfSimilarTextsDiffer() {
        Set<Integer> hashes = new HashSet<>();
        for (int i = 0; i < 10_000; i++) {
            hashes.add(ShortString.of("orders.eu." + i).hashCode());
        }
        assertTrue(hashes.size() > 9_990, "only " + hashes.size());
    }

    @Test
    void theSameHashIsNotEquality() {
        byte[] a = {'a'};
        byte[] b = {'b'};
        ShortString one = ShortString.wrap(a, 5);
        assertNotEquals(one, ShortString.wrap(b, 5));
        assertTrue(one.matches(a, 1, 5));
        assertFalse(one.matches(b, 1, 5));
        assertFalse(one.matches(new byte[] {'a', 'a'}, 2, 5));
    }

    @Test
    void onlyTextThatFits() {
        assertThrows(IllegalArgumentException.class, () -> ShortString.of("x".repeat(256)));
        assertThrows(IllegalArgumentException.class, () -> ShortString.of("ä".repeat(128)));
        assertThrows(IllegalArgumentException.class, () -> ShortString.copyOf(new byte[] {-1}));
    }

    @Test
    void aCacheSharesWhatItKnows() throws WireException {
        ShortStringCache cache = new ShortStringCache();
        ShortString first = read(cache, "key");
        assertSame(first, read(cache, "key"));
        assertSame(ShortString.EMPTY, read(cache, ""));
        assertSame(ShortString.EMPTY, read(cache, ""));
    }

    @Test
    void aFullCacheStillReadsRight() throws WireException {
        ShortStringCache cache = new ShortStringCache(1);
        ShortString first = read(cache, "one");
        assertEquals("two", read(cache, "two").toString());
        ShortString again = read(cache, "one");
        assertEquals(first, again);
        assertNotSame(first, again);
        for (int i = 0; i < 1000; i++) {
            assertEquals("k" + i % 7, read(cache, "k" + i % 7).toString());
        }
        assertThrows(IllegalArgumentException.class, () -> new ShortStringCache(3));
        assertThrows(IllegalArgumentException.class, () -> new ShortStringCache(0));
    }

    @Test
    void whatIsNotUtf8NeverGetsIntoACache() {
        ShortStringCache cache = new ShortStringCache();
        for (int i = 0; i < 2; i++) {
            ByteBuf in = Unpooled.wrappedBuffer(new byte[] {(byte) 0xED, (byte) 0xA0, (byte) 0x80});
            assertThrows(WireException.class, () -> cache.read(in, 3));
            assertFalse(in.isReadable());
        }
    }

    private static ShortString read(ShortStringCache cache, String text) throws WireException {
        ByteBuf in = Unpooled.copiedBuffer(text, java.nio.charset.StandardCharsets.UTF_8);
        return cache.read(in, in.readableBytes());
    }
}
