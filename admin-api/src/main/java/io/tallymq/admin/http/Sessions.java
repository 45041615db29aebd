package io.tallymq.admin.http;

import io.tallymq.admin.request.AdminConfig.SessionLimits;
import io.tallymq.admin.request.Caller;
import io.tallymq.broker.spec.PasswordHash;
import io.tallymq.broker.view.AccessView;
import io.tallymq.broker.view.User;
import io.tallymq.login.LoginUser;
import io.tallymq.login.Passwords;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Who logged in by the form and shows it by a token. In this node's memory: another node knows nothing of them, and a restart ends them. A session
 * is of a name and the password he had when he logged in; what he may do is looked up with each request. Any thread.
 */
public final class Sessions {
    private static final int TOKEN_BYTES = 32;

    /**
     * A session.
     *
     * @param login who he was then
     * @param hash what is kept of his password; null before the cluster has users
     * @param password asked for again once {@code hash} gives way to a better one of it (Rehash), or when it had given way to
     *     another one by the time of the login; null when it is as good as can be
     * @param here whether he was on this machine: a token that is shown elsewhere is of no use then
     */
    private record Session(LoginUser login, PasswordHash hash, String password, boolean here, long began, long used) {
        Session usedAt(long now) {
            return new Session(login, hash, password, here, began, now);
        }

        Session with(PasswordHash better, boolean settled) {
            return new Session(login, better, settled ? null : password, here, began, used);
        }

        @Override
        public String toString() {
            return "Session[" + login.name() + "]";
        }
    }

    private final AdminAuthenticator authenticator;
    private final Supplier<AccessView> access;
    private final SessionLimits limits;
    private final LongSupplier clock;
    private final SecureRandom random = new SecureRandom();
    /** By digest of the token: how long a look takes tells nothing about tokens that there are. */
    private final Map<String, Session> sessions = new HashMap<>();

    /** @param clock monotonic nanoseconds */
    public Sessions(
            AdminAuthenticator authenticator, Supplier<AccessView> access, SessionLimits limits, LongSupplier clock) {
        this.authenticator = authenticator;
        this.access = access;
        this.limits = limits;
        this.clock = clock;
    }

    /** Who began, and with what he shows it; null for nothing. */
    record Begun(LoginUser user, String token) {
        @Override
        public String toString() {
            return "Begun[" + user.name() + "]";
        }
    }

    /**
     * Compares the password and begins a session.
     *
     * @return nobody when it is wrong, and no token when there are as many sessions as there may be; exceptionally as the authenticator
     */
    CompletableFuture<Optional<Begun>> begin(String name, String password, Caller caller) {
        // From before it is compared: should it change meanwhile, the session is of the old one.
        PasswordHash hash = hash(name);
        boolean here = caller.isHere(); // no more of it than that while it waits
        return authenticator
                .authenticate(name, password, caller)
                .thenApply(found -> found.map(login -> {
                    // This node may have heard meanwhile of what the password was compared with: then it is asked for
                    // once more.
                    boolean isSame = Objects.equals(hash, hash(name));
                    return begin(login, hash, isSame && (hash == null || isBest(hash)) ? null : password, here);
                }));
    }

    /** What is kept of a user's password; null when there is no such user, or none at all yet. */
    private PasswordHash hash(String name) {
        AccessView view = access.get();
        User user = view.isInitialised() ? view.user(name) : null;
        return user == null ? null : user.spec().password();
    }

    /** @param kept see {@link Session} */
    private Begun begin(LoginUser login, PasswordHash hash, String kept, boolean here) {
        long now = clock.getAsLong();
        byte[] bytes = new byte[TOKEN_BYTES];
        random.nextBytes(bytes);
        String token = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        var session = new Session(login, hash, kept, here, now, now);
        synchronized (sessions) {
            sessions.values().removeIf(s -> isOver(s, now));
            makeRoom(login.name());
            if (sessions.size() >= limits.most()) {
                return new Begun(login, null);
            }
            sessions.put(digest(token), session);
        }
        return new Begun(login, token);
    }

    private void makeRoom(String user) {
        var own = sessions.entrySet().stream()
                .filter(e -> e.getValue().login.name().equals(user))
                .sorted(Comparator.comparingLong(e -> e.getValue().used))
                .toList();
        own.stream().limit(Math.max(0, own.size() - limits.mostOfUser() + 1)).forEach(e -> sessions.remove(e.getKey()));
    }

    private boolean isOver(Session s, long now) {
        return now - s.began >= limits.time().toNanos()
                || now - s.used >= limits.idle().toNanos();
    }

    /** Who shows the session, as he is now; nobody when it has ended. Exceptionally as the authenticator, and the session stays. */
    CompletableFuture<Optional<LoginUser>> user(Caller caller) {
        String key = digest(caller.session());
        Session s;
        synchronized (sessions) {
            long now = clock.getAsLong();
            s = sessions.computeIfPresent(key, (k, old) -> isOver(old, now) ? null : old.usedAt(now));
        }
        if (s == null || s.here && !caller.isHere()) {
            return nobody();
        }
        AccessView view = access.get();
        if (!view.isInitialised()) {
            return CompletableFuture.completedFuture(s.hash == null ? Optional.of(s.login) : Optional.empty());
        }
        User user = view.user(s.login.name());
        if (user != null && user.spec().password().equals(s.hash)) {
            return CompletableFuture.completedFuture(
                    Optional.of(new LoginUser(user.name(), user.spec().tags())));
        }
        return user == null || s.password == null ? ended(key) : again(key, s, user, caller);
    }

    /** What is kept of his password is another thing: is the password? */
    private CompletableFuture<Optional<LoginUser>> again(String key, Session s, User user, Caller caller) {
        PasswordHash hash = user.spec().password();
        return authenticator.authenticate(user.name(), s.password, caller).thenCompose(found -> {
            if (found.isEmpty()) {
                return ended(key);
            }
            synchronized (sessions) {
                sessions.computeIfPresent(key, (k, old) -> old.with(hash, isBest(hash)));
            }
            return CompletableFuture.completedFuture(found);
        });
    }

    private CompletableFuture<Optional<LoginUser>> ended(String key) {
        synchronized (sessions) {
            sessions.remove(key);
        }
        return nobody();
    }

    private static CompletableFuture<Optional<LoginUser>> nobody() {
        return CompletableFuture.completedFuture(Optional.empty());
    }

    /** Ends a session, if there is one of that token. */
    void end(String token) {
        var unused = ended(digest(token));
    }

    /** How many there are. */
    public int count() {
        synchronized (sessions) {
            long now = clock.getAsLong();
            sessions.values().removeIf(s -> isOver(s, now));
            return sessions.size();
        }
    }

    /** No login replaces it by a better one. */
    private static boolean isBest(PasswordHash hash) {
        return Passwords.PBKDF2.equals(hash.algorithm());
    }

    private static String digest(String token) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
