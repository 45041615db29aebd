package io.tallymq.admin.http;

import java.util.concurrent.CompletableFuture;

/** What a request holds while its client waits for the answer; nothing once nobody does. Any thread. */
final class WaitingClient {
    // All guarded by this.
    private byte[] body;
    private CompletableFuture<?> login;
    private boolean over;

    /** @param body nobody changes it */
    WaitingClient(byte[] body) {
        this.body = body;
    }

    /** Null once nobody waits: whoever asks has all of it, or begins nothing. */
    synchronized byte[] body() {
        return body;
    }

    /** Nobody waits for the answer: it has one, or its connection has ended. */
    synchronized boolean isOver() {
        return over;
    }

    /**
     * It waits for a login. Once nobody waits for the request that is cancelled, so that what hangs on it is let go. The password is compared all
     * the same: who goes away at once must not guess for nothing.
     */
    void awaits(CompletableFuture<?> login) {
        synchronized (this) {
            if (!over) {
                this.login = login;
                return;
            }
        }
        login.cancel(false);
    }

    /** Nobody waits any more. */
    void end() {
        CompletableFuture<?> inVain;
        synchronized (this) {
            over = true;
            body = null;
            inVain = login;
            login = null;
        }
        if (inVain != null) {
            inVain.cancel(false);
        }
    }
}
