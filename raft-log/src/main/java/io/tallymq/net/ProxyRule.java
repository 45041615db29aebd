package io.tallymq.net;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.List;

/**
 * Whose word a port takes for where a client comes from.
 *
 * @param from addresses of proxies; each of their connections begins with a header, and nobody else's does
 * @param timeout for all of a header
 */
public record ProxyRule(List<AddressBlock> from, Duration timeout) {
    /** Nobody's. */
    public static final ProxyRule NONE = new ProxyRule(List.of(), Duration.ZERO);

    public ProxyRule {
        from = List.copyOf(from);
    }

    /** Whether a connection from there has to begin with a header. */
    public boolean isFor(SocketAddress peer) {
        if (!(peer instanceof InetSocketAddress ip)) {
            return false;
        }
        InetAddress address = ip.getAddress();
        return from.stream().anyMatch(block -> block.has(address));
    }
}
