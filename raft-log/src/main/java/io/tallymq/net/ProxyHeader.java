package io.tallymq.net;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What a proxy says before a client's first byte (PROXY protocol, versions 1 and 2): for whom it connects.
 *
 * @param length bytes of the header
 * @param kind what it says
 * @param client null if it does not say
 * @param server where the client connected to; null if it does not say
 */
record ProxyHeader(int length, Kind kind, InetSocketAddress client, InetSocketAddress server) {
    /** What is said of the client. */
    enum Kind {
        /** These are the addresses. */
        KNOWN,
        /** There is one, of whom nothing is known. */
        UNKNOWN,
        /** There is none: the proxy itself looks whether somebody is here. */
        LOCAL
    }

    /** The longest that is waited for: in version 2 more may follow the addresses. */
    static final int MOST = 4096;

    private static final byte[] FIRST = "PROXY ".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] SECOND = {'\r', '\n', '\r', '\n', 0, '\r', '\n', 'Q', 'U', 'I', 'T', '\n'};

    /** Of a line, its end included. */
    private static final int MOST_LINE = 107;

    private static final int SECOND_LENGTH = 16;
    private static final int VERSION_2 = 2;
    private static final int IPV4 = 4;
    private static final int IPV6 = 16;

    /** What came is no such header, and will not become one. */
    static final class NotAHeader extends Exception {
        private static final long serialVersionUID = 1;

        NotAHeader(String message) {
            super(message, null, false, false);
        }
    }

    /**
     * Reads one.
     *
     * @param bytes all that came so far
     * @return null if more has to come
     */
    static ProxyHeader read(byte[] bytes) throws NotAHeader {
        if (startsAs(bytes, SECOND)) {
            return bytes.length < SECOND_LENGTH ? null : second(bytes);
        } else if (startsAs(bytes, FIRST)) {
            return bytes.length < FIRST.length ? null : first(bytes);
        }
        throw new NotAHeader("what came first is no PROXY header");
    }

    private static boolean startsAs(byte[] bytes, byte[] begin) {
        int known = Math.min(bytes.length, begin.length);
        return Arrays.equals(bytes, 0, known, begin, 0, known);
    }

    // ---- version 1: a line

    private static ProxyHeader first(byte[] bytes) throws NotAHeader {
        int end = 0;
        while (end < Math.min(bytes.length, MOST_LINE) && bytes[end] != '\n') {
            end++;
        }
        if (end == MOST_LINE) {
            throw new NotAHeader("the line of a PROXY header is too long");
        } else if (end == bytes.length) {
            return null;
        } else if (bytes[end - 1] != '\r') {
            throw new NotAHeader("the line of a PROXY header does not end as it has to");
        }
        String[] words = new String(bytes, 0, end - 1, StandardCharsets.US_ASCII).split(" ", -1);
        if (words[1].equals("UNKNOWN")) {
            return new ProxyHeader(end + 1, Kind.UNKNOWN, null, null);
        }
        int octets =
                switch (words[1]) {
                    case "TCP4" -> IPV4;
                    case "TCP6" -> IPV6;
                    default -> throw new NotAHeader("a PROXY header names another protocol than TCP");
                };
        if (words.length != 6) {
            throw new NotAHeader("a PROXY header has two addresses and two ports");
        }
        return new ProxyHeader(
                end + 1, Kind.KNOWN, address(words[2], octets, words[4]), address(words[3], octets, words[5]));
    }

    private static InetSocketAddress address(String text, int octets, String port) throws NotAHeader {
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(text);
        if (bytes == null || bytes.length != octets) {
            throw new NotAHeader("a PROXY header has an address that is none");
        }
        if (!port.matches("0|[1-9][0-9]{0,4}") || Integer.parseInt(port) > 0xffff) {
            throw new NotAHeader("a PROXY header has a port that is none");
        }
        return address(bytes, Integer.parseInt(port));
    }

    private static InetSocketAddress address(byte[] bytes, int port) {
        try {
            return new InetSocketAddress(InetAddress.getByAddress(bytes), port);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an address has 4 or 16 octets", e);
        }
    }

    // ---- version 2: binary

    private static ProxyHeader second(byte[] bytes) throws NotAHeader {
        ByteBuffer in = ByteBuffer.wrap(bytes).position(SECOND.length);
        int what = in.get() & 0xff;
        int family = in.get() & 0xff;
        int more = in.getShort() & 0xffff;
        int length = SECOND_LENGTH + more;
        if (what >> 4 != VERSION_2 || (what & 0xf) > 1) {
            throw new NotAHeader("a PROXY header is of an unknown version or command");
        } else if (length > MOST) {
            throw new NotAHeader("a PROXY header is longer than " + MOST + " bytes");
        } else if (bytes.length < length) {
            return null;
        } else if ((what & 0xf) == 0) {
            return new ProxyHeader(length, Kind.LOCAL, null, null);
        }
        int octets =
                switch (family) {
                    case 0x11 -> IPV4;
                    case 0x21 -> IPV6;
                    case 0x00, 0x31 -> 0; // not told; a socket of the proxy's own machine, which has no address
                    default -> throw new NotAHeader("a PROXY header names another protocol than TCP");
                };
        if (octets == 0) {
            return new ProxyHeader(length, Kind.UNKNOWN, null, null);
        } else if (more < 2 * octets + 2 * Short.BYTES) {
            throw new NotAHeader("a PROXY header is too short for its addresses");
        }
        byte[] client = new byte[octets];
        byte[] server = new byte[octets];
        in.get(client).get(server);
        return new ProxyHeader(
                length, Kind.KNOWN, address(client, in.getShort() & 0xffff), address(server, in.getShort() & 0xffff));
    }
}
