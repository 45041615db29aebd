package io.tallymq.node.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code deploy/tallymq} says when it can not start. */
class LauncherTest {
    @TempDir
    Path dir;

    private Path fakeJava(String version) throws IOException {
        Path bin = Files.createDirectories(dir.resolve("jdk").resolve("bin"));
        Path java = Files.writeString(bin.resolve("java"), "#!/bin/sh\necho started\n");
        assertTrue(java.toFile().setExecutable(true));
        Files.writeString(dir.resolve("jdk").resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
        return dir.resolve("jdk");
    }

    @Test
    void anOldJavaIsRefused() throws IOException {
        Path home = fakeJava("11.0.2");
        Script script = Script.run(Map.of("JAVA_HOME", home.toString()), "tallymq", "--version");
        assertEquals(2, script.exitCode(), script.output());
        assertTrue(script.output().contains("is version '11.0.2': TallyMQ needs Java 17 or newer"), script.output());
    }

    @Test
    void aJavaHomeWithoutJavaIsNamed() {
        Script script = Script.run(Map.of("JAVA_HOME", dir.toString()), "tallymq", "--version");
        assertEquals(2, script.exitCode(), script.output());
        assertTrue(script.output().contains("JAVA_HOME is '" + dir + "'"), script.output());
    }

    /** The launcher as it is installed, with jars in name only: whether the source tree is built plays no role. */
    private String installed() throws IOException {
        Path bin = Files.createDirectories(dir.resolve("installed").resolve("bin"));
        Path lib = Files.createDirectories(dir.resolve("installed").resolve("lib"));
        for (String jar : List.of("raft-log-0.jar", "node-0.jar")) {
            if (Files.notExists(lib.resolve(jar))) {
                Files.createFile(lib.resolve(jar));
            }
        }
        Path deploy = Path.of("..", "deploy").toRealPath();
        Files.copy(
                deploy.resolve("heap-size"),
                bin.resolve("heap-size"),
                StandardCopyOption.COPY_ATTRIBUTES,
                StandardCopyOption.REPLACE_EXISTING);
        Path copy = Files.copy(
                deploy.resolve("tallymq"),
                bin.resolve("tallymq"),
                StandardCopyOption.COPY_ATTRIBUTES,
                StandardCopyOption.REPLACE_EXISTING);
        return deploy.relativize(copy.toRealPath()).toString();
    }

    @Test
    void theNodeReadsUtf8WhateverTheLocale() throws IOException {
        Path home = fakeJava("25");
        Files.writeString(home.resolve("bin").resolve("java"), "#!/bin/sh\necho charmap=$LC_ALL\n");
        String tallymq = installed();
        for (String locale : List.of("C", "POSIX")) {
            Script script = Script.run(Map.of("JAVA_HOME", home.toString(), "LC_ALL", locale), tallymq, "--version");
            assertEquals("charmap=C.UTF-8", script.output().strip());
        }
    }

    @Test
    void whatANodeWritesIsNobodyElsesToRead() throws IOException {
        Path home = fakeJava("25");
        Files.writeString(home.resolve("bin").resolve("java"), "#!/bin/sh\necho umask=$(umask)\n");
        Script script = Script.run(Map.of("JAVA_HOME", home.toString()), installed(), "--version");
        assertEquals("umask=0077", script.output().strip());
    }

    private List<String> heapOptions(Map<String, String> environment) throws IOException {
        return jvmOptions("25", environment).stream()
                .filter(o -> o.startsWith("-Xm") || o.contains("HeapSize="))
                .toList();
    }

    /** What a Java of this version is started with. */
    private List<String> jvmOptions(String version, Map<String, String> environment) throws IOException {
        Path home = fakeJava(version);
        Files.writeString(home.resolve("bin").resolve("java"), "#!/bin/sh\nprintf '%s\\n' \"$@\"\n");
        Map<String, String> all = new LinkedHashMap<>(environment);
        all.put("JAVA_HOME", home.toString());
        Script script = Script.run(all, installed(), "--version");
        return script.output().lines().toList();
    }

    @Test
    void theHeapIsWhatTheMemoryAllowsUnlessToldOtherwise() throws IOException {
        String size = Script.run(Map.of(), "heap-size").output().strip();
        assertEquals(
                List.of("-Xmx" + size + "m", "-XX:InitialHeapSize=72m", "-XX:MinHeapSize=32m"), heapOptions(Map.of()));
    }

    /** What it begins with is the least that it ever has: the serial collector never gives that back. */
    @Test
    void aSmallHeapBeginsSmallUnlessToldOtherwise() throws IOException {
        assertEquals(
                List.of("-XX:InitialHeapSize=72m", "-XX:MinHeapSize=32m", "-Xmx400m"),
                heapOptions(Map.of("TALLYMQ_JAVA_OPTS", "-Xmx400m")));
        assertEquals(
                List.of("-Xmx100m"), heapOptions(Map.of("TALLYMQ_JAVA_OPTS", "-Xmx100m")), "less than it begins with");
        String own = "-Xms300m -Xmx400m";
        assertEquals(List.of("-Xms300m", "-Xmx400m"), heapOptions(Map.of("TALLYMQ_JAVA_OPTS", own)));
    }

    private List<String> collectors(String options) throws IOException {
        return jvmOptions("17.0.15", Map.of("TALLYMQ_JAVA_OPTS", options)).stream()
                .filter(o -> o.startsWith("-XX:+Use") && o.endsWith("GC"))
                .toList();
    }

    /** All of a small heap is collected in a moment; a large one must be marked beside the program. */
    @Test
    void theHeapsSizeDecidesWhoCollectsIt() throws IOException {
        String small = "-XX:+UseSerialGC";
        for (String size : List.of("-ea", "-Xmx512m", "-Xmx300000k", "-XX:MaxHeapSize=268435456", "-Xmx2g -Xmx256M")) {
            assertEquals(List.of(small), collectors(size), size);
        }
        for (String size : List.of("-Xmx513m", "-Xmx1G", "-XX:MaxHeapSize=1t", "-XX:MaxRAMPercentage=2", "-Xms64m")) {
            assertEquals(List.of("-XX:+UseG1GC"), collectors(size), size);
        }
        assertEquals(List.of("-XX:+UseZGC"), collectors("-Xmx2g -XX:+UseZGC"), "the operator's own word");
    }

    /** A JVM does not start with an option that it does not know. */
    @Test
    void aJavaGetsOnlyWhatItKnows() throws IOException {
        for (String version : List.of("17.0.15", "17.0.16.1", "21.0.7", "22", "25.0.1")) {
            assertTrue(trimsThePools(version), version);
        }
        for (String version : List.of("17", "17.0.2", "18.0.2", "21", "21.0.1")) {
            assertFalse(trimsThePools(version), version);
        }
        String younger = "-XX:G1ConcRefinementServiceIntervalMillis=3000";
        Map<String, String> large = Map.of("TALLYMQ_JAVA_OPTS", "-Xmx2g");
        assertTrue(jvmOptions("17.0.15", large).contains(younger));
        assertFalse(jvmOptions("21.0.7", large).contains(younger));
    }

    private boolean trimsThePools(String version) throws IOException {
        return jvmOptions(version, Map.of()).stream().anyMatch(o -> o.startsWith("-XX:TrimNativeHeapInterval="));
    }

    @Test
    void theJavaOfTheseTestsKnowsAllOptions() throws IOException {
        Path home = Path.of(System.getProperty("java.home"));
        for (String heap : List.of("-ea", "-Xmx64m", "-Xmx512m", "-Xms200m -Xmx512m", "-Xmx2g")) {
            Map<String, String> environment = Map.of("JAVA_HOME", home.toString(), "TALLYMQ_JAVA_OPTS", heap);
            Script script = Script.run(environment, installed(), "--version");
            // The class path holds jars in name only, so the JVM comes as far as looking for the main class.
            assertTrue(script.output().contains("ClassNotFoundException"), script.output());
            assertFalse(script.output().contains("warning"), script.output());
        }
    }

    private String theCLibrarysVariables(Map<String, String> environment) throws IOException {
        Path home = fakeJava("25");
        Files.writeString(
                home.resolve("bin").resolve("java"), "#!/bin/sh\necho $MALLOC_ARENA_MAX $MALLOC_MMAP_THRESHOLD_\n");
        Map<String, String> all = new LinkedHashMap<>(environment);
        all.put("JAVA_HOME", home.toString());
        return Script.run(all, installed(), "--version").output().strip();
    }

    @Test
    void theCLibraryGivesMemoryBackUnlessToldOtherwise() throws IOException {
        assertEquals("2 524288", theCLibrarysVariables(Map.of()));
    }

    @Test
    void anOperatorsWordToTheCLibraryStays() throws IOException {
        assertEquals(
                "7 1048576",
                theCLibrarysVariables(Map.of("MALLOC_ARENA_MAX", "7", "MALLOC_MMAP_THRESHOLD_", "1048576")));
    }

    @Test
    void aLargeHeapsSizeIsTheOperators() throws IOException {
        assertEquals(List.of("-Xmx2g"), heapOptions(Map.of("TALLYMQ_JAVA_OPTS", "-ea -Xmx2g")));
    }

    @Test
    void aWordItDoesNotKnowInItsOwnVariableIsRefused() throws IOException {
        Map<String, String> environment = Map.of("JAVA_HOME", fakeJava("25").toString(), "TALLYMQ_CDS", "sometimes");
        Script script = Script.run(environment, "tallymq", "--version");
        assertEquals(2, script.exitCode(), script.output());
    }
}
