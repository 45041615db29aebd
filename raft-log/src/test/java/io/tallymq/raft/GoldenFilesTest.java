package io.tallymq.raft;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.tallymq.broker.BrokerMachine;
import io.tallymq.broker.StoredMessages;
import io.tallymq.broker.message.ByteWriter;
import io.tallymq.broker.message.UnknownFormatException;
import io.tallymq.broker.store.Keys;
import io.tallymq.broker.store.MessageStore;
import io.tallymq.broker.view.BrokerView;
import io.tallymq.broker.view.IdReceipt;
import io.tallymq.broker.view.Receipt;
import io.tallymq.raft.log.config.RaftTuning;
import io.tallymq.raft.session.GoldenLog;
import io.tallymq.raft.session.RuntimeTuning;
import io.tallymq.store.RocksStore;
import io.tallymq.store.RocksStoreConfig;
import io.tallymq.store.StoreException;
import io.tallymq.store.StoredCopy;
import java.io.IOException;
import java.io.StringReader;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What programs of some levels have written, read by the program of now: the files in {@code golden}. When this fails because a
 * codec or the way a command acts was changed, the files are right and the change is wrong: decision 013 says how to make it.
 */
class GoldenFilesTest {
    private static final String WRITE = "tallymq.golden.write";
    private static final String FACTS = "golden.properties";
    private static final long PATIENCE_SECONDS = 60;

    @TempDir
    Path dir;

    private final ConcurrentLinkedQueue<String> fatal = new ConcurrentLinkedQueue<>();
    private Properties facts;

    private void copyFiles(GoldenLevel level) throws Exception {
        Path golden = Path.of(
                GoldenFilesTest.class.getResource("/golden/" + level.directory).toURI());
        copy(golden, dir);
        facts = new Properties();
        facts.load(new StringReader(Files.readString(dir.resolve(FACTS))));
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path p : (Iterable<Path>) all.filter(Files::isRegularFile)::iterator) {
                Path target = to.resolve(from.relativize(p).toString());
                Files.createDirectories(target.getParent());
                Files.copy(p, target);
            }
        }
    }

    private long fact(String name) {
        return Long.parseLong(facts.getProperty(name));
    }

    private RocksStore openStore() {
        return RocksStore.open(RocksStoreConfig.in(dir.resolve("store")), BrokerMachine.LEVELS, fatal::add);
    }

    static List<GoldenLevel> newest() {
        return GoldenLevel.newest();
    }

    /** Not a test: writes the files of the level that this program writes, into directories below that which the property names. */
    @ParameterizedTest
    @MethodSource("newest")
    @EnabledIfSystemProperty(named = WRITE, matches = ".+")
    void write(GoldenLevel level) throws Exception {
        Path target = Path.of(System.getProperty(WRITE)).resolve(level.directory);
        Path store = dir.resolve("store");
        long probe;
        try (GoldenLog log =
                new GoldenLog(GoldenLog.config(dir.resolve("raft"), RaftTuning.DEFAULTS), dir.resolve("live"))) {
            probe = level.write(log, store);
            Properties p = new Properties();
            p.setProperty("probe.index", Long.toString(probe));
            p.setProperty("probe.digest", Long.toString(log.probed().digest()));
            StoredMessages m = StoredMessages.in(log.store());
            p.setProperty("probe.messages", Long.toString(m.count()));
            p.setProperty("probe.messages.digest", Long.toString(m.digest()));
            facts = p;
        }
        Path pristine = dir.resolve("pristine");
        copy(store, pristine);
        try (RocksStore s = openStore()) {
            facts.setProperty("store.index", Long.toString(s.applied().index()));
            facts.setProperty("store.digest", Long.toString(new BrokerMachine(s).digest()));
            StoredMessages m = StoredMessages.in(s);
            facts.setProperty("store.messages", Long.toString(m.count()));
            facts.setProperty("store.messages.digest", Long.toString(m.digest()));
        }
        copy(pristine, target.resolve("store"));
        copy(dir.resolve("raft"), target.resolve("raft"));
        try (Stream<Path> all = Files.walk(target)) {
            for (Path p : (Iterable<Path>) all.filter(GoldenFilesTest::isOfThisMachine)::iterator) {
                Files.delete(p);
            }
        }
        StringBuilder text = new StringBuilder("# Written by GoldenFilesTest#write. Never changed afterwards.\n");
        facts.stringPropertyNames().stream()
                .sorted()
                .forEach(n ->
                        text.append(n).append('=').append(facts.getProperty(n)).append('\n'));
        Files.writeString(target.resolve(FACTS), text);
    }

    /** What is made anew at each start. */
    private static boolean isOfThisMachine(Path file) {
        return Stream.of("OPTIONS", "LOG", "LOCK", "IDENTITY", "in_use.lock")
                .anyMatch(file.getFileName().toString()::startsWith);
    }

    @ParameterizedTest
    @EnumSource
    void theStoreIsRead(GoldenLevel level) throws Exception {
        copyFiles(level);
        try (RocksStore store = openStore()) {
            Map<Byte, Integer> records = records(store, level);
            assertEquals(level.types(), records.keySet(), "types of records: " + records);
            BrokerMachine machine = new BrokerMachine(store);
            assertEquals(fact("store.index"), machine.appliedIndex());
            assertEquals(fact("store.digest"), machine.digest());
            assertNotNull(machine.progress(machine.appliedIndex() + 1), "the entry that it was written in");
            assertTrue(machine.owes(), "chunks that are still to be taken out");
            assertEquals(
                    new StoredMessages(fact("store.messages"), fact("store.messages.digest")),
                    StoredMessages.in(store));
        }
    }

    private static Map<Byte, Integer> records(RocksStore store, GoldenLevel level) {
        Map<Byte, Integer> records = new LinkedHashMap<>();
        level.types().forEach(type -> store.scan(Keys.of(type), (k, v) -> records.merge(type, 1, Integer::sum)));
        return records;
    }

    @Test
    void whatGoesInStepsIsUnderWay() throws Exception {
        copyFiles(GoldenLevel.ONE);
        try (RocksStore store = openStore()) {
            Map<Byte, Integer> records = records(store, GoldenLevel.ONE);
            assertEquals(
                    2, records.get(Keys.LEAVING), "a connection and a node whose messages are still to be given back");
            assertTrue(new BrokerMachine(store).isLost("n2"));
        }
    }

    @Test
    void receiptsSayWhatTheySaid() throws Exception {
        copyFiles(GoldenLevel.FIVE);
        try (RocksStore store = openStore()) {
            BrokerMachine machine = new BrokerMachine(store);
            List<String> told = new ArrayList<>();
            GoldenReceipts.NAMES.forEach(
                    (producer, seqs) -> seqs.forEach(seq -> told.add(brief(machine, producer, seq))));
            assertEquals(GoldenReceipts.TOLD, told);
            assertEquals("stored 2 q ready", brief(machine, "a"));
            assertEquals("void 0", brief(machine, "never"));
            assertEquals("unseen 0", brief(machine, "other"));
        }
    }

    private static String brief(BrokerMachine machine, String id) {
        IdReceipt r = machine.ids().receipt("/", "orders", id);
        return r.outcome() + " " + r.duplicates() + places(r.places());
    }

    private static String brief(BrokerMachine machine, String producer, long seq) {
        Receipt r = machine.receipts().receipt("/", producer, seq);
        return producer + "." + seq + " " + r.outcome() + " " + r.epoch() + " " + r.duplicates() + places(r.places());
    }

    private static String places(List<Receipt.Place> places) {
        return places.stream()
                .map(p -> " " + p.queue() + " " + p.state() + (p.from().isEmpty() ? "" : " from " + p.from()))
                .collect(Collectors.joining());
    }

    @ParameterizedTest
    @EnumSource
    void aNodeGoesOnFromItsStore(GoldenLevel level) throws Exception {
        copyFiles(level);
        startAndCompare();
    }

    @ParameterizedTest
    @EnumSource
    void aNodeWhoseStoreIsGoneHasTheSameStateFromTheLog(GoldenLevel level) throws Exception {
        copyFiles(level);
        try (Stream<Path> all = Files.list(dir.resolve("store"))) {
            for (Path p : (Iterable<Path>) all::iterator) {
                Files.delete(p);
            }
        }
        startAndCompare();
    }

    private void startAndCompare() throws Exception {
        Stores stores = new Stores(RocksStoreConfig.in(dir.resolve("store")));
        try (RaftBroker node = new RaftBroker(new RaftBroker.Parts(
                GoldenLog.config(dir.resolve("raft"), RaftTuning.DEFAULTS),
                stores,
                RuntimeTuning.DEFAULTS,
                (reason, cause) -> fatal.add(reason)))) {
            node.start();
            BrokerView.DigestAt expected = new BrokerView.DigestAt(fact("probe.index"), fact("probe.digest"));
            assertEquals(List.of(expected), recentDigests(node));
        }
        assertEquals(List.of(), List.copyOf(fatal));
        try (RocksStore store = openStore()) {
            assertTrue(store.applied().index() > fact("probe.index"), "this start has registered behind it");
            assertEquals(
                    new StoredMessages(fact("probe.messages"), fact("probe.messages.digest")),
                    StoredMessages.in(store));
        }
    }

    /** Those that it knows once it serves. */
    private List<BrokerView.DigestAt> recentDigests(RaftBroker node) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!node.readyToServe() || node.read(BrokerView::appliedIndex) <= fact("probe.index") + 1) {
            assertEquals(List.of(), List.copyOf(fatal));
            assertTrue(System.nanoTime() < end, "it never serves: applied " + node.read(BrokerView::appliedIndex));
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
        return node.read(BrokerView::recentDigests);
    }

    @ParameterizedTest
    @EnumSource
    void fieldsOfANewerProgramArePassedOverOrRefused(GoldenLevel level) throws Exception {
        copyFiles(level);
        try (RocksStore store = openStore()) {
            addField(store, level.withFields(), 128);
            addField(store, level.withFields(), 200);
        }
        try (RocksStore store = openStore()) {
            assertEquals(fact("store.digest"), new BrokerMachine(store).digest());
            assertEquals(fact("store.messages.digest"), StoredMessages.in(store).digest());
        }
        try (RocksStore store = openStore()) {
            for (byte type : level.atStart) {
                Map<byte[], byte[]> before = addField(store, List.of(type), 127);
                String text = assertThrows(
                                UnknownFormatException.class, () -> new BrokerMachine(store), "records of type " + type)
                        .getMessage();
                assertTrue(text.contains("tag 127") && text.contains("start the version"), text);
                before.forEach(store::put);
                store.commit(store.applied());
            }
        }
    }

    /** Adds one field to each record of these types. Returns the records as they were. */
    private static Map<byte[], byte[]> addField(RocksStore store, List<Byte> types, int tag) {
        Map<byte[], byte[]> before = new LinkedHashMap<>();
        types.forEach(type -> store.scan(Keys.of(type), before::put));
        before.forEach((k, v) -> store.put(
                k,
                new ByteWriter()
                        .raw(v, 0, v.length)
                        .varint(tag)
                        .bytes(new byte[] {1, 2, 3})
                        .toBytes()));
        store.commit(store.applied());
        return before;
    }

    /** Who raises the level writes files of it. */
    @Test
    void theNewestLevelHasFiles() {
        assertTrue(!GoldenLevel.newest().isEmpty());
    }

    /** A record that is in no store here could be changed, with its reader, and nothing would tell. */
    @Test
    void eachTypeOfRecordIsInSomeStore() throws Exception {
        Set<Byte> seen = new TreeSet<>();
        Stream.of(GoldenLevel.values()).forEach(level -> seen.addAll(level.types()));
        List<String> missing = new ArrayList<>();
        for (Field f : Keys.class.getFields()) {
            if (f.getType() == byte.class && !seen.contains(f.getByte(null))) {
                missing.add(f.getName());
            }
        }
        assertEquals(List.of(), missing);
    }

    @Test
    void theNextLevelIsRefused() throws Exception {
        copyFiles(GoldenLevel.newest().get(0));
        try (RocksStore store = openStore()) {
            MessageStore.Applied a = store.applied();
            store.commit(new MessageStore.Applied(a.term(), a.index(), a.clock(), BrokerMachine.LEVELS.max() + 1));
        }
        String text = assertThrows(StoreException.class, this::openStore).getMessage();
        assertTrue(
                text.contains(
                        "is of level " + (BrokerMachine.LEVELS.max() + 1) + ", and this version of TallyMQ knows"),
                text);
    }

    private static final class Stores implements StoreProvider {
        private final RocksStoreConfig config;
        private volatile RocksStore store;

        Stores(RocksStoreConfig config) {
            this.config = config;
        }

        @Override
        public MessageStore open(Consumer<String> onFailure) {
            store = RocksStore.open(config, BrokerMachine.LEVELS, onFailure);
            return store;
        }

        @Override
        public MessageStore.Applied durable() {
            return store.durable();
        }

        @Override
        public void forceDurable() {
            store.forceDurable();
        }

        @Override
        public Path checkpoint(Path directory) {
            return store.checkpoint(directory);
        }

        @Override
        public void verify(Path copy) {
            new StoredCopy(copy, BrokerMachine.LEVELS).verify();
        }

        @Override
        public void install(Path copy) {
            RocksStore.install(config, copy);
        }
    }
}
