package io.tallymq.admin.request;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.util.Locale;

/**
 * Where a request comes from.
 *
 * @param address as the socket sees it
 * @param host what the client called this server: the Host header, null without one
 * @param secure whether the client speaks TLS, with this server or with a proxy in front of it
 * @param session what it shows to be the one who logged in before, null without it
 */
public record Caller(InetAddress address, String host, boolean secure, String session) {
    private static final String HERE = "localhost";

    /** Without TLS and without a session. */
    public Caller(InetAddress address, String host) {
        this(address, host, false, null);
    }

    /** Without the session: who knows it is let in. */
    @Override
    public String toString() {
        return "Caller[" + address + ", " + host + "]";
    }

    /**
     * Whether it comes from this machine and calls it by an address or localhost. A browser here that a page of elsewhere has led here,
     * by a name of its own that now means a loopback address, calls it by that name.
     */
    public boolean isHere() {
        return address.isLoopbackAddress() && (host == null || isNoName());
    }

    private boolean isNoName() {
        String name = host.toLowerCase(Locale.ROOT);
        int port = name.lastIndexOf(':');
        if (port > name.lastIndexOf(']') && name.indexOf(':') == port) {
            name = name.substring(0, port);
        } else if (name.startsWith("[") && name.indexOf(']') > 0) {
            name = name.substring(1, name.indexOf(']'));
        }
        return name.equals(HERE) || NetUtil.isValidIpV4Address(name) || NetUtil.isValidIpV6Address(name);
    }
}
