package io.tallymq.node;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaMethodCall;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.EvaluationResult;
import io.netty.channel.EventLoop;
import io.tallymq.broker.Broker;
import io.tallymq.broker.Session;
import io.tallymq.broker.command.Command;
import io.tallymq.tally.TallyMain;
import java.io.File;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.net.Socket;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.slf4j.LoggerFactory;

/**
 * The house's rules: who may know whom, and what keeps the pure core pure. Every rule has a twin: an offending class on which
 * it must fail, so that no rule is an empty promise.
 */
class ArchitectureTest {
    private static final String BROKER = "io.tallymq.broker..";
    private static final String RAFT = "io.tallymq.raft..";
    private static final String RAFT_LOG = "io.tallymq.raft.log..";
    private static final String STORE = "io.tallymq.store..";
    private static final String WIRE = "io.tallymq.amqp.wire..";
    /** The rooms of a client's connection; which of them may use which is in RoomsTest. */
    private static final String[] CONNECTION = {
        "io.tallymq.amqp.config..",
        "io.tallymq.amqp.socket..",
        "io.tallymq.amqp.settle..",
        "io.tallymq.amqp.channel..",
        "io.tallymq.amqp.delivery..",
        "io.tallymq.amqp.publish..",
        "io.tallymq.amqp.session.."
    };

    private static final String SOCKET = "io.tallymq.amqp.socket..";
    private static final String FILTER = "io.tallymq.amqp.filter..";
    private static final String RECEIPTS = "io.tallymq.amqp.receipts..";
    private static final String ADMIN = "io.tallymq.admin..";
    private static final String LOGIN = "io.tallymq.login..";
    /** What everything may use that runs by the clock. */
    private static final String TIMER = "io.tallymq.timer..";

    /** What everything may use that reads what another version wrote. */
    private static final String FORMAT = "io.tallymq.format..";

    private static final String NET = "io.tallymq.net..";
    /** What everything may use that asks for free space. */
    private static final String DISK = "io.tallymq.disk..";

    private static final String NODE = "io.tallymq.node..";
    /** The command line. */
    private static final String TALLY = "io.tallymq.tally..";

    private static final String TALLY_AMQP = "io.tallymq.tally.amqp..";

    private static final JavaClasses PRODUCT = product();

    private static JavaClasses product() {
        // The importer tells every class it meets, hundreds of lines of it.
        ((Logger) LoggerFactory.getLogger("com.tngtech.archunit")).setLevel(Level.WARN);
        return new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("io.tallymq");
    }

    /**
     * @param subjects the classes of the product it binds
     * @param rule the rule, for any subjects
     * @param offender breaks it
     */
    private record House(
            String name,
            DescribedPredicate<JavaClass> subjects,
            Function<DescribedPredicate<JavaClass>, ArchRule> rule,
            Class<?> offender) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<House> rules() {
        return Stream.of(directions(), libraries(), purity(), everywhere()).flatMap(List::stream);
    }

    private static List<House> directions() {
        return List.of(
                new House("broker knows only itself and formats", in(BROKER), knowsOf(BROKER, FORMAT), KnowsNode.class),
                new House(
                        "raft knows broker",
                        in(RAFT),
                        knowsOf(RAFT, BROKER, TIMER, FORMAT, NET, DISK),
                        KnowsNode.class),
                new House(
                        "the log knows no broker",
                        in(RAFT_LOG),
                        knowsOf(RAFT_LOG, TIMER, FORMAT, NET, DISK),
                        KnowsBroker.class),
                new House(
                        "store knows broker", in(STORE), knowsOf(STORE, BROKER, TIMER, FORMAT, DISK), KnowsNode.class),
                new House("wire knows no broker", in(WIRE), knowsOf(WIRE), KnowsBroker.class),
                new House(
                        "connections know wire and broker",
                        in(CONNECTION),
                        knowsOf(WIRE, FILTER, RECEIPTS, BROKER, TIMER, FORMAT),
                        KnowsNode.class),
                new House("sockets know no broker", in(SOCKET), knowsOf(SOCKET, TIMER), KnowsBroker.class),
                new House(
                        "receipts know wire, broker and timers",
                        in(RECEIPTS),
                        knowsOf(RECEIPTS, WIRE, BROKER, TIMER),
                        KnowsNode.class),
                new House("filters know broker", in(FILTER), knowsOf(FILTER, BROKER), KnowsNode.class),
                new House(
                        "admin knows broker",
                        in(ADMIN),
                        knowsOf(ADMIN, BROKER, LOGIN, TIMER, FORMAT, NET, DISK),
                        KnowsNode.class),
                new House("the command line knows itself only", in(TALLY), knowsOf(TALLY), KnowsBroker.class),
                new House("nobody knows the command line", outside(TALLY), avoids(TALLY), KnowsTally.class),
                new House("logins know broker", in(LOGIN), knowsOf(LOGIN, BROKER, TIMER, NET), KnowsNode.class));
    }

    private static List<House> libraries() {
        return List.of(
                new House(
                        "wire has no sockets",
                        in(WIRE),
                        avoids("io.netty.channel..", "io.netty.bootstrap..", "java.net..", "java.nio.channels.."),
                        OpensSocket.class),
                new House(
                        "only what moves messages from the command line knows RabbitMQ's client",
                        outside(TALLY_AMQP),
                        avoids("com.rabbitmq.."),
                        KnowsRabbit.class),
                new House("only raft knows Ratis", outside(RAFT), avoids("org.apache.ratis.."), KnowsRatis.class),
                new House("only store knows RocksDB", outside(STORE), avoids("org.rocksdb.."), KnowsRocks.class));
    }

    private static List<House> purity() {
        var core = in(BROKER);
        var decides = core.and(new Is("not the front ends' door", c -> !isDoor(c)));
        return List.of(
                new House("core uses the plain language only", decides, usesOnlyPlainJava(), OpensSocket.class),
                new House("core does no file I/O", decides, usesOnlyPlainJava(), ReadsFile.class),
                new House("core starts no work elsewhere", decides, usesOnlyPlainJava(), RunsElsewhere.class),
                new House("core has no clock", core, callsNone(CLOCKS), ReadsClock.class),
                new House("core has no timer or date", core, usesNone(CLOCK_TYPES), MakesDate.class),
                new House("core throws no dice", core, usesNone(RANDOM_TYPES), ThrowsDice.class),
                new House("core calls no random source", core, callsNone(RANDOM), MakesUuid.class),
                new House("core has no threads", core, usesNone(THREAD_TYPES), StartsThread.class),
                new House("core prints nothing", core, touchesNoConsole(), Prints.class),
                new House("core has no hash order", core, usesNone(HASH_TYPES), IteratesHash.class),
                new House("core has no identity order", core, usesNone(HASH_TYPES), IteratesIdentity.class),
                new House("core has no salted order", core, keepsNoSaltedOrder(), IteratesSalted.class));
    }

    private static List<House> everywhere() {
        return List.of(
                new House("formats know nothing", in(FORMAT), knowsOf(FORMAT), KnowsBroker.class),
                new House("disks know nothing", in(DISK), knowsOf(DISK), KnowsBroker.class),
                new House("ports know timers", in(NET), knowsOf(NET, TIMER), KnowsBroker.class),
                new House("timers know nothing", in(TIMER), knowsOf(TIMER), KnowsBroker.class),
                new House("no scheduler but through Timers", outside(TIMER), schedulesNothing(), Schedules.class),
                new House(
                        "nobody reads Java's own objects from bytes",
                        in("io.tallymq.."),
                        usesNone(OBJECTS),
                        Revives.class),
                new House("no static variable", in("io.tallymq.."), staticsAreFinal(), HasStaticVariable.class),
                new House("no static container", in("io.tallymq.."), staticsHoldNothing(), HasStaticMap.class));
    }

    @ParameterizedTest
    @MethodSource("rules")
    void holds(House house) {
        EvaluationResult result = house.rule
                .apply(house.subjects)
                .allowEmptyShould(true)
                .as(house.name)
                .evaluate(PRODUCT);
        assertFalse(result.hasViolation(), () -> result.getFailureReport().toString());
    }

    @ParameterizedTest
    @MethodSource("rules")
    void canFail(House house) {
        var offending = new ClassFileImporter().importClasses(house.offender);
        var subject = new Is("the offender", c -> c.isEquivalentTo(house.offender));
        assertTrue(house.rule.apply(subject).evaluate(offending).hasViolation(), house.offender.getSimpleName());
    }

    @Test
    void seesTheProduct() {
        assertTrue(PRODUCT.contain(Broker.class) && PRODUCT.contain(Command.class) && PRODUCT.contain(Main.class));
    }

    // ---- what the rules are made of

    private static final class Is extends DescribedPredicate<JavaClass> {
        private final Function<JavaClass, Boolean> test;

        Is(String description, Function<JavaClass, Boolean> test) {
            super(description);
            this.test = test;
        }

        @Override
        public boolean test(JavaClass c) {
            return test.apply(c);
        }
    }

    private static DescribedPredicate<JavaClass> in(String... packages) {
        return resideInAnyPackage(packages);
    }

    private static DescribedPredicate<JavaClass> outside(String... packages) {
        return resideInAnyPackage("io.tallymq..").and(resideOutsideOfPackages(packages));
    }

    /** Broker and Session are what front ends hold: they name futures and executors, and decide nothing. */
    private static boolean isDoor(JavaClass c) {
        return c.isEquivalentTo(Broker.class) || c.isEquivalentTo(Session.class);
    }

    private static Function<DescribedPredicate<JavaClass>, ArchRule> knowsOf(String... packages) {
        return subjects -> noClasses()
                .that(subjects)
                .should()
                .dependOnClassesThat(outside(packages).and(DescribedPredicate.not(subjects)));
    }

    private static Function<DescribedPredicate<JavaClass>, ArchRule> avoids(String... packages) {
        return subjects -> noClasses().that(subjects).should().dependOnClassesThat(in(packages));
    }

    private static Function<DescribedPredicate<JavaClass>, ArchRule> usesOnlyPlainJava() {
        DescribedPredicate<JavaClass> plain = in(
                        BROKER,
                        FORMAT,
                        "java.lang",
                        "java.lang.annotation",
                        "java.lang.invoke",
                        "java.lang.runtime",
                        "java.math",
                        "java.nio",
                        "java.nio.charset",
                        "java.util",
                        "java.util.function",
                        "java.util.stream",
                        "java.util.zip",
                        "com.google.re2j") // patterns in linear time: decision 023
                // read while it changes, in one order: decision 033
                .or(new Is("a sorted map", c -> c.isEquivalentTo(ConcurrentSkipListMap.class)))
                .or(new Is("primitive or array", c -> c.isPrimitive() || c.isArray()));
        return subjects -> classes().that(subjects).should().onlyDependOnClassesThat(plain.or(subjects));
    }

    private static final List<String> CLOCK_TYPES =
            List.of("java.util.Date", "java.util.Calendar", "java.util.Timer", "java.util.TimerTask");
    private static final List<String> RANDOM_TYPES =
            List.of("java.util.Random", "java.util.SplittableRandom", "java.security.SecureRandom");
    private static final List<String> THREAD_TYPES = List.of(
            "java.lang.Thread",
            "java.lang.ThreadLocal",
            "java.lang.Runtime",
            "java.lang.Process",
            "java.lang.ProcessBuilder");
    private static final List<String> HASH_TYPES = List.of(
            "java.util.HashMap",
            "java.util.HashSet",
            "java.util.IdentityHashMap",
            "java.util.WeakHashMap",
            "java.util.Hashtable",
            "java.util.Properties");

    private static final List<String> CLOCKS =
            List.of("java.lang.System.currentTimeMillis", "java.lang.System.nanoTime", "java.time.Instant.now");
    /** What comes from a wire or a disk makes no object of a class that it names. */
    private static final List<String> OBJECTS =
            List.of("java.io.ObjectInputStream", "java.io.ObjectInput", "java.beans.XMLDecoder");

    private static final List<String> RANDOM = List.of(
            "java.lang.Math.random",
            "java.util.UUID.randomUUID",
            "java.lang.System.identityHashCode",
            "java.util.Collections.shuffle",
            "java.util.Collection.parallelStream",
            "java.util.stream.BaseStream.parallel");
    /** Their order changes with every start of a JVM, or nobody promises it. */
    private static final List<String> SALTED = List.of(
            "java.util.Map.copyOf",
            "java.util.Map.ofEntries",
            "java.util.Set.copyOf",
            "java.util.Map.of/4+",
            "java.util.Set.of/2+",
            "java.util.stream.Collectors.toSet",
            "java.util.stream.Collectors.toMap/2",
            "java.util.stream.Collectors.groupingBy/1");

    private static Function<DescribedPredicate<JavaClass>, ArchRule> usesNone(List<String> types) {
        var named = new Is("one of " + types, c -> types.contains(c.getFullName()));
        return subjects -> noClasses().that(subjects).should().dependOnClassesThat(named);
    }

    private static Function<DescribedPredicate<JavaClass>, ArchRule> callsNone(List<String> methods) {
        var named = new DescribedPredicate<JavaMethodCall>("one of " + methods) {
            @Override
            public boolean test(JavaMethodCall call) {
                return methods.stream().anyMatch(m -> names(m, call));
            }
        };
        return subjects -> noClasses().that(subjects).should().callMethodWhere(named);
    }

    /** A scheduler forgets what throws: {@code Timers} does not. */
    private static Function<DescribedPredicate<JavaClass>, ArchRule> schedulesNothing() {
        var schedules = new DescribedPredicate<JavaAccess<?>>("schedules something") {
            @Override
            public boolean test(JavaAccess<?> access) {
                return access.getName().startsWith("schedule")
                        && access.getTargetOwner().isAssignableTo(ScheduledExecutorService.class);
            }
        };
        return subjects -> noClasses().that(subjects).should().accessTargetWhere(schedules);
    }

    /** What is made in salted order has to be sorted at once: {@code new TreeMap<>(Map.of(..))}. */
    private static Function<DescribedPredicate<JavaClass>, ArchRule> keepsNoSaltedOrder() {
        var unsorted = new DescribedPredicate<JavaMethodCall>("one of " + SALTED + ", not sorted at once") {
            @Override
            public boolean test(JavaMethodCall call) {
                return isSalted(call) && !sortsAll(call.getOrigin());
            }
        };
        return subjects -> noClasses().that(subjects).should().callMethodWhere(unsorted);
    }

    private static boolean isSalted(JavaMethodCall call) {
        return SALTED.stream().anyMatch(m -> names(m, call));
    }

    private static boolean sortsAll(JavaCodeUnit unit) {
        long salted = unit.getMethodCallsFromSelf().stream()
                .filter(ArchitectureTest::isSalted)
                .count();
        long sorted = unit.getConstructorCallsFromSelf().stream()
                .filter(call -> List.of("java.util.TreeMap", "java.util.TreeSet")
                        .contains(call.getTargetOwner().getFullName()))
                .filter(call -> call.getTarget().getRawParameterTypes().stream()
                        .anyMatch(type -> type.isAssignableTo(Map.class) || type.isAssignableTo(Collection.class)))
                .count();
        return sorted >= salted;
    }

    /** {@code type.method}, {@code type.method/2} with two parameters, {@code type.method/2+} with at least two. */
    private static boolean names(String pattern, JavaMethodCall call) {
        int slash = pattern.indexOf('/');
        String name = call.getTargetOwner().getFullName() + "." + call.getName();
        int arity = call.getTarget().getRawParameterTypes().size();
        if (slash < 0) {
            return name.equals(pattern);
        }
        String wanted = pattern.substring(slash + 1);
        boolean fits = wanted.endsWith("+")
                ? arity >= Integer.parseInt(wanted.substring(0, wanted.length() - 1))
                : arity == Integer.parseInt(wanted);
        return fits && name.equals(pattern.substring(0, slash));
    }

    private static Function<DescribedPredicate<JavaClass>, ArchRule> touchesNoConsole() {
        var streams = new DescribedPredicate<JavaAccess<?>>("a standard stream") {
            @Override
            public boolean test(JavaAccess<?> access) {
                return access.getTargetOwner().isEquivalentTo(System.class)
                        && List.of("out", "err", "in").contains(access.getName());
            }
        };
        return subjects -> noClasses().that(subjects).should().accessTargetWhere(streams);
    }

    private static Function<DescribedPredicate<JavaClass>, ArchRule> staticsAreFinal() {
        return subjects -> fields().that()
                .areStatic()
                .and()
                .areDeclaredInClassesThat(subjects)
                .should()
                .beFinal();
    }

    private static Function<DescribedPredicate<JavaClass>, ArchRule> staticsHoldNothing() {
        var containers = new Is("a mutable container", ArchitectureTest::isContainer);
        return subjects -> fields().that()
                .areStatic()
                .and()
                .areDeclaredInClassesThat(subjects)
                .should()
                .notHaveRawType(containers);
    }

    private static boolean isContainer(JavaClass type) {
        boolean collection = type.isAssignableTo(Collection.class) || type.isAssignableTo(Map.class);
        boolean implementation =
                !type.isInterface() && !type.getModifiers().contains(JavaModifier.ABSTRACT) && collection;
        return implementation
                || type.getPackageName().startsWith("java.util.concurrent.atomic")
                || type.isAssignableTo(ThreadLocal.class)
                || type.isAssignableTo(StringBuilder.class);
    }

    // ---- the offenders

    private static final class KnowsNode {
        Class<?> node() {
            return Main.class;
        }
    }

    private static final class KnowsBroker {
        Command command;
    }

    private static final class KnowsTally {
        Class<?> tally() {
            return TallyMain.class;
        }
    }

    private static final class KnowsRabbit {
        com.rabbitmq.client.Connection connection;
    }

    private static final class KnowsRatis {
        org.apache.ratis.protocol.RaftPeerId peer;
    }

    private static final class KnowsRocks {
        org.rocksdb.RocksDB db;
    }

    private static final class OpensSocket {
        Socket socket;
    }

    private static final class ReadsFile {
        boolean there() {
            return new File("x").exists();
        }
    }

    private static final class RunsElsewhere {
        CompletableFuture<Void> run() {
            return CompletableFuture.runAsync(() -> {});
        }
    }

    private static final class ReadsClock {
        long now() {
            return System.nanoTime();
        }
    }

    private static final class MakesDate {
        @SuppressWarnings("JavaUtilDate")
        Object now() {
            return new java.util.Date();
        }
    }

    private static final class ThrowsDice {
        int dice() {
            return new Random().nextInt(6);
        }
    }

    private static final class MakesUuid {
        Object id() {
            return UUID.randomUUID();
        }
    }

    private static final class StartsThread {
        void start() {
            new Thread(() -> {}).start();
        }
    }

    private static final class Prints {
        void print() {
            System.out.println();
        }
    }

    private static final class IteratesHash {
        final Map<String, String> map = new HashMap<>();
    }

    private static final class IteratesIdentity {
        final Map<String, String> map = new IdentityHashMap<>();
    }

    private static final class IteratesSalted {
        List<String> names() {
            return new ArrayList<>(Set.of("a", "b"));
        }
    }

    private static final class Schedules {
        Object soon(EventLoop loop) {
            return loop.schedule(() -> {}, 1, TimeUnit.SECONDS);
        }
    }

    private static final class Revives {
        Object revived(ObjectInputStream in) throws IOException, ClassNotFoundException {
            return in.readObject();
        }
    }

    private static final class HasStaticVariable {
        static int count;
    }

    private static final class HasStaticMap {
        static final HashMap<String, String> MAP = new HashMap<>();
    }
}
