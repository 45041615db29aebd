package io.tallymq.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * The rooms of the broker, of the replicated log, of the AMQP front end and of the HTTP API: which may use which, and how many files fit. A room that is not in a
 * table has to be put there.
 */
class RoomsTest {
    private static final String BROKER = "io.tallymq.broker";
    private static final String RAFT = "io.tallymq.raft";
    private static final String RAFT_LOG = RAFT + ".log";
    private static final String AMQP = "io.tallymq.amqp";
    private static final String ADMIN = "io.tallymq.admin";
    /** Files of a room, without what is said of the package. */
    private static final int MOST_FILES = 35;
    /** Commands are a sealed family: they can't live elsewhere. */
    private static final int MOST_COMMANDS = 60;

    /** From the ground up: each knows only what stands here, and itself. */
    private static final Map<String, Set<String>> ROOMS = new TreeMap<>(Map.ofEntries(
            Map.entry("message", Set.of()),
            Map.entry("limits", Set.of()),
            Map.entry("spec", Set.of("message")),
            Map.entry("store", Set.of("message")),
            Map.entry("change", Set.of("message", "spec")),
            Map.entry("command", Set.of("message", "spec", "change")),
            Map.entry("history", Set.of("message", "store", "view")),
            Map.entry("stream", Set.of("message", "store", "aside")),
            Map.entry("aside", Set.of("message", "store")),
            Map.entry("filter", Set.of("message", "store", "settings", "view")),
            Map.entry("browse", Set.of("message", "store", "view")),
            Map.entry("dedup", Set.of("message", "store", "view")),
            Map.entry("receipts", Set.of("message", "limits", "spec", "store", "view", "effect")),
            Map.entry("ids", Set.of("message", "store", "settings", "receipts", "view")),
            Map.entry("view", Set.of("message", "limits", "spec", "store")),
            Map.entry("effect", Set.of("message", "limits", "spec", "store")),
            Map.entry("settings", Set.of("message", "limits", "effect")),
            Map.entry("access", Set.of("message", "limits", "spec", "store", "view", "effect", "settings", "change")),
            Map.entry("routing", Set.of("message", "limits", "spec", "store", "view", "effect", "settings")),
            Map.entry("chunk", Set.of("message", "limits", "store", "command")),
            Map.entry("reports", Set.of("message", "store", "chunk")),
            Map.entry("lane", Set.of("message", "limits", "store", "view", "chunk", "reports", "filter", "aside")),
            Map.entry(
                    "queue",
                    Set.of(
                            "message",
                            "limits",
                            "spec",
                            "store",
                            "command",
                            "view",
                            "effect",
                            "settings",
                            "chunk",
                            "reports",
                            "filter",
                            "stream",
                            "aside",
                            "lane")),
            Map.entry(
                    "queues",
                    Set.of(
                            "message",
                            "limits",
                            "spec",
                            "store",
                            "command",
                            "view",
                            "effect",
                            "settings",
                            "dedup",
                            "chunk",
                            "reports",
                            "aside",
                            "lane",
                            "queue")),
            Map.entry("time", Set.of("message", "store", "view", "queue")),
            Map.entry("life", Set.of("message", "limits", "spec", "store", "command", "view", "effect", "queue")),
            Map.entry(
                    "moving",
                    Set.of(
                            "access",
                            "chunk",
                            "command",
                            "dedup",
                            "effect",
                            "ids",
                            "lane",
                            "limits",
                            "message",
                            "queue",
                            "queues",
                            "receipts",
                            "reports",
                            "routing",
                            "settings",
                            "spec",
                            "store",
                            "time",
                            "view")),
            Map.entry(
                    "processing",
                    Set.of(
                            "access",
                            "aside",
                            "change",
                            "chunk",
                            "command",
                            "dedup",
                            "effect",
                            "filter",
                            "ids",
                            "lane",
                            "life",
                            "limits",
                            "message",
                            "moving",
                            "queue",
                            "queues",
                            "receipts",
                            "reports",
                            "routing",
                            "settings",
                            "spec",
                            "stream",
                            "time",
                            "view")),
            Map.entry(
                    "publish",
                    Set.of(
                            "access",
                            "chunk",
                            "command",
                            "dedup",
                            "effect",
                            "history",
                            "ids",
                            "life",
                            "limits",
                            "message",
                            "moving",
                            "processing",
                            "queue",
                            "queues",
                            "receipts",
                            "reports",
                            "routing",
                            "settings",
                            "spec",
                            "store",
                            "time",
                            "view"))));

    /** What a channel works with stands below what it delivers and what it publishes, and these two don't know each other. */
    private static final Map<String, Set<String>> AMQP_ROOMS = new TreeMap<>(Map.of(
            "wire", Set.of(),
            "socket", Set.of(),
            "settle", Set.of(),
            "filter", Set.of(),
            "config", Set.of("wire"),
            "receipts", Set.of("wire"),
            "channel", Set.of("wire", "config", "socket", "settle", "receipts"),
            "delivery", Set.of("wire", "config", "socket", "settle", "receipts", "filter", "channel"),
            "publish", Set.of("wire", "config", "socket", "settle", "receipts", "channel"),
            "session",
                    Set.of(
                            "wire",
                            "config",
                            "socket",
                            "settle",
                            "receipts",
                            "filter",
                            "channel",
                            "delivery",
                            "publish")));

    /** Of what makes a broker of log and store. The facade above them is all that front ends hold. */
    private static final Map<String, Set<String>> RAFT_ROOMS = new TreeMap<>(Map.of(
            "anatomy", Set.of(),
            "copies", Set.of(),
            "pace", Set.of(),
            "trace", Set.of(),
            "vitals", Set.of(),
            "log", Set.of(),
            "cluster", Set.of("log"),
            "entry", Set.of("anatomy", "log"),
            "session", Set.of("anatomy", "pace", "trace", "entry", "cluster")));

    /** Of the replicated log. The facade above them is the node; what Ratis calls is in {@code state} and {@code ratis}. */
    private static final Map<String, Set<String>> LOG_ROOMS = new TreeMap<>(Map.of(
            "config", Set.of(),
            "state", Set.of("config"),
            "ratis", Set.of("config"),
            "files", Set.of("config", "ratis"),
            "link", Set.of("config", "state"),
            "checkpoint", Set.of("config", "state", "ratis", "link"),
            "election", Set.of("config", "state", "ratis", "link")));

    /** A request is what all of the API works with; each group of paths has a room. */
    private static final Map<String, Set<String>> ADMIN_ROOMS = new TreeMap<>(Map.of(
            "request", Set.of(),
            "list", Set.of("request"),
            "stats", Set.of("request"),
            "http", Set.of("request"),
            "access", Set.of("request", "list", "stats"),
            "topology", Set.of("request", "list", "stats"),
            "advice", Set.of("request", "stats"),
            "messages", Set.of("request", "list", "stats", "topology"),
            "cluster", Set.of("request", "list", "stats", "access", "topology"),
            "definitions", Set.of("request", "list", "stats", "access", "topology", "cluster")));

    private static final JavaClasses PRODUCT = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.tallymq");

    @Test
    void eachRoomUsesWhatItMay() {
        assertEquals(List.of(), violations(BROKER, ROOMS));
        assertEquals(List.of(), violations(AMQP, AMQP_ROOMS));
        assertEquals(List.of(), violations(RAFT, RAFT_ROOMS));
        assertEquals(List.of(), violations(RAFT_LOG, LOG_ROOMS));
        assertEquals(List.of(), violations(ADMIN, ADMIN_ROOMS));
    }

    @Test
    void noTableGoesInCircles() {
        for (Map<String, Set<String>> rooms : List.of(ROOMS, RAFT_ROOMS, LOG_ROOMS, AMQP_ROOMS, ADMIN_ROOMS)) {
            assertEquals(Set.of(), circles(rooms));
        }
        assertEquals(Set.of("a", "b"), circles(Map.of("a", Set.of("b"), "b", Set.of("a", "c"), "c", Set.of())));
    }

    /** Rooms of which none can be built before the others. */
    private static Set<String> circles(Map<String, Set<String>> rooms) {
        Set<String> left = new TreeSet<>(rooms.keySet());
        while (left.removeIf(room -> rooms.get(room).stream().noneMatch(left::contains))) {
            continue;
        }
        return left;
    }

    @Test
    void aRoomThatUsesMoreIsFound() {
        Map<String, Set<String>> stricter = new TreeMap<>(ROOMS);
        stricter.put("queue", Set.of("message"));
        assertFalse(violations(BROKER, stricter).isEmpty());
        Map<String, Set<String>> withoutChannel = new TreeMap<>(AMQP_ROOMS);
        withoutChannel.put("delivery", Set.of("wire", "config", "socket", "settle", "receipts", "filter"));
        assertFalse(violations(AMQP, withoutChannel).isEmpty());
    }

    private static List<String> violations(String house, Map<String, Set<String>> rooms) {
        Set<String> found = new TreeSet<>();
        for (JavaClass c : classes(house)) {
            String room = room(house, c);
            if (room == null) {
                continue; // the facade
            }
            Set<String> allowed = rooms.get(room);
            if (allowed == null) {
                found.add("the room " + room + " is not in the table");
                continue;
            }
            c.getDirectDependenciesFromSelf().forEach(d -> {
                JavaClass target = d.getTargetClass().getBaseComponentType();
                if (!target.getPackageName().startsWith(house)) {
                    return;
                }
                String used = room(house, target);
                if (used == null || !used.equals(room) && !allowed.contains(used)) {
                    found.add(c.getSimpleName() + " of " + room + " uses " + target.getName());
                }
            });
        }
        return new ArrayList<>(found);
    }

    @Test
    void noRoomIsCrowded() {
        Map<String, Set<String>> files = new TreeMap<>();
        for (JavaClass c : classes(BROKER, RAFT, AMQP, ADMIN)) {
            if (c.getSimpleName().equals("package-info")) {
                continue;
            }
            c.getSource().flatMap(s -> s.getFileName()).ifPresent(name -> files.computeIfAbsent(
                            c.getPackageName(), p -> new TreeSet<>())
                    .add(name));
        }
        files.entrySet().removeIf(room -> {
            boolean commands = room.getKey().equals(BROKER + ".command");
            return room.getValue().size() <= (commands ? MOST_COMMANDS : MOST_FILES);
        });
        assertEquals(Map.of(), files);
    }

    @Test
    void oneNameMeansOneThing() {
        Map<String, Set<String>> homes = new TreeMap<>();
        for (JavaClass c : PRODUCT) {
            if (c.isTopLevelClass() && !c.getSimpleName().equals("package-info")) {
                homes.computeIfAbsent(c.getSimpleName(), n -> new TreeSet<>()).add(c.getPackageName());
            }
        }
        homes.values().removeIf(packages -> packages.size() == 1);
        assertEquals(Map.of(), homes);
    }

    private static JavaClasses classes(String... houses) {
        return PRODUCT.that(JavaClass.Predicates.resideInAnyPackage(
                Arrays.stream(houses).map(h -> h + "..").toArray(String[]::new)));
    }

    /** A room that has rooms is one, seen from beside it. */
    private static String room(String house, JavaClass c) {
        String name = c.getPackageName();
        if (name.equals(house)) {
            return null;
        }
        String inside = name.substring(house.length() + 1);
        int end = inside.indexOf('.');
        return end < 0 ? inside : inside.substring(0, end);
    }
}
