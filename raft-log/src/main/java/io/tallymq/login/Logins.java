package io.tallymq.login;

import io.netty.util.concurrent.DefaultThreadFactory;
import io.tallymq.broker.change.Change;
import io.tallymq.broker.change.Rehash;
import io.tallymq.broker.spec.PasswordHash;
import io.tallymq.broker.view.AccessView;
import io.tallymq.broker.view.User;
import io.tallymq.net.Origin;
import io.tallymq.timer.Timers;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says who somebody is, for AMQP and for HTTP, by the users that the cluster has; before it has any, by the one that this node's configuration
 * names. Comparing a password takes some 40 ms on a thread of its own, whoever is asked for; who logged in before with the same password is
 * known at once. See {@link Waiting} for who is next, and {@link Penalties} for what guessing costs. Any thread.
 */
public final class Logins implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Logins.class);

    /** Passwords that wait to be compared; who shows one more is turned away, or drives out one of who sends the most. */
    static final int MOST_WAITING = 500;
    /** Those of one address. */
    static final int MOST_OF_ONE = 100;

    /** A password may change while it is compared: how often it is begun anew. */
    private static final int MOST_TRIES = 3;

    /**
     * What a comparison has found.
     *
     * @param user null for nobody
     * @param compared what is kept of the password that was compared with; null when there was no such user
     */
    private record Found(LoginUser user, PasswordHash compared) {}

    private final Supplier<AccessView> access;
    private final String founder;
    private final byte[] founderDigest;
    private final Set<String> loopbackOnly;
    private final UpToDate upToDate;
    private final Consumer<Change> changes;
    private final SecureRandom random = new SecureRandom();
    private final KnownPasswords known = new KnownPasswords(random);
    /** Compared with when there is no such user. */
    private final PasswordHash nobody;

    private final Penalties penalties;
    private final Waiting waiting;
    private final Timers timers = new Timers();
    private final AtomicLong refused = new AtomicLong();
    private final AtomicLong turnedAway = new AtomicLong();
    private final ThreadPoolExecutor comparing;
    private final ScheduledThreadPoolExecutor later;
    private final AtomicBoolean woken = new AtomicBoolean();
    /** When all who wait are held: rings at the end of that. Of the thread that compares. */
    private ScheduledFuture<?> alarm;

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
        this(
                access,
                founder,
                founderPassword,
                loopbackOnly,
                log,
                changes,
                new Penalties(System::nanoTime, longest.toNanos()));
    }

    /** As above, by another clock. */
    Logins(
            Supplier<AccessView> access,
            String founder,
            String founderPassword,
            Set<String> loopbackOnly,
            Supplier<CompletableFuture<Boolean>> log,
            Consumer<Change> changes,
            Penalties penalties) {
        this.penalties = penalties;
        this.waiting = new Waiting(MOST_WAITING, MOST_OF_ONE, penalties);
        this.access = access;
        this.founder = founder;
        this.loopbackOnly = Set.copyOf(loopbackOnly);
        this.changes = changes;
        founderDigest = known.digest(founderPassword.getBytes(StandardCharsets.UTF_8));
        nobody = Passwords.nobodys(random);
        comparing = new ThreadPoolExecutor(
                1, 1, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), new DefaultThreadFactory("login", true));
        comparing.allowCoreThreadTimeOut(true);
        later = new ScheduledThreadPoolExecutor(1, new DefaultThreadFactory("login-later", true));
        later.setRemoveOnCancelPolicy(true);
        upToDate = new UpToDate(log, timers, later);
    }

    /**
     * Whether the password is the user's and the user may come from there. Completes on any thread: refused when something is wrong, and
     * then the later the more often the address failed; busy when nobody looks at it, as too many wait, or this node is behind and can't
     * know that it is wrong. Never exceptionally.
     *
     * @param from the peer's own address, never one that the peer claims
     * @param here whether it is on the node's own machine
     */
    public CompletableFuture<LoginAnswer> login(String user, byte[] password, InetAddress from, boolean here) {
        byte[] digest = known.digest(password);
        boolean may = here || !loopbackOnly.contains(user); // else he is to be told no sooner than who guesses
        var key = new Comparison.Key(user, ByteBuffer.wrap(digest), may);
        var waiter = new Comparison.Waiter(from, user.length() + password.length, new CompletableFuture<>());
        if (waiting.isClosedTo(from)) {
            turnAway(waiting.join(key, waiter) ? List.of() : List.of(waiter));
            return waiter.answer();
        }
        AccessView view = access.get();
        User u = view.user(user); // also one that was made before the cluster had its first user
        if (may && u != null && known.isKnown(u, digest)) {
            return CompletableFuture.completedFuture(
                    LoginAnswer.of(new LoginUser(user, u.spec().tags())));
        }
        if (may && u == null && !view.isInitialised() && isFounder(user, digest)) {
            return founder(user, password, from, here);
        }
        turnAway(waiting.enter(key, password, waiter));
        wake();
        return waiter.answer();
    }

    /** Whether a login from there would be looked at, if nobody who waits has shown the same: who asks before spares a client the try. */
    public boolean hasRoom(InetAddress from) {
        return waiting.hasRoom(from);
    }

    private void turnAway(List<Comparison.Waiter> waiters) {
        turnedAway.addAndGet(waiters.size());
        waiters.forEach(w -> w.answer().complete(LoginAnswer.BUSY));
    }

    /** Somebody looks who is next. */
    private void wake() {
        if (woken.compareAndSet(false, true)) {
            try {
                comparing.execute(this::turn);
            } catch (RejectedExecutionException e) {
                turnAway(waiting.close()); // the node ends
            }
        }
    }

    /** One comparison. On the thread of these. */
    private void turn() {
        woken.set(false);
        Comparison c = waiting.next();
        if (c == null) {
            awaitNext();
            return;
        }
        Found found;
        try {
            found = find(c);
        } catch (RuntimeException | Error e) {
            LOG.error("A login met a bug", e);
            turnAway(waiting.end(c));
            wake();
            return;
        }
        answer(found, c, waiting.end(c));
        wake();
    }

    private void awaitNext() {
        long pause = waiting.pause();
        if (pause < 0) {
            return;
        }
        if (alarm != null) {
            alarm.cancel(false);
        }
        try {
            alarm = timers.after(later, pause, TimeUnit.NANOSECONDS, "looking at logins that were held", this::wake);
        } catch (RejectedExecutionException e) {
            turnAway(waiting.close()); // the node ends
        }
    }

    /**
     * Whether there is such a user, who has proved otherwise who he is, and he may come from there; busy when this node does not know it. Never
     * completes exceptionally.
     */
    public CompletableFuture<LoginAnswer> mayCome(String user, boolean here) {
        boolean may = here || !loopbackOnly.contains(user);
        if (may && access.get().isInitialised() && isThere(user)) {
            return CompletableFuture.completedFuture(accepted(user));
        }
        return upToDate.fromNowOn().thenApply(isKnown -> {
            if (!isKnown) {
                turnedAway.incrementAndGet();
                return LoginAnswer.BUSY;
            } else if (may && isThere(user)) {
                return accepted(user);
            }
            refused.incrementAndGet();
            return LoginAnswer.REFUSED;
        });
    }

    private static LoginAnswer accepted(String user) {
        return LoginAnswer.of(new LoginUser(user, List.of())); // tags are of no use where certificates are
    }

    private boolean isThere(String user) {
        AccessView view = access.get();
        return view.user(user) != null || !view.isInitialised() && founder.equals(user);
    }

    private boolean isFounder(String user, byte[] digest) {
        return MessageDigest.isEqual(founderDigest, digest) & founder.equals(user);
    }

    /** As far as this node knows the cluster has no users. */
    private CompletableFuture<LoginAnswer> founder(String user, byte[] password, InetAddress from, boolean here) {
        return upToDate.now()
                .thenCompose(isKnown -> isKnown && access.get().isInitialised()
                        ? login(user, password, from, here)
                        : CompletableFuture.completedFuture(
                                LoginAnswer.of(new LoginUser(user, List.of("administrator"), isKnown))));
    }

    /**
     * All have shown the same, so it is one failure of each address, which pays from now on, whatever becomes of it: else it could guess for nothing
     * until this node knows.
     */
    private void answer(Found found, Comparison c, List<Comparison.Waiter> waiters) {
        if (found.user != null) {
            waiters.forEach(w -> w.answer().complete(LoginAnswer.of(found.user)));
            return;
        }
        Map<InetAddress, Long> costs = new HashMap<>();
        Map<Comparison.Waiter, Long> wrong = new LinkedHashMap<>();
        for (Comparison.Waiter w : waiters) {
            wrong.put(w, costs.computeIfAbsent(Origin.of(w.from()), o -> penalties.failed(o, c.user())));
        }
        var unused = upToDate.fromNowOn()
                .thenAccept(isKnown -> answerWrong(isKnown, found, c, wrong))
                .whenComplete((done, bug) -> endIfFailed(bug, wrong.keySet()));
    }

    /** Clients take a refusal for final. A node that is behind may not have heard of the user, or of his password. */
    private void answerWrong(boolean isKnown, Found found, Comparison c, Map<Comparison.Waiter, Long> wrong) {
        if (!isKnown) {
            turnAway(List.copyOf(wrong.keySet()));
        } else if (!Objects.equals(hash(user(c.key())), found.compared)) {
            wrong.keySet().forEach(w -> turnAway(waiting.enter(c.key(), c.password(), w)));
            wake();
        } else {
            wrong.forEach((w, cost) -> refuse(w.answer(), cost));
        }
    }

    private static void endIfFailed(Throwable bug, Set<Comparison.Waiter> waiters) {
        if (bug != null) {
            LOG.error("A login met a bug", bug);
            waiters.forEach(w -> w.answer().complete(LoginAnswer.BUSY));
        }
    }

    /** With whose password it is compared; null for nobody's. */
    private User user(Comparison.Key key) {
        return key.mayCome() ? access.get().user(key.user()) : null;
    }

    private static PasswordHash hash(User u) {
        return u == null ? null : u.spec().password();
    }

    private void refuse(CompletableFuture<LoginAnswer> answer, long cost) {
        refused.incrementAndGet();
        try {
            var unused = timers.after(
                    later, cost, TimeUnit.NANOSECONDS, "refusing a login", () -> answer.complete(LoginAnswer.REFUSED));
        } catch (RejectedExecutionException e) {
            answer.complete(LoginAnswer.REFUSED); // the node ends
        }
    }

    /** Its turn has come: the user may be another one by now, and when it is done. */
    private Found find(Comparison c) {
        String name = c.user();
        PasswordHash compared = null;
        for (int i = 0; i < MOST_TRIES; i++) {
            User u = user(c.key());
            boolean same = u != null && known.isKnown(u, c.key().digest().array()) // by one that was before it
                    || isRight(c, u);
            compared = hash(u);
            User now = access.get().user(name);
            if (!same || now == null) {
                break;
            }
            if (now.spec().password().equals(compared)) {
                return new Found(new LoginUser(name, now.spec().tags()), compared);
            }
        }
        return new Found(null, compared);
    }

    /** Does the same work whether there is such a user, however his password is kept, and whether it is right. */
    private boolean isRight(Comparison c, User u) {
        PasswordHash hash = u == null ? nobody : u.spec().password();
        boolean same = Passwords.matches(hash, c.password());
        PasswordHash ours = Passwords.PBKDF2.equals(hash.algorithm()) ? hash : Passwords.hash(c.password(), random);
        if (u == null || !same) {
            return false;
        }
        known.learn(c.user(), hash, c.key().digest().array());
        if (ours != hash) {
            changes.accept(new Rehash(c.user(), hash, ours));
        }
        return true;
    }

    /** Logins that failed, since the start. */
    public long refused() {
        return refused.get();
    }

    /** Logins that nobody looked at, as too many waited, or that were wrong as far as a node knew that was behind; since the start. */
    public long turnedAway() {
        return turnedAway.get();
    }

    /** Logins that wait for a comparison. */
    public int waiting() {
        return waiting.logins();
    }

    @Override
    public void close() {
        comparing.shutdownNow();
        later.shutdownNow();
        turnAway(waiting.close());
    }
}
