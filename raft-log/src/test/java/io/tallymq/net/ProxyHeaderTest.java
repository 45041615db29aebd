package io.tallymq.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.net.ProxyHeader.Kind;
import io.tallymq.net.ProxyHeader.NotAHeader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Headers of proxies, byte by byte. */
class ProxyHeaderTest {
    private static final String SIGNATURE = "0d0a0d0a000d0a515549540a";

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text.replace(" ", ""));
    }

    private static byte[] line(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Reads it with more behind it; what comes before its end is not enough. */
    private static ProxyHeader whole(byte[] header) throws NotAHeader {
        for (int n = 0; n < header.length; n++) {
            assertNull(ProxyHeader.read(Arrays.copyOf(header, n)), "after " + n + " bytes");
        }
        byte[] more = Arrays.copyOf(header, header.length + 8);
        ProxyHeader read = ProxyHeader.read(more);
        assertEquals(header.length, read.length());
        return read;
    }

    private static InetSocketAddress at(String host, int port) throws Exception {
        return new InetSocketAddress(InetAddress.getByName(host), port);
    }

    @Test
    void linesOfVersion1() throws Exception {
        ProxyHeader v4 = whole(line("PROXY TCP4 203.0.113.9 10.0.0.1 4711 5672\r\n"));
        assertEquals(new ProxyHeader(v4.length(), Kind.KNOWN, at("203.0.113.9", 4711), at("10.0.0.1", 5672)), v4);
        ProxyHeader v6 = whole(line("PROXY TCP6 2001:db8::9 fd00::1 1 65535\r\n"));
        assertEquals(new ProxyHeader(v6.length(), Kind.KNOWN, at("2001:db8::9", 1), at("fd00::1", 65535)), v6);
        assertEquals(Kind.UNKNOWN, whole(line("PROXY UNKNOWN\r\n")).kind());
        assertEquals(
                Kind.UNKNOWN,
                whole(line("PROXY UNKNOWN ffff::1 whatever it says 1\r\n")).kind());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PROXY TCP4 203.0.113.9 10.0.0.1 4711\r\n",
                "PROXY TCP4 203.0.113.9 10.0.0.1 4711 5672 1\r\n",
                "PROXY TCP4 203.0.113 10.0.0.1 4711 5672\r\n",
                "PROXY TCP4 2001:db8::9 fd00::1 1 2\r\n",
                "PROXY TCP6 203.0.113.9 10.0.0.1 4711 5672\r\n",
                "PROXY TCP4 203.0.113.9 10.0.0.1 4711 65536\r\n",
                "PROXY TCP4 203.0.113.9 10.0.0.1 -1 5672\r\n",
                "PROXY TCP4 203.0.113.9 10.0.0.1 04711 5672\r\n",
                "PROXY UDP4 203.0.113.9 10.0.0.1 4711 5672\r\n",
                "PROXY TCP4 203.0.113.9 10.0.0.1 4711 5672\n",
                "PROXY \r\n",
                "proxy UNKNOWN\r\n",
                "AMQP\0\0\t\1",
                "GET / HTTP/1.1\r\n"
            })
    void whatIsNoHeader(String text) {
        assertThrows(NotAHeader.class, () -> ProxyHeader.read(line(text)));
    }

    @Test
    void aLineHasAnEnd() throws Exception {
        String longest = "PROXY UNKNOWN " + "x".repeat(107 - 14 - 2) + "\r\n";
        assertEquals(107, longest.length());
        assertNotNull(ProxyHeader.read(line(longest)));
        assertThrows(NotAHeader.class, () -> ProxyHeader.read(line(longest.replace("x\r", "xx\r"))));
        assertNull(ProxyHeader.read(line(longest.substring(0, 106))));
        assertThrows(NotAHeader.class, () -> ProxyHeader.read(line("PROXY " + "x".repeat(200))));
    }

    @Test
    void headersOfVersion2() throws Exception {
        ProxyHeader v4 = whole(hex(SIGNATURE + "21 11 000c cb007109 0a000001 1267 1628"));
        assertEquals(new ProxyHeader(28, Kind.KNOWN, at("203.0.113.9", 4711), at("10.0.0.1", 5672)), v4);
        ProxyHeader more = whole(hex(SIGNATURE + "21 11 0011 cb007109 0a000001 1267 1628 04 0002 0000"));
        assertEquals(at("203.0.113.9", 4711), more.client());
        String v6 = "20010db8000000000000000000000009 fd000000000000000000000000000001 0001 ffff";
        assertEquals(
                at("2001:db8::9", 1), whole(hex(SIGNATURE + "21 21 0024" + v6)).client());
        assertEquals(Kind.LOCAL, whole(hex(SIGNATURE + "20 00 0000")).kind());
        assertEquals(
                Kind.LOCAL,
                whole(hex(SIGNATURE + "20 11 000c cb007109 0a000001 1267 1628")).kind());
        assertEquals(Kind.UNKNOWN, whole(hex(SIGNATURE + "21 00 0003 010203")).kind());
        assertEquals(Kind.UNKNOWN, whole(hex(SIGNATURE + "21 31 0000")).kind());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "11 11 000c", // version 1
                "22 11 000c", // an unknown command
                "21 12 000c", // UDP
                "21 41 000c", // no such family
                "21 11 000b cb007109 0a000001 1267 16", // too short for its addresses
                "21 21 000c cb007109 0a000001 1267 1628",
                "21 11 0ff1" // longer than anything
            })
    void whatIsNoHeaderOfVersion2(String rest) {
        byte[] bytes = hex(SIGNATURE + rest);
        assertThrows(NotAHeader.class, () -> ProxyHeader.read(Arrays.copyOf(bytes, Math.max(bytes.length, 28))));
    }

    @Test
    void blocksOfAddresses() throws Exception {
        AddressBlock ten = AddressBlock.parse("10.16.0.0/12");
        assertTrue(ten.has(InetAddress.getByName("10.31.255.255")));
        assertFalse(ten.has(InetAddress.getByName("10.32.0.0")));
        assertFalse(ten.has(InetAddress.getByName("2001:db8::1")));
        assertTrue(AddressBlock.parse("::1").has(InetAddress.getByName("::1")));
        assertFalse(AddressBlock.parse("::1").has(InetAddress.getByName("::2")));
        assertTrue(AddressBlock.parse("fd00::/8").has(InetAddress.getByName("fdff::1")));
        assertTrue(AddressBlock.parse("0.0.0.0/0").has(InetAddress.getByName("203.0.113.9")));
        for (String none :
                new String[] {"", "proxy.example", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0/8", "::/129"}) {
            assertNull(AddressBlock.parse(none), none);
        }
    }
}
