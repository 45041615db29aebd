package io.tallymq.admin.definitions;

import io.tallymq.broker.Broker;
import io.tallymq.broker.view.AccessView;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.UUID;

/**
 * Tells apart what is exported at different times, by what has counted changes, without a look at what there is. Each run of each node has tags of its own.
 * What is told to be another may be the same: something came and went. Any thread.
 */
final class DefinitionsTag {
    private static final int HEX_BYTES = 16;

    private record Seen(AccessView access, long accessVersion, long topologyVersion) {}

    private final String run = UUID.randomUUID().toString();
    /** Of which state the versions are: another one, which came whole from another node, counts anew. */
    private AccessView state;

    private long states;

    /**
     * Of an export that is begun afterwards.
     *
     * @param vhost null for all
     */
    String of(Broker broker, String vhost) {
        Seen now = broker.read(view ->
                new Seen(view.access(), view.access().version(), view.changes().version()));
        String all = run + " " + stateOf(now.access) + " " + now.accessVersion + " " + now.topologyVersion + " "
                + (vhost == null ? "" : "of " + vhost);
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(all.getBytes(StandardCharsets.UTF_8));
            return "\"" + HexFormat.of().formatHex(hash, 0, HEX_BYTES) + "\"";
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }

    private synchronized long stateOf(AccessView access) {
        if (access != state) {
            state = access;
            states++;
        }
        return states;
    }
}
