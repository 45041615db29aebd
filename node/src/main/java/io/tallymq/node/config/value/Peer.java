package io.tallymq.node.config.value;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A node of the cluster as the others reach it.
 *
 * @param name the node's name, unique in the cluster; it may be changed as long as the id stays
 * @param id what the log knows the node by, unique in the cluster; its first name, unless it is told
 * @param host host name or address, without brackets
 * @param raftPort TCP port of the replicated log
 * @param linkPort TCP port of the nodes' own link (forwarded batches, checkpoints)
 */
public record Peer(String name, String id, String host, int raftPort, int linkPort) {
    private static final String NAME = "([A-Za-z0-9][A-Za-z0-9._-]{0,62})";
    private static final Pattern TEXT = Pattern.compile(
            NAME + "(?::" + NAME + ")?@(\\[[0-9A-Fa-f:.%]+\\]|[A-Za-z0-9._-]{1,253}):" + "([0-9]{1,5}):([0-9]{1,5})");

    /** A node whose id is its name. */
    public Peer(String name, String host, int raftPort, int linkPort) {
        this(name, name, host, raftPort, linkPort);
    }

    /** Reads {@code name@host:raftPort:linkPort} or {@code name:id@host:raftPort:linkPort}; an IPv6 address stands in brackets. */
    static Parsed<Peer> parse(String text) {
        Matcher matcher = TEXT.matcher(text);
        if (!matcher.matches()) {
            return Parsed.bad("is not name@host:raftPort:linkPort");
        }
        int raftPort = Integer.parseInt(matcher.group(4));
        int linkPort = Integer.parseInt(matcher.group(5));
        if (!isPort(raftPort) || !isPort(linkPort)) {
            return Parsed.bad("has a port outside of 1 to 65535");
        }
        String id = matcher.group(2) == null ? matcher.group(1) : matcher.group(2);
        String host = matcher.group(3).replace("[", "").replace("]", "");
        return Parsed.ok(new Peer(matcher.group(1), id, host, raftPort, linkPort));
    }

    /** Whether only this machine can be meant. No name is looked up. */
    public boolean isLoopback() {
        String text = host.toLowerCase(Locale.ROOT);
        return text.equals("localhost") || text.equals("::1") || text.matches("127(\\.[0-9]{1,3}){3}");
    }

    private static boolean isPort(int port) {
        return port >= 1 && port <= 65_535;
    }

    @Override
    public String toString() {
        String shown = host.indexOf(':') >= 0 ? "[" + host + "]" : host;
        return name + (id.equals(name) ? "" : ":" + id) + "@" + shown + ":" + raftPort + ":" + linkPort;
    }
}
