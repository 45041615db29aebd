package io.tallymq.net;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;

/**
 * What stands for all addresses that count as one where something is counted for each address: of IPv6 the first 64 bits, since who has one such
 * address has all of that network, and of this machine one, whose processes have all of 127.0.0.0/8.
 */
public final class Origin {
    private static final int NETWORK_BYTES = 8;

    private Origin() {}

    public static InetAddress of(InetAddress address) {
        if (address.isLoopbackAddress()) {
            return InetAddress.getLoopbackAddress();
        }
        if (!(address instanceof Inet6Address)) {
            return address;
        }
        byte[] network = address.getAddress();
        Arrays.fill(network, NETWORK_BYTES, network.length, (byte) 0);
        try {
            return InetAddress.getByAddress(network);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("an IPv6 address has 16 octets", e);
        }
    }
}
