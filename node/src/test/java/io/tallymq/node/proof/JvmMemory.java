package io.tallymq.node.proof;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Looks at another JVM's memory with jcmd, by its process id. */
final class JvmMemory {
    private static final Pattern USED = Pattern.compile("garbage-first heap\\s+total \\d+K, used (\\d+)K");
    private static final Pattern RESIDENT = Pattern.compile("VmRSS:\\s+(\\d+) kB");
    private static final int COLLECTIONS = 3;

    private JvmMemory() {}

    /** MiB of heap that are still used after full collections: soft caches are not counted, garbage is not counted. */
    static long heapAfterGc(long pid) throws IOException, InterruptedException {
        for (int i = 0; i < COLLECTIONS; i++) {
            jcmd(pid, "GC.run");
        }
        String info = jcmd(pid, "GC.heap_info");
        Matcher used = USED.matcher(info);
        if (!used.find()) {
            throw new ProofException("jcmd " + pid + " GC.heap_info tells no used heap of G1: " + info);
        }
        return Long.parseLong(used.group(1)) >> 10;
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
