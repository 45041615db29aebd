package io.tallymq.node.proof;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.LongStream;

/** Looks at another JVM's memory with jcmd, by its process id. */
final class JvmMemory {
    /** The heap of G1, or each generation of the serial collector. */
    private static final Pattern USED = Pattern.compile(
            "(?m)^ *(?:garbage-first heap|def new generation|tenured generation)\\s+total \\d+K, used (\\d+)K");

    private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");
    private static final int COLLECTIONS = 3;

    private JvmMemory() {}

    /** MiB of heap that are still used after full collections: soft caches are not counted, garbage is not counted. */
    static long heapAfterGc(long pid) throws IOException, InterruptedException {
        for (int i = 0; i < COLLECTIONS; i++) {
            jcmd(pid, "GC.run");
        }
        String info = jcmd(pid, "GC.heap_info");
        long used = used(info);
        if (used < 0) {
            throw new ProofException("jcmd " + pid + " GC.heap_info tells no used heap: " + info);
        }
        return used >> 10;
    }

    /** KiB that {@code GC.heap_info} tells as used; below 0 when it tells nothing. */
    static long used(String info) {
        long[] each = USED.matcher(info)
                .results()
                .mapToLong(generation -> Long.parseLong(generation.group(1)))
                .toArray();
        return each.length == 0 ? -1 : LongStream.of(each).sum();
    }

    /** MiB of resident memory; -1 where /proc is missing. */
    static long resident(long pid) throws IOException {
        Path status = Path.of("/proc", Long.toString(pid), "status");
        if (!Files.exists(status)) {
            return -1;
        }
        Matcher resident = RESIDENT.matcher(Files.readString(status));
        return resident.find() ? Long.parseLong(resident.group(1)) >> 10 : -1;
    }

    private static String jcmd(long pid, String what) throws IOException, InterruptedException {
        String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        return Commands.run(List.of(jcmd, Long.toString(pid), what));
    }
}
