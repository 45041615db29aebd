package io.tallymq.login;

import io.tallymq.net.Origin;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A user's password that is to be compared, and all who have shown it and wait for that. Guarded by {@link Waiting}, but for what is final. */
final class Comparison {
    /**
     * What is the same work.
     *
     * @param digest a keyed one of what was shown as the password
     * @param mayCome whether the user may come from where they are who have shown it; else it is compared with nobody's password: neither the time nor
     *     what is kept afterwards is to tell them that it is right
     */
    record Key(String user, ByteBuffer digest, boolean mayCome) {}

    /**
     * One of those who wait.
     *
     * @param octets what is kept of it until then
     * @param answer completed by who compares
     */
    record Waiter(InetAddress from, int octets, CompletableFuture<LoginAnswer> answer) {}

    private final Key key;
    private final byte[] password;
    private final List<Waiter> waiters = new ArrayList<>();
    /** In whose line it stands. */
    private InetAddress line;

    Comparison(Key key, byte[] password, Waiter first) {
        this.key = key;
        this.password = password;
        this.line = Origin.of(first.from());
        waiters.add(first);
    }

    Key key() {
        return key;
    }

    String user() {
        return key.user();
    }

    byte[] password() {
        return password;
    }

    List<Waiter> waiters() {
        return waiters;
    }

    InetAddress line() {
        return line;
    }

    void line(InetAddress origin) {
        line = origin;
    }
}
