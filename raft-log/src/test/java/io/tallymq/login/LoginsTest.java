package io.tallymq.login;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.access.AccessState;
import io.tallymq.broker.change.Change;
import io.tallymq.broker.change.Rehash;
import io.tallymq.broker.spec.PasswordHash;
import io.tallymq.broker.spec.UserSpec;
import io.tallymq.broker.view.AccessView;
import io.tallymq.login.LoginAnswer.Kind;
import io.tallymq.store.MemoryStore;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LoginsTest {
    private final AccessState access = new AccessState(new MemoryStore(), () -> 0);
    private final List<Change> changes = new ArrayList<>();
    /** Whether the node has applied all that was confirmed. */
    private CompletableFuture<Boolean> log = CompletableFuture.completedFuture(true);

    /** Nothing is compared before it is done. */
    private volatile CompletableFuture<Void> gate = CompletableFuture.completedFuture(null);

    private final Logins logins =
            new Logins(this::view, "guest", "guest", Set.of("guest"), () -> log, changes::add, Duration.ofMillis(1));

    @AfterEach
    void end() {
        gate.complete(null);
        logins.close();
    }

    private AccessView view() {
        if (Thread.currentThread().getName().startsWith("login-")) {
            gate.join();
        }
        return access;
    }

    static byte[] octets(String s) {
        return s.getBytes(StandardCharsets.UTF_8);
    }

    private static InetAddress remote() throws UnknownHostException {
        return InetAddress.getByAddress(new byte[] {10, 0, 0, 7});
    }

    private static InetAddress elsewhere(int host) throws UnknownHostException {
        return InetAddress.getByAddress(new byte[] {10, 1, (byte) (host >> 8), (byte) host});
    }

    private boolean login(String user, String password, boolean here) throws Exception {
        return result(logins.login(user, octets(password), remote(), here)) == Kind.ACCEPTED;
    }

    private static Kind result(CompletableFuture<LoginAnswer> answer) throws Exception {
        return answer.get(30, TimeUnit.SECONDS).kind();
    }

    private void add(String user, PasswordHash hash, String... tags) {
        access.initialise();
        access.setUser(user, new UserSpec(hash, List.of(tags)));
    }

    /** As RabbitMQ documents it: four bytes of salt, then the digest of salt and password. */
    private static PasswordHash rabbit(String algorithm, String digest, String password) throws Exception {
        byte[] salt = {1, 2, 3, 4};
        MessageDigest d = MessageDigest.getInstance(digest);
        d.update(salt);
        byte[] hash = d.digest(octets(password));
        byte[] all = new byte[4 + hash.length];
        System.arraycopy(salt, 0, all, 0, 4);
        System.arraycopy(hash, 0, all, 4, hash.length);
        return new PasswordHash(algorithm, Base64.getEncoder().encodeToString(all));
    }

    @Test
    void beforeTheClusterHasUsersTheConfiguredOneIsItsAdministrator() throws Exception {
        assertEquals(
                List.of("administrator"),
                logins.login("guest", octets("guest"), remote(), true)
                        .get()
                        .user()
                        .tags());
        assertFalse(login("guest", "guest", false));
        assertFalse(login("guest", "other", true));
        assertFalse(login("ann", "guest", true));
        add("ann", Passwords.hash(octets("pw"), new SecureRandom(), 10));
        assertFalse(login("guest", "guest", true));
        assertTrue(login("ann", "pw", false));
    }

    /** Whoever administers a cluster that has just begun makes a user at once: he is one before the first user is. */
    @Test
    void whoIsMadeBeforeTheFirstUserMayComeAtOnce() throws Exception {
        access.setUser("ann", new UserSpec(Passwords.hash(octets("pw"), new SecureRandom(), 10), List.of()));
        assertTrue(login("ann", "pw", false));
        assertFalse(login("ann", "guest", true));
        assertTrue(login("guest", "guest", true));
        assertEquals(Kind.ACCEPTED, result(logins.mayCome("ann", false)));
    }

    /** A node that joins: its state is empty, the cluster's is not. */
    @Test
    void whoTheConfigurationNamesIsNobodyWhenTheLogTellsOfUsers() throws Exception {
        log = new CompletableFuture<>();
        CompletableFuture<LoginAnswer> login = logins.login("guest", octets("guest"), remote(), true);
        assertFalse(login.isDone());
        add("ann", Passwords.hash(octets("pw"), new SecureRandom(), 10));
        log.complete(true);
        assertEquals(Kind.REFUSED, result(login));
    }

    @Test
    void aCertificateOfThatNameIsNobodysEitherUntilTheLogTells() throws Exception {
        log = new CompletableFuture<>();
        CompletableFuture<LoginAnswer> early = logins.mayCome("guest", true);
        assertFalse(early.isDone());
        log.complete(true);
        assertEquals(Kind.ACCEPTED, result(early));
        assertEquals(Kind.REFUSED, result(logins.mayCome("guest", false)));
        add("ann", Passwords.hash(octets("pw"), new SecureRandom(), 10));
        assertEquals(Kind.REFUSED, result(logins.mayCome("guest", true)));
        assertEquals(Kind.ACCEPTED, result(logins.mayCome("ann", false)));
    }

    @Test
    void whileNobodyKnowsWhetherThereAreUsersTheConfiguredOneIsNotCertain() throws Exception {
        log = CompletableFuture.completedFuture(false);
        assertFalse(logins.login("guest", octets("guest"), remote(), true)
                .get()
                .user()
                .isCertain());
        log = CompletableFuture.failedFuture(new IllegalStateException("no leader"));
        assertFalse(logins.login("guest", octets("guest"), remote(), true)
                .get()
                .user()
                .isCertain());
        log = CompletableFuture.completedFuture(true);
        assertTrue(logins.login("guest", octets("guest"), remote(), true)
                .get()
                .user()
                .isCertain());
    }

    /** One that copies the cluster's state, or has not heard of a user that was just made: clients take a refusal for final. */
    @Test
    void aNodeThatIsBehindRefusesNobody() throws Exception {
        log = CompletableFuture.completedFuture(false);
        assertEquals(Kind.BUSY, result(logins.login("ann", octets("pw"), remote(), false)));
        add("root", Passwords.hash(octets("pw"), new SecureRandom(), 10));
        assertEquals(Kind.BUSY, result(logins.login("ann", octets("pw"), remote(), false)));
        assertEquals(Kind.BUSY, result(logins.login("guest", octets("guest"), remote(), false)));
        assertEquals(Kind.BUSY, result(logins.mayCome("ann", false)));
        assertEquals(Kind.ACCEPTED, result(logins.mayCome("root", false)));
        assertEquals(0, logins.refused());
        assertEquals(4, logins.turnedAway());
        assertTrue(login("root", "pw", false));
    }

    /** What the log told of a moment ago does not tell of a user that was made since. */
    @Test
    void whoIsHeardOfMeanwhileIsComparedOnceMore() throws Exception {
        add("root", Passwords.hash(octets("pw"), new SecureRandom(), 10));
        assertFalse(login("ann", "other", false));
        log = new CompletableFuture<>();
        var login = logins.login("ann", octets("pw"), remote(), false);
        while (logins.waiting() > 0) {
            Thread.onSpinWait(); // it is being compared with nobody's
        }
        var certificate = logins.mayCome("ann", false);
        assertFalse(login.isDone());
        add("ann", Passwords.hash(octets("pw"), new SecureRandom(), 10));
        log.complete(true);
        assertEquals(Kind.ACCEPTED, result(login));
        assertEquals(Kind.ACCEPTED, result(certificate));
        assertEquals(1, logins.refused());
    }

    /** Without a majority the log says no for hours. */
    @Test
    void whoGuessesAtANodeThatIsBehindPaysAndMakesNoWorkForTheLog() throws Exception {
        var asked = new AtomicLong();
        Penalties penalties = new Penalties(() -> 0, 0);
        Supplier<CompletableFuture<Boolean>> counted = () -> {
            asked.incrementAndGet();
            return CompletableFuture.completedFuture(false);
        };
        add("ann", Passwords.hash(octets("pw"), new SecureRandom(), 10));
        long began = System.nanoTime();
        try (Logins counting =
                new Logins(this::view, "guest", "guest", Set.of("guest"), counted, changes::add, penalties)) {
            for (int i = 0; i < 50; i++) {
                assertEquals(Kind.BUSY, result(counting.login("ann", octets("wrong" + i), remote(), false)));
            }
        }
        long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began);
        assertTrue(asked.get() <= 1 + seconds, asked.get() + " times in " + seconds + " s");
        assertTrue(penalties.hasFailed(remote(), "ann"));
    }

    /** Else whoever sees what is kept, or the log, knows that he guessed it. */
    @Test
    void theRightPasswordOfWhoMayNotComeLeavesNoTrace() throws Exception {
        add("guest", rabbit(Passwords.RABBIT_SHA256, "SHA-256", "secret"));
        assertFalse(login("guest", "secret", false));
        assertEquals(List.of(), changes);
        assertTrue(login("guest", "secret", true));
        assertEquals(1, changes.size());
    }

    @Test
    void onlyTheRightPasswordOfAUserIsAccepted() throws Exception {
        add("ann", Passwords.hash(octets("pw"), new SecureRandom(), 10), "management");
        add("none", PasswordHash.NONE);
        assertTrue(login("ann", "pw", false));
        assertFalse(login("ann", "pw2", false));
        assertFalse(login("bob", "pw", false));
        assertFalse(login("none", "", false));
        assertFalse(login("", "", false));
        assertEquals(4, logins.refused());
        assertEquals(
                List.of("management"),
                logins.login("ann", octets("pw"), remote(), false).get().user().tags());
    }

    @Test
    void aNewPasswordIsTheOnlyOneFromThenOn() throws Exception {
        add("ann", Passwords.hash(octets("old"), new SecureRandom(), 10));
        assertTrue(login("ann", "old", false));
        add("ann", Passwords.hash(octets("new"), new SecureRandom(), 10));
        assertFalse(login("ann", "old", false));
        assertTrue(login("ann", "new", false));
    }

    @Test
    void rabbitsHashesAreTakenAndKeptInABetterWayFromThenOn() throws Exception {
        PasswordHash sha256 = rabbit(Passwords.RABBIT_SHA256, "SHA-256", "pw");
        add("ann", sha256);
        add("bob", rabbit(Passwords.RABBIT_SHA512, "SHA-512", "pw"));
        assertFalse(login("ann", "pw2", false));
        assertEquals(List.of(), changes);
        assertTrue(login("ann", "pw", false));
        assertTrue(login("bob", "pw", false));
        Rehash first = (Rehash) changes.get(0);
        assertEquals(sha256, first.from());
        assertEquals(Passwords.PBKDF2, first.to().algorithm());
        access.rehash("ann", first.to());
        assertTrue(login("ann", "pw", false));
        assertFalse(login("ann", "pw2", false));
        assertEquals(2, changes.size());
    }

    /** Computed by RabbitMQ 4.1: rabbitmqctl hash_password test12, of its documentation. */
    @Test
    void theHashOfRabbitsDocumentationIsItsPassword() throws Exception {
        add("doc", new PasswordHash(Passwords.RABBIT_SHA256, "kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR"));
        assertTrue(login("doc", "test12", false));
    }

    @Test
    void hashesOfTheWrongFormAreOfNoUse() {
        assertFalse(Passwords.isUsable(PasswordHash.NONE));
        assertFalse(Passwords.isUsable(new PasswordHash(Passwords.RABBIT_SHA256, "no base64!")));
        assertFalse(Passwords.isUsable(new PasswordHash(Passwords.RABBIT_SHA256, "c2hvcnQ=")));
        assertFalse(Passwords.isUsable(new PasswordHash("rabbit_password_hashing_md5", "c2hvcnQ=")));
        byte[] endless = new byte[52];
        endless[0] = 127;
        assertFalse(Passwords.isUsable(
                new PasswordHash(Passwords.PBKDF2, Base64.getEncoder().encodeToString(endless))));
    }

    /** What a client sent before his user was deleted, or lost a tag, waits behind others for as long as these take. */
    @Test
    void whoWaitedIsWhoHeIsWhenHisTurnComes() throws Exception {
        add("slow", Passwords.hash(octets("pw"), new SecureRandom(), 1_000_000));
        add("ann", Passwords.hash(octets("pw"), new SecureRandom(), 10), "administrator");
        add("bob", Passwords.hash(octets("pw"), new SecureRandom(), 10), "administrator");
        var first = logins.login("slow", octets("pw"), remote(), false);
        var second = logins.login("ann", octets("pw"), remote(), false);
        var third = logins.login("bob", octets("pw"), remote(), false);
        assertFalse(first.isDone());
        access.deleteUser("ann");
        add("bob", access.user("bob").spec().password(), "management");
        assertEquals(Kind.REFUSED, result(second));
        assertEquals(
                List.of("management"), third.get(30, TimeUnit.SECONDS).user().tags());
    }

    /** All clients of one application come back at once after a restart: one comparison is enough for them, and each is let in. */
    @Test
    void manyWithTheSamePasswordWaitForOneComparison() throws Exception {
        add("app", rabbit(Passwords.RABBIT_SHA256, "SHA-256", "pw"));
        List<CompletableFuture<LoginAnswer>> all = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            all.add(logins.login("app", octets("pw"), remote(), false));
        }
        for (var one : all) {
            assertEquals(Kind.ACCEPTED, result(one));
        }
        assertEquals(1, changes.size()); // each comparison would have asked for it
        assertEquals(0, logins.refused());
        assertEquals(0, logins.turnedAway());
        assertEquals(0, logins.waiting());
    }

    /** The same of an application whose clients have each an address of its own. */
    @Test
    void manyAddressesWithTheSamePasswordWaitForOneComparison() throws Exception {
        add("app", Passwords.hash(octets("pw"), new SecureRandom(), 10));
        gate = new CompletableFuture<>();
        var first = logins.login("other", octets("pw"), remote(), false);
        List<CompletableFuture<LoginAnswer>> all = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            all.add(logins.login("app", octets("pw"), elsewhere(i), false));
        }
        assertFalse(first.isDone());
        assertEquals(1_001, logins.waiting());
        gate.complete(null);
        for (var one : all) {
            assertEquals(Kind.ACCEPTED, result(one));
        }
        assertEquals(0, logins.turnedAway());
    }

    /** Who shows a wrong password with many others is told so with all of them, and it is one failure. */
    @Test
    void manyWithTheSameWrongPasswordFailOnce() throws Exception {
        AtomicLong now = new AtomicLong();
        Penalties penalties = new Penalties(now::get, Penalties.MOST_NANOS);
        try (Logins held = logins(penalties)) {
            add("app", Passwords.hash(octets("pw"), new SecureRandom(), 10));
            gate = new CompletableFuture<>();
            List<CompletableFuture<LoginAnswer>> all = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                all.add(held.login("app", octets("wrong"), remote(), false));
            }
            gate.complete(null);
            for (var one : all) {
                assertEquals(Kind.REFUSED, result(one));
            }
            assertEquals(50, held.refused());
            assertEquals(Penalties.FIRST_NANOS, penalties.held(remote()));
        }
    }

    private Logins logins(Penalties penalties) {
        return new Logins(this::view, "guest", "guest", Set.of("guest"), () -> log, changes::add, penalties);
    }

    /** Nobody has looked at their passwords, which may be right: they are not told that these are wrong, and are no failures. */
    @Test
    void anAddressThatSendsManyLeavesRoomForOthers() throws Exception {
        add("app", Passwords.hash(octets("pw"), new SecureRandom(), 10));
        add("ann", Passwords.hash(octets("pw"), new SecureRandom(), 10));
        gate = new CompletableFuture<>();
        CompletableFuture<LoginAnswer> begun = logins.login("app", octets("wrong"), elsewhere(1), true);
        List<CompletableFuture<LoginAnswer>> all = new ArrayList<>();
        for (int i = 0; i < Logins.MOST_OF_ONE + 10; i++) {
            all.add(logins.login("app", octets("wrong" + i), remote(), false));
        }
        assertFalse(begun.isDone());
        for (var one : all.subList(Logins.MOST_OF_ONE, all.size())) {
            assertEquals(Kind.BUSY, one.getNow(null).kind());
        }
        assertFalse(all.get(Logins.MOST_OF_ONE - 1).isDone());
        assertFalse(logins.hasRoom(remote()));
        assertEquals(0, logins.refused());
        assertEquals(10, logins.turnedAway());
        assertTrue(logins.hasRoom(elsewhere(2)));
        var other = logins.login("ann", octets("pw"), elsewhere(2), true);
        gate.complete(null);
        assertEquals(Kind.ACCEPTED, result(other));
        for (var one : all.subList(0, Logins.MOST_OF_ONE)) {
            assertEquals(Kind.REFUSED, result(one));
        }
    }

    /** While an address pays for a guess the next one is not begun: the others need not wait for it, however many it has sent. */
    @Test
    void whatAnAddressGuessesWaitsForItsTime() throws Exception {
        AtomicLong now = new AtomicLong();
        Penalties penalties = new Penalties(now::get, Penalties.MOST_NANOS);
        add("app", Passwords.hash(octets("pw"), new SecureRandom(), 10));
        add("ann", Passwords.hash(octets("pw"), new SecureRandom(), 10));
        try (Logins held = logins(penalties)) {
            assertEquals(Kind.REFUSED, result(held.login("app", octets("wrong"), remote(), false)));
            var guess = held.login("app", octets("guess"), remote(), false);
            assertEquals(Kind.ACCEPTED, result(held.login("ann", octets("pw"), elsewhere(1), false)));
            assertEquals(1, held.waiting());
            assertFalse(guess.isDone());
            assertEquals(1, held.refused());
            now.addAndGet(Penalties.FIRST_NANOS);
            assertEquals(Kind.REFUSED, result(guess));
            assertEquals(2, held.refused());
        }
    }

    /** Neither his own logins nor others of his address make the next guess cheaper. */
    @Test
    void whoHasAUserOfHisOwnPaysForGuessesAll() throws Exception {
        AtomicLong now = new AtomicLong();
        Penalties penalties = new Penalties(now::get, Penalties.MOST_NANOS);
        add("app", Passwords.hash(octets("pw"), new SecureRandom(), 10));
        add("own", Passwords.hash(octets("pw"), new SecureRandom(), 10));
        try (Logins held = logins(penalties)) {
            for (int i = 0; i < 3; i++) {
                assertEquals(Kind.REFUSED, result(held.login("app", octets("guess" + i), remote(), false)));
                assertEquals(Penalties.FIRST_NANOS << i, penalties.held(remote()));
                now.addAndGet(Penalties.FIRST_NANOS << i);
                assertEquals(Kind.ACCEPTED, result(held.login("own", octets("pw"), remote(), false)));
            }
        }
    }

    /** Before the cluster has users its configured one may be guessed, too. */
    @Test
    void guessesOfTheConfiguredUserWaitForTheirTime() throws Exception {
        AtomicLong now = new AtomicLong();
        Penalties penalties = new Penalties(now::get, Penalties.MOST_NANOS);
        try (Logins held = logins(penalties)) {
            assertEquals(Kind.REFUSED, result(held.login("guest", octets("wrong"), remote(), true)));
            var guess = held.login("guest", octets("guess"), remote(), true);
            assertEquals(Kind.REFUSED, result(held.login("guest", octets("guess"), elsewhere(1), true)));
            assertEquals(0, held.waiting()); // the same guess from elsewhere: one comparison
            assertEquals(Kind.REFUSED, result(guess));
            assertEquals(Kind.ACCEPTED, result(held.login("guest", octets("guest"), remote(), true)));
        }
    }

    @Test
    void guestIsLetInFromLoopbackOnly() throws Exception {
        add("guest", Passwords.hash(octets("guest"), new SecureRandom(), 10));
        assertTrue(login("guest", "guest", true));
        assertFalse(login("guest", "guest", false));
    }

    @Test
    void failedLoginsCostMoreTimeEachTimeUntilTheyAreForgotten() throws Exception {
        AtomicLong now = new AtomicLong();
        Penalties penalties = new Penalties(now::get, Penalties.MOST_NANOS);
        long last = 0;
        for (int i = 0; i < 5; i++) {
            long next = penalties.failed(remote(), "ann");
            assertTrue(next > last);
            last = next;
        }
        for (int i = 0; i < 100; i++) {
            last = penalties.failed(remote(), "ann");
        }
        assertEquals(Penalties.MOST_NANOS, last);
        assertEquals(Penalties.FIRST_NANOS, penalties.failed(InetAddress.getLoopbackAddress(), "ann"));
        now.addAndGet(Penalties.FORGET_NANOS + 1);
        assertEquals(Penalties.FIRST_NANOS, penalties.failed(remote(), "ann"));
    }

    /** Who has one address of a network has 2^64 of them. */
    @Test
    void aNetworkOfIpv6IsOneAddress() throws Exception {
        Penalties penalties = new Penalties(() -> 0, Penalties.MOST_NANOS);
        InetAddress one = InetAddress.getByName("2001:db8:1:2::1");
        InetAddress another = InetAddress.getByName("2001:db8:1:2:ffff::2");
        InetAddress elsewhere = InetAddress.getByName("2001:db8:1:3::1");
        penalties.failed(one, "ann");
        assertEquals(2 * Penalties.FIRST_NANOS, penalties.failed(another, "bob"));
        assertEquals(2 * Penalties.FIRST_NANOS, penalties.held(one));
        assertTrue(penalties.hasFailed(another, "ann"));
        assertEquals(0, penalties.held(elsewhere));
        assertEquals(Penalties.FIRST_NANOS, penalties.failed(elsewhere, "ann"));
    }
}
