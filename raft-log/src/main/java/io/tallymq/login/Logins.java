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
import java.time.Duration;
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
    /** Those of one address. */
    static final int MOST_OF_ONE = 100;
    /** Users whose last password is known. */
    private static final int MOST_KNOWN = 10_000;

    /** A password may change while it is compared: how often it is begun anew. */
    private static final int MOST_TRIES = 3;

    private static final int KEY = 32;

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Known(PasswordHash hash, byte[] digest) {}

    private final Supplier<AccessView> access;
    private final String founder;
    private final byte[] founderDigest;
    private final Set<String> loopbackOnly;
    private final UpToDate upToDate;
    private final Consumer<Change> changes;
    private final SecureRandom random = new SecureRandom();
    private final byte[] key = new byte[KEY];
    /** Compared with when there is no such user. */
    private final PasswordHash nobody;

    private final Waiting waiting = new Waiting(MOST_OF_ONE);
    private final Penalties penalties;
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
     * @param log completes with true when this node has applied all that was confirmed before. A node that joins, or lost its disk, knows
     *     of no users, and the cluster may have some: then its configuration names nobody
     * @param changes takes what is to be replicated: passwords that are to be kept in a better way
     */
    public Logins(
            Supplier<AccessView> access,
            String founder,
            String founderPassword,
            Set<String> loopbackOnly,
            Supplier<CompletableFuture<Boolean>> log,
            Consumer<Change> changes) {
        this(access, founder, founderPassword, loopbackOnly, log, changes, Duration.ofNanos(Penalties.MOST_NANOS));
    }

    /**
     * As above, for tests that fail on purpose.
     *
     * @param longest time that the answer to a failed login is held back
     */
    public Logins(
            Supplier<AccessView> access,
            String founder,
            String founderPassword,
            Set<String> loopbackOnly,
            Supplier<CompletableFuture<Boolean>> log,
            Consumer<Change> changes,
            Duration longest) {
        penalties = new Penalties(System::nanoTime, longest.toNanos());
        this.access = access;
        this.founder = founder;
        this.loopbackOnly = Set.copyOf(loopbackOnly);
        this.changes = changes;
        random.nextBytes(key);
        founderDigest = digest(founderPassword.getBytes(StandardCharsets.UTF_8));
        nobody = Passwords.nobodys(random);
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
        upToDate = new UpToDate(log, timers, later);
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
        User u = view.user(user); // also one that was made before the cluster had its first user
        if (u == null && !view.isInitialised()) {
            return founder(user, password, from, here);
        }
        if (u != null && isKnown(u, password)) {
            return answer(new LoginUser(user, u.spec().tags()), from, here);
        }
        return waiting.begins(from) ? inTurn(user, password, from, here) : tooMany();
    }

    private CompletableFuture<Optional<LoginUser>> inTurn(
            String user, byte[] password, InetAddress from, boolean here) {
        try {
            return CompletableFuture.supplyAsync(() -> find(user, password), comparing)
                    .whenComplete((found, failure) -> waiting.ended(from))
                    .thenCompose(found -> answer(found, from, here));
        } catch (RejectedExecutionException e) {
            waiting.ended(from);
            return tooMany();
        }
    }

    /** Whether there is such a user, who has proved otherwise who he is, and he may come from there. Never completes exceptionally. */
    public CompletableFuture<Boolean> mayCome(String user, boolean here) {
        CompletableFuture<Boolean> isKnown =
                access.get().isInitialised() ? CompletableFuture.completedFuture(true) : upToDate.now();
        return isKnown.thenApply(is -> {
            boolean may = is && isThere(user) && (here || !loopbackOnly.contains(user));
            if (!may) {
                refused.incrementAndGet();
            }
            return may;
        });
    }

    private boolean isThere(String user) {
        AccessView view = access.get();
        return view.user(user) != null || !view.isInitialised() && founder.equals(user);
    }

    private CompletableFuture<Optional<LoginUser>> tooMany() {
        refused.incrementAndGet();
        return CompletableFuture.completedFuture(Optional.empty());
    }

    /** As far as this node knows the cluster has no users. */
    private CompletableFuture<Optional<LoginUser>> founder(
            String user, byte[] password, InetAddress from, boolean here) {
        boolean same = MessageDigest.isEqual(founderDigest, digest(password)) & founder.equals(user);
        if (!same || !here && loopbackOnly.contains(user)) {
            return answer(null, from, here);
        }
        return upToDate.now()
                .thenCompose(isKnown -> isKnown && access.get().isInitialised()
                        ? login(user, password, from, here)
                        : answer(new LoginUser(user, List.of("administrator"), isKnown), from, here));
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

    /** Its turn has come: the user may be another one by now, and when it is done. */
    private LoginUser find(String name, byte[] password) {
        for (int i = 0; i < MOST_TRIES; i++) {
            User u = access.get().user(name);
            boolean same = u != null && isKnown(u, password) // by one that was before it
                    || isRight(name, u, password);
            User now = access.get().user(name);
            if (!same || now == null) {
                return null;
            }
            if (now.spec().password().equals(u.spec().password())) {
                return new LoginUser(name, now.spec().tags());
            }
        }
        return null;
    }

    /** Does the same work whether there is such a user, however his password is kept, and whether it is right. */
    private boolean isRight(String name, User u, byte[] password) {
        PasswordHash hash = u == null ? nobody : u.spec().password();
        boolean same = Passwords.matches(hash, password);
        PasswordHash ours = Passwords.PBKDF2.equals(hash.algorithm()) ? hash : Passwords.hash(password, random);
        if (u == null || !same) {
            return false;
        }
        synchronized (known) {
            known.put(name, new Known(hash, digest(password)));
        }
        if (ours != hash) {
            changes.accept(new Rehash(name, hash, ours));
        }
        return true;
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
