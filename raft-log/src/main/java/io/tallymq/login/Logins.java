package io.tallymq.login;

import io.netty.util.concurrent.DefaultThreadFactory;
import io.tallymq.broker.change.Change;
import io.tallymq.broker.change.Rehash;
import io.tallymq.broker.spec.PasswordHash;
import io.tallymq.broker.view.AccessView;
import io.tallymq.broker.view.User;
import io.tallymq.timer.Timers;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Says who somebody is, for AMQP and for HTTP, by the users that the cluster has; before it has any, by the one that this node's configuration
 * names. Comparing a password takes some 40 ms on a thread of its own, whoever is asked for; who logged in before with the same password is
 * known at once, by a keyed digest that ends with this process. Any thread.
 */
public final class Logins implements AutoCloseable {
    /** Logins that wait for the thread; more are refused. */
    static final int MOST_WAITING = 500;
    /** Users whose last password is known. */
    private static final int MOST_KNOWN = 10_000;

    private static final int KEY = 32;

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Known(PasswordHash hash, byte[] digest) {}

    private final Supplier<AccessView> access;
    private final String founder;
    private final byte[] founderDigest;
    private final Set<String> loopbackOnly;
    private final Consumer<Change> changes;
    private final SecureRandom random = new SecureRandom();
    private final byte[] key = new byte[KEY];
    /** Compared with when there is no such user. */
    private final PasswordHash nobody;

    private final Penalties penalties = new Penalties(System::nanoTime);
    private final Timers timers = new Timers();
    private final AtomicLong refused = new AtomicLong();
    private final ThreadPoolExecutor comparing;
    private final ScheduledThreadPoolExecutor later;
    private final Map<String, Known> known = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Known> eldest) {
            return size() > MOST_KNOWN;
        }
    };

    /**
     * Begins with nobody known.
     *
     * @param founder who may log in before the cluster has users, as an administrator
     * @param loopbackOnly users who may log in from the node's own machine only
     * @param changes takes what is to be replicated: passwords that are to be kept in a better way
     */
    public Logins(
            Supplier<AccessView> access,
            String founder,
            String founderPassword,
            Set<String> loopbackOnly,
            Consumer<Change> changes) {
        this.access = access;
        this.founder = founder;
        this.loopbackOnly = Set.copyOf(loopbackOnly);
        this.changes = changes;
        random.nextBytes(key);
        founderDigest = digest(founderPassword.getBytes(StandardCharsets.UTF_8));
        byte[] none = new byte[KEY];
        random.nextBytes(none);
        nobody = Passwords.hash(none, random, 1); // its rounds are never counted, see #compare
        comparing = new ThreadPoolExecutor(
                1,
                1,
                10,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(MOST_WAITING),
                new DefaultThreadFactory("login", true));
        comparing.allowCoreThreadTimeOut(true);
        later = new ScheduledThreadPoolExecutor(1, new DefaultThreadFactory("login-later", true));
        later.setRemoveOnCancelPolicy(true);
    }

    /**
     * Whether the password is the user's and the user may come from there. Completes on any thread, with nobody when something is wrong, and
     * then the later the more often the address failed. Never exceptionally.
     *
     * @param from the peer's own address, never one that the peer claims
     * @param here whether it is on the node's own machine
     */
    public CompletableFuture<Optional<LoginUser>> login(String user, byte[] password, InetAddress from, boolean here) {
        AccessView view = access.get();
        if (!view.isInitialised()) {
            boolean same = MessageDigest.isEqual(founderDigest, digest(password)) & founder.equals(user);
            return answer(same ? new LoginUser(user, List.of("administrator")) : null, from, here);
        }
        User u = view.user(user);
        if (u != null && isKnown(u, password)) {
            return answer(new LoginUser(user, u.spec().tags()), from, here);
        }
        try {
            return CompletableFuture.supplyAsync(() -> compare(user, u, password), comparing)
                    .thenCompose(found -> answer(found, from, here));
        } catch (RejectedExecutionException e) {
            refused.incrementAndGet();
            return CompletableFuture.completedFuture(Optional.empty());
        }
    }

    /** Whether there is such a user, who has proved otherwise who he is, and he may come from there. */
    public boolean mayCome(String user, boolean here) {
        AccessView view = access.get();
        boolean is = view.isInitialised() ? view.user(user) != null : founder.equals(user);
        boolean may = is && (here || !loopbackOnly.contains(user));
        if (!may) {
            refused.incrementAndGet();
        }
        return may;
    }

    private CompletableFuture<Optional<LoginUser>> answer(LoginUser found, InetAddress from, boolean here) {
        if (found != null && (here || !loopbackOnly.contains(found.name()))) {
            penalties.succeeded(from);
            return CompletableFuture.completedFuture(Optional.of(found));
        }
        refused.incrementAndGet();
        CompletableFuture<Optional<LoginUser>> no = new CompletableFuture<>();
        try {
            var unused = timers.after(
                    later,
                    penalties.failed(from),
                    TimeUnit.NANOSECONDS,
                    "refusing a login",
                    () -> no.complete(Optional.empty()));
        } catch (RejectedExecutionException e) {
            no.complete(Optional.empty()); // the node ends
        }
        return no;
    }

    private boolean isKnown(User u, byte[] password) {
        Known k;
        synchronized (known) {
            k = known.get(u.name());
        }
        return k != null && k.hash.equals(u.spec().password()) && MessageDigest.isEqual(k.digest, digest(password));
    }

    /** Does the same work whether there is such a user, however his password is kept, and whether it is right. */
    private LoginUser compare(String name, User u, byte[] password) {
        PasswordHash hash = u == null ? nobody : u.spec().password();
        boolean same = Passwords.matches(hash, password);
        PasswordHash ours =
                Passwords.PBKDF2.equals(hash.algorithm()) && hash != nobody ? hash : Passwords.hash(password, random);
        if (u == null || !same) {
            return null;
        }
        synchronized (known) {
            known.put(name, new Known(hash, digest(password)));
        }
        if (ours != hash) {
            changes.accept(new Rehash(name, hash, ours));
        }
        return new LoginUser(name, u.spec().tags());
    }

    private byte[] digest(byte[] password) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            return mac.doFinal(password);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has HMAC-SHA-256", e);
        }
    }

    /** Logins that failed or found too many others waiting, since the start. */
    public long refused() {
        return refused.get();
    }

    /** Logins that wait to be compared. */
    public int waiting() {
        return comparing.getQueue().size();
    }

    @Override
    public void close() {
        comparing.shutdownNow();
        later.shutdownNow();
    }
}
