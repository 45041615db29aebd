package io.tallymq.node.config;

import java.util.ArrayList;
import java.util.List;

/** What is allowed and yet probably not meant. */
final class ConfigWarnings {
    private static final String WELL_KNOWN = "guest";

    private ConfigWarnings() {}

    static List<String> of(NodeConfig config) {
        List<String> warnings = new ArrayList<>();
        int peers = config.cluster().peers().size();
        if (peers % 2 == 0) {
            warnings.add(NodeKeys.CLUSTER_PEERS.name() + " has " + peers + " nodes: it survives the loss of no more"
                    + " nodes than " + (peers - 1) + " would; use an odd number.");
        }
        NodeConfig.Auth auth = config.auth();
        if (auth.defaultPassword().reveal().equals(WELL_KNOWN)
                && !auth.loopbackUsers().contains(auth.defaultUser())) {
            warnings.add(
                    "User " + auth.defaultUser() + " has a well-known password and may log in from everywhere: set "
                            + AccessKeys.AUTH_DEFAULT_PASSWORD.name() + ".");
        }
        return warnings;
    }
}
